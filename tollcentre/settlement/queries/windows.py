"""Windows: which parties are settled, what is closed, what is due, what a window counts."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from tollcentre.core.dated import value_at
from tollcentre.ledger.queries import moved_on, span_of
from tollcentre.ledger.terms import Moved
from tollcentre.participants.queries import agreements, parties
from tollcentre.participants.terms import Agreement, PartyKind

from ..models import SettlementStatement
from ..rules import due_windows, party_account, towards_party
from ..rules.windows import ONE_DAY
from ..terms import OWN_BATCHES, DueWindow, Movement, StatementSide, Window

PARAMETERS = Path(__file__).parent.parent / "parameters" / "settlement.yaml"
SIDES = {PartyKind.ROAD_OWNER: StatementSide.PAY, PartyKind.ISSUER: StatementSide.COLLECT}
"""Kind of party → who pays by its statements; other parties have none."""


def parameter(name: str, day: date) -> Any:
    """What settlement goes by on the day."""
    return value_at(_parameters()[name], day)


@lru_cache
def _parameters() -> dict[str, Any]:
    content: dict[str, Any] = yaml.safe_load(PARAMETERS.read_text(encoding="utf-8"))
    return content


def settled_parties() -> dict[str, tuple[StatementSide, list[Agreement]]]:
    """Every party that has statements, with who pays by them and its agreements in order."""
    kinds = {party.code: party.kind for party in parties()}
    found: dict[str, list[Agreement]] = defaultdict(list)
    for agreement in agreements():
        if kinds.get(agreement.party_id) in SIDES:
            found[agreement.party_id].append(agreement)
    return {party: (SIDES[kinds[party]], own) for party, own in sorted(found.items())}


def windows_to_close(party_id: str, today: date) -> list[DueWindow]:
    """The windows of a party that have begun and are not closed, in order."""
    found = settled_parties().get(party_id)
    return [] if found is None else _to_close(party_id, *found, today)


def windows_due(today: date) -> list[DueWindow]:
    """Every window that has begun and is not closed, by party and day: those due, and those not."""
    return [
        window
        for party_id, (side, own) in settled_parties().items()
        for window in _to_close(party_id, side, own, today)
    ]


def _to_close(
    party_id: str, side: StatementSide, own: list[Agreement], today: date
) -> list[DueWindow]:
    last = (
        SettlementStatement.objects.filter(party_id=party_id)
        .order_by("-end_day")
        .values_list("end_day", flat=True)
        .first()
    )
    if last is not None:
        return due_windows(own, side, last + ONE_DAY, today)
    span = span_of(party_account(party_id, side), besides=OWN_BATCHES)
    return [] if span is None else due_windows(own, side, span[0], today)


def closed_windows(party_id: str) -> list[Window]:
    """The closed windows of a party, in order."""
    rows = SettlementStatement.objects.filter(party_id=party_id).order_by("end_day")
    return [Window(row.start_day, row.end_day, row.cut_seq) for row in rows]


def movements_of(
    party_id: str, side: StatementSide, window: Window, before: Window | None
) -> list[Movement]:
    """What a window counts, batch by batch."""
    found = moved_on(
        party_account(party_id, side),
        besides=OWN_BATCHES,
        until=(window.end, window.cut_seq),
        after=None if before is None else (before.end, before.cut_seq),
    )
    return as_movements(side, found)


def open_movements(party_id: str, side: StatementSide) -> list[Movement]:
    """What no closed window counts yet: what the party is still to be settled for."""
    closed = closed_windows(party_id)
    after = (closed[-1].end, closed[-1].cut_seq) if closed else None
    account = party_account(party_id, side)
    return as_movements(side, moved_on(account, besides=OWN_BATCHES, after=after))


def as_movements(side: StatementSide, found: Iterable[Moved]) -> list[Movement]:
    """What batches moved, towards settlement."""
    return [
        Movement(
            one.clear_date,
            one.batch_key,
            one.seq,
            towards_party(side, one.debit_fen, one.credit_fen),
            one.entries,
        )
        for one in found
    ]
