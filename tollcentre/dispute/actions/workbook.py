"""A filled-in workbook of rulings: one request for all of it, or what is wrong with its rows."""

from collections.abc import Mapping, Sequence
from enum import Enum
from typing import Any, TypeVar

from tollcentre.access.terms import ApprovalInfo, Viewer
from tollcentre.core.refusal import Refusal, RefusedLine
from tollcentre.messages.codecs.workbook import sheet_texts

from ..models import Dispute
from ..queries.own_rulings import disputes_by_key, waiting_proposals
from ..queries.workbook import FIRST_FILLED, HEADINGS, LIABLES, RESULTS, row_digest
from ..terms import VALUE_UNKNOWN, WORKBOOK_ALTERED, WORKBOOK_UNREADABLE, OwnRuling
from .own_rulings import propose_rulings, why_not_propose

FIELDS = {
    "dispute": 0, "digest": 1, "result": FIRST_FILLED, "liable": FIRST_FILLED + 1,
    "liable_code": FIRST_FILLED + 2, "grounds": FIRST_FILLED + 3,
}  # fmt: skip
Choice = TypeVar("Choice", bound=Enum)


def import_rulings(
    *, content: bytes, maker: Viewer, now: int, reason: str = ""
) -> ApprovalInfo | list[RefusedLine]:
    """Ask for the rulings of a filled-in workbook at once; rows left blank are left as they are.

    Where anything is wrong, what it is, row and field by row and field, and nothing is asked for.
    Refuses what is no workbook of ours, one without rulings, and a maker without the permission.
    """
    rows = [(at, row) for at, row in _rows(content) if any(row[FIRST_FILLED:])]
    keys = [int(row[0]) if str(row[0]).isdigit() else 0 for _, row in rows]
    disputes, waiting = disputes_by_key(keys), waiting_proposals(keys)
    rulings: list[OwnRuling] = []
    faults: list[RefusedLine] = []
    seen: set[int] = set()
    for (at, row), key in zip(rows, keys, strict=True):
        ruling = _ruling(at, row, disputes.get(key), faults)
        if ruling is None:
            continue
        fault = why_not_propose(ruling, disputes.get(key), waiting, seen)
        if fault is not None:
            faults.append(RefusedLine(at, Refusal(fault.reason, HEADINGS[FIELDS[fault.field]],
                                                  **fault.details)))  # fmt: skip
        seen.add(key)
        rulings.append(ruling)
    if faults:
        return faults
    return propose_rulings(rulings=rulings, maker=maker, now=now, reason=reason)


def _rows(content: bytes) -> list[tuple[int, list[str]]]:
    """The rows of the first sheet as texts, by their numbers; the heading must be ours."""
    try:
        texts = sheet_texts(content)
    except ValueError as error:
        raise Refusal(WORKBOOK_UNREADABLE, "workbook", why=error) from error
    if not texts or tuple(texts[0][: len(HEADINGS)]) != HEADINGS:
        raise Refusal(WORKBOOK_UNREADABLE, "workbook", why=" · ".join(HEADINGS[:3]))
    return list(enumerate((row[: len(HEADINGS)] for row in texts[1:]), 2))


def _ruling(
    at: int, row: Sequence[str], dispute: Dispute | None, faults: list[RefusedLine]
) -> OwnRuling | None:
    """The ruling of a row; none where it cannot be read, and why that is."""
    before = len(faults)
    if dispute is None or row[FIELDS["digest"]] != row_digest(dispute):
        faults.append(RefusedLine(at, Refusal(WORKBOOK_ALTERED, HEADINGS[FIELDS["dispute"]])))
    result = _chosen(at, row, "result", RESULTS, faults)
    liable = _chosen(at, row, "liable", LIABLES, faults)
    if len(faults) > before or dispute is None or result is None or liable is None:
        return None
    return OwnRuling(dispute.pk, result, liable, row[FIELDS["liable_code"]], row[FIELDS["grounds"]])


def _chosen(
    at: int, row: Sequence[str], field: str, known: Mapping[str, Choice], faults: list[RefusedLine]
) -> Choice | None:
    """What was chosen in a field: the whole text, one language of it, or its code."""
    said = row[FIELDS[field]]
    for title, choice in known.items():
        if said in (title, *title.split(" / "), str(choice.value)):
            return choice
    details: dict[str, Any] = {"value": said or "—", "known": "、".join(known)}
    faults.append(RefusedLine(at, Refusal(VALUE_UNKNOWN, HEADINGS[FIELDS[field]], **details)))
    return None
