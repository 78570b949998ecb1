"""A slow, obvious twin of clearing: plain Python over lists, one passage after another."""

from collections import defaultdict
from dataclasses import dataclass, field
from fractions import Fraction


@dataclass
class Charge:
    """One charged unit of a gantry trade or an exit record; amounts in fen."""

    unit: str
    time: int
    pay: int
    discount: int
    fee: int
    ok: bool = True
    gantry: int = 0


@dataclass
class Exit:
    """What the exit lane reported; `parts` are the provinces' parts of a multi-province exit."""

    kind: str
    media: int
    issuer: str
    toll_province: str
    fee_type: int
    pay: int
    discount: int
    fee: int
    parts: dict[str, int] | None = None
    time: int = 0


@dataclass
class Journey:
    """One passage: its exit, what gantries charged, what its exit record listed."""

    key: int
    exit: Exit
    trades: list[list[Charge]] = field(default_factory=list)
    listed: list[Charge] = field(default_factory=list)
    path: list[Charge] = field(default_factory=list)
    sure: bool = True


def shares(amount: int, weights: list[int]) -> list[int]:
    """Largest remainder with exact fractions; ties go to the earlier."""
    total = sum(weights)
    if total == 0:
        return [0] * len(weights)
    sign, amount = (-1, -amount) if amount < 0 else (1, amount)
    quotas = [Fraction(amount * weight, total) for weight in weights]
    given = [int(quota) for quota in quotas]
    rests = sorted(range(len(weights)), key=lambda i: (-(quotas[i] - given[i]), i))
    for i in rests[: amount - sum(given)]:
        given[i] += 1
    return [sign * share for share in given]


def whole_yuan(fen: int) -> int:
    """Half up to whole yuan."""
    return int(Fraction(fen, 100) + Fraction(1, 2)) * 100


def charged(journey: Journey) -> dict[str, Charge]:
    """The charged units in order, each unit's charges added up, repeats left out."""
    if journey.exit.fee_type in (4, 5, 11):
        rows = [(journey.listed[0].time if journey.listed else 0, c) for c in journey.listed]
    else:
        rows, last = [], {}
        for trade in sorted(journey.trades, key=lambda t: t[0].time):
            head = trade[0]
            if not head.ok:
                continue
            repeat = head.gantry in last and head.time - last[head.gantry] <= 600
            last[head.gantry] = head.time
            if not repeat:
                rows += [(head.time, c) for c in trade]
    units: dict[str, Charge] = {}
    for time, charge in rows:
        unit = units.setdefault(charge.unit, Charge(charge.unit, time, 0, 0, 0))
        unit.pay += charge.pay
        unit.discount += charge.discount
        unit.fee += charge.fee
    return units


@dataclass
class Cleared:
    """One passage cleared: its own part, others' part, what is held, and each unit's share."""

    own: int
    others: int
    held: int
    units: dict[str, tuple[int, int]]


def clear(journey: Journey, own_province: str) -> Cleared:
    """The money of one passage by the rules of the clear day."""
    exit_, units = journey.exit, charged(journey)
    total = sum(unit.fee for unit in units.values())
    others = held = 0
    if exit_.kind != "own":
        own = total if exit_.media == 1 else whole_yuan(total)
    elif exit_.parts is None:
        own = exit_.fee
    elif sum(exit_.parts.values()) != exit_.fee:
        own, held = 0, exit_.fee
    else:
        own = exit_.parts.get(own_province, 0)
        others = exit_.fee - own
    discount = 0
    if exit_.media == 1:
        plain = exit_.kind == "own" and exit_.parts is None
        discount = exit_.discount if plain else sum(unit.discount for unit in units.values())
    weights = list(units.values())
    if exit_.fee_type == 6:
        weights = journey.path if journey.sure else []
    if sum(unit.fee for unit in weights) == 0:
        return Cleared(0, others, held + own, {})
    fees = shares(own, [unit.fee for unit in weights])
    discounts = shares(discount, [unit.discount for unit in weights])
    split = {u.unit: (f, d) for u, f, d in zip(weights, fees, discounts, strict=True)}
    return Cleared(own, others, held, split)


def owner_sums(cleared: list[Cleared], owner_of: dict[str, str]) -> dict[str, int]:
    """What each owner earned."""
    sums: dict[str, int] = defaultdict(int)
    for one in cleared:
        for unit, (fee, _) in one.units.items():
            sums[owner_of.get(unit, "")] += fee
    return dict(sums)


def owner_at(
    handovers: list[tuple[str, int, str]], *, unit_time: int, exit_time: int, clear_from: int
) -> str:
    """The last owner of a unit whose handover has come; the first one's was before all times."""
    time_of = {"gantry": unit_time, "exit": exit_time, "clear_day": clear_from}
    owner = handovers[0][0]
    for incoming, from_time, moment in handovers[1:]:
        if time_of[moment] >= from_time:
            owner = incoming
    return owner
