"""Pure decisions and arithmetic of the ledger."""

import hashlib
import re
from collections import Counter
from collections.abc import Sequence
from datetime import date
from functools import lru_cache
from typing import NamedTuple

import orjson

from tollcentre.core.refusal import Reason, Refusal

from .terms import (
    ACCOUNT_FAMILY_IS_UNKNOWN,
    ACCOUNT_IS_FOR_HOLDS,
    ACCOUNT_PARAMETER_IS_MALFORMED,
    AMOUNT_IS_NEGATIVE,
    AMOUNT_IS_NOT_WHOLE_FEN,
    AMOUNT_IS_TOO_LARGE,
    BATCH_HAS_NO_AMOUNTS,
    BATCH_IS_UNBALANCED,
    BATCH_KEY_MISSING,
    DIMENSION_DIFFERS_FROM_ACCOUNT,
    HOLD_ALREADY_POSTED,
    HOLD_ALREADY_VOIDED,
    HOLD_CLOSED_BEFORE_OPENED,
    HOLD_HOLDS_NOTHING,
    HOLD_KEY_MISSING,
    HOLD_NOT_CLEARED,
    REFUSALS,
    SIDE_IS_UNKNOWN,
    UNKNOWN,
    AccountFamily,
    AccountKind,
    Chart,
    HoldOpening,
    HoldRuling,
    HoldState,
    PostingLine,
    Side,
)

FIRST_PREVIOUS_HASH = "0" * 64
AMOUNT_LIMIT_FEN = 10**15
"""Ten trillion yuan: sums of a thousand such lines still fit a 64-bit integer."""
BATCH_KEY_WIDTH = 96
HOLD_KEY_WIDTH = BATCH_KEY_WIDTH - len("voided:")
SIDES = frozenset(side.value for side in Side)
OTHER_SIDE = {Side.DEBIT.value: Side.CREDIT.value, Side.CREDIT.value: Side.DEBIT.value}
ACCOUNTS_KNOWN = 65_536


class LineValues(NamedTuple):
    """A line as plain values, the clear date as text: its sort key, and what is hashed."""

    account: str
    owner_id: str
    issuer_id: str
    province: str
    party_id: str
    clear_date: str
    media_type: int
    side: str
    amount_fen: int
    memo: str


class HeldOn(NamedTuple):
    """Where money is held: an account for holds, and the dimensions of its entries."""

    account: str
    owner_id: str
    issuer_id: str
    province: str
    party_id: str
    media_type: int


def chart_from(data: dict) -> Chart:
    """The chart that `parameters/chart.yaml` says."""
    families = [
        AccountFamily(
            family=row["family"],
            kind=AccountKind(row["kind"]),
            zh=row["zh"],
            en=row["en"],
            parameter=row.get("parameter", ""),
            pattern=row.get("pattern", ""),
            is_for_holds=row.get("hold", False),
        )
        for row in data["families"]
    ]
    return Chart({family.family: family for family in families})


@lru_cache(ACCOUNTS_KNOWN)
def family_of(account: str, chart: Chart) -> tuple[AccountFamily, str] | None:
    """The family of an account and its parameter; None where no family fits."""
    whole = chart.families.get(account)
    if whole is not None:
        return None if whole.parameter else (whole, "")
    name, _, parameter = account.rpartition(".")
    family = chart.families.get(name)
    if family is None or not family.parameter:
        return None
    return family, parameter


def why_refused(
    batch_key: str, lines: Sequence[PostingLine], chart: Chart, *, of_hold: bool = False
) -> Refusal | None:
    """The first reason of REFUSALS for which the batch cannot be posted; None where it can."""
    if not 0 < len(batch_key) <= BATCH_KEY_WIDTH:
        return Refusal(BATCH_KEY_MISSING, "batch_key")
    faults = [
        fault
        for line_no, line in enumerate(lines, 1)
        if (fault := _line_fault(batch_key, line_no, line, chart, of_hold)) is not None
    ]
    if faults:
        return min(faults, key=lambda fault: REFUSALS.index(fault.reason))
    debit = sum([line.amount_fen for line in lines if line.side == "debit"])
    credit = sum([line.amount_fen for line in lines if line.side == "credit"])
    if debit == credit == 0:
        return Refusal(BATCH_HAS_NO_AMOUNTS, "lines", batch_key=batch_key)
    if debit != credit:
        return Refusal(
            BATCH_IS_UNBALANCED,
            "lines",
            batch_key=batch_key,
            debit_fen=debit,
            credit_fen=credit,
        )
    return None


def _line_fault(
    batch_key: str, line_no: int, line: PostingLine, chart: Chart, of_hold: bool
) -> Refusal | None:
    """The first reason for which one line is refused."""

    def fault(reason: Reason, field: str, **details: object) -> Refusal:
        return Refusal(reason, field, batch_key=batch_key, line_no=line_no, **details)

    amount, account = line.amount_fen, line.account
    if type(amount) is not int:
        return fault(AMOUNT_IS_NOT_WHOLE_FEN, "amount_fen", amount=amount)
    if amount < 0:
        return fault(AMOUNT_IS_NEGATIVE, "amount_fen", amount=amount)
    if amount > AMOUNT_LIMIT_FEN:
        return fault(AMOUNT_IS_TOO_LARGE, "amount_fen", amount=amount)
    if line.side not in SIDES:
        return fault(SIDE_IS_UNKNOWN, "side", side=line.side)
    found = family_of(account, chart)
    if found is None:
        return fault(ACCOUNT_FAMILY_IS_UNKNOWN, "account", account=account)
    family, parameter = found
    if family.parameter:
        if not _has_form(parameter, family.pattern):
            return fault(ACCOUNT_PARAMETER_IS_MALFORMED, "account", account=account)
        name = family.parameter
        value = getattr(line, name)
        if parameter != (value or UNKNOWN):
            return fault(
                DIMENSION_DIFFERS_FROM_ACCOUNT, name, account=account, dimension=name, value=value
            )
    if family.is_for_holds and not of_hold:
        return fault(ACCOUNT_IS_FOR_HOLDS, "account", account=account)
    return None


@lru_cache(ACCOUNTS_KNOWN)
def _has_form(parameter: str, pattern: str) -> bool:
    return re.fullmatch(pattern, parameter) is not None


def in_order(lines: Sequence[PostingLine], clear_date: date) -> list[LineValues]:
    """The lines that carry an amount, each with its clear date, in the one order of a batch.

    So the order in which a caller lists them cannot matter.
    """
    usual = clear_date.isoformat()
    return sorted(
        [
            LineValues(
                line.account,
                line.owner_id,
                line.issuer_id,
                line.province,
                line.party_id,
                line.clear_date.isoformat() if line.clear_date else usual,
                line.media_type,
                str(line.side),
                line.amount_fen,
                line.memo,
            )
            for line in lines
            if line.amount_fen
        ]
    )


def line_from(values: LineValues) -> PostingLine:
    """The line that would give these values."""
    return PostingLine(**values._asdict() | {"clear_date": date.fromisoformat(values.clear_date)})


def mirrored(values: Sequence[LineValues]) -> list[LineValues]:
    """The exact mirror of the lines: the same, each on the other side."""
    return [line._replace(side=OTHER_SIDE[line.side]) for line in values]


def sha256_of(*parts: object) -> str:
    """SHA-256 over the JSON list of the parts, so that no two lists share a text."""
    return hashlib.sha256(orjson.dumps(parts)).hexdigest()


def lines_digest(values: Sequence[LineValues]) -> str:
    """One digest of a batch's lines, whatever their order."""
    return sha256_of(*sorted(map(tuple, values)))


def content_digest(
    batch_key: str, clear_date: date, memo: str, reverses: str, values: Sequence[LineValues]
) -> str:
    """What a batch says, leaving out when and by whom it was posted."""
    return sha256_of(batch_key, clear_date.isoformat(), memo, reverses, lines_digest(values))


def contents_digest(contents: Sequence[str]) -> str:
    """One digest of batches that were posted together, in their order; one batch's is its own."""
    return contents[0] if len(contents) == 1 else sha256_of(*contents)


def chain_hash(previous: str, seq: int, content: str, actor: str, posted_at: int) -> str:
    """The hash that chains a batch to the one before it."""
    return sha256_of(previous, seq, content, actor, posted_at)


def balance_of(kind: AccountKind, debit_fen: int, credit_fen: int) -> int:
    """The balance on the account's own side: liabilities by credits, all others by debits."""
    net = debit_fen - credit_fen
    return -net if kind is AccountKind.LIABILITY else net


def batch_key_of(hold_key: str, state: HoldState) -> str:
    """The key of the batch that opened, posted or voided the hold."""
    return f"{'hold' if state is HoldState.OPEN else state.value}:{hold_key}"


def held(values: Sequence[LineValues], chart: Chart) -> dict[HeldOn, int]:
    """Net debit in fen that the lines leave on accounts for holds, by account and dimensions."""
    nets: Counter[HeldOn] = Counter()
    for line in values:
        found = family_of(line.account, chart)
        if found is not None and found[0].is_for_holds:
            where = HeldOn(
                line.account,
                line.owner_id,
                line.issuer_id,
                line.province,
                line.party_id,
                line.media_type,
            )
            nets[where] += line.amount_fen if line.side == "debit" else -line.amount_fen
    return {where: net for where, net in nets.items() if net}


def why_not_open(opening: HoldOpening, chart: Chart) -> Refusal | None:
    """The first reason for which money cannot be held as asked; None where it can."""
    key = opening.hold_key
    if not 0 < len(key) <= HOLD_KEY_WIDTH:
        return Refusal(HOLD_KEY_MISSING, "hold_key", hold_key=key)
    refusal = why_refused(batch_key_of(key, HoldState.OPEN), opening.lines, chart, of_hold=True)
    if refusal is None and not held(in_order(opening.lines, opening.clear_date), chart):
        return Refusal(HOLD_HOLDS_NOTHING, "lines", hold_key=key)
    return refusal


def why_not_close(
    ruling: HoldRuling, state: HoldState, opened: date, opening: Sequence[LineValues], chart: Chart
) -> Refusal | None:
    """The first reason for which a hold in that state cannot be closed so; None where it can.

    A hold that was closed the same way before is left to its batch key.
    """
    key = ruling.hold_key
    if state is not HoldState.OPEN and state is not ruling.outcome:
        why = HOLD_ALREADY_POSTED if state is HoldState.POSTED else HOLD_ALREADY_VOIDED
        return Refusal(why, "hold_key", hold_key=key)
    if ruling.clear_date < opened:
        named = {"clear_date": ruling.clear_date, "opened": opened}
        return Refusal(HOLD_CLOSED_BEFORE_OPENED, "clear_date", hold_key=key, **named)
    if ruling.lines is None:
        return None
    refusal = why_refused(batch_key_of(key, ruling.outcome), ruling.lines, chart, of_hold=True)
    if refusal is not None or state is not HoldState.OPEN:
        return refusal
    there = held(opening, chart)
    here = held(in_order(ruling.lines, ruling.clear_date), chart)
    for where in sorted(there.keys() | here.keys()):
        if there.get(where, 0) != -here.get(where, 0):
            return Refusal(
                HOLD_NOT_CLEARED,
                "lines",
                hold_key=key,
                account=where.account,
                dimensions=" ".join(str(value) for value in where[1:] if value),
                held_fen=there.get(where, 0),
                cleared_fen=-here.get(where, 0),
            )
    return None


def voiding(values: Sequence[LineValues], clear_date: date) -> list[LineValues]:
    """The exact mirror of an opening, on the clear date on which it is voided."""
    day = clear_date.isoformat()
    return [line._replace(clear_date=day) for line in mirrored(values)]
