"""Pure decisions of issuing: what a line of a register says, what differs, which state holds."""

import re
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import fields

from tollcentre.core.clock import day_from, epoch_of
from tollcentre.core.codes import PLATE_COLOURS, VEHICLE_TYPES
from tollcentre.core.refusal import Reason, Refusal

from ..terms import (
    ACCOUNT_STATE_UNKNOWN,
    CARD_DIGITS,
    CARD_TYPE_UNKNOWN,
    ENABLED_DAYS_MALFORMED,
    ISSUER_ID_MALFORMED,
    MEDIUM_NO_MALFORMED,
    POST_PAID_CARD,
    STATE_FROM_MALFORMED,
    STORED_CARD,
    VEHICLE_ID_MALFORMED,
    VEHICLE_TYPE_UNKNOWN,
    EtcAccountChange,
    EtcAccountState,
    MediumInfo,
)

COLUMNS = (
    "medium_no", "issuer_id", "card_type", "vehicle_id", "vehicle_type", "enabled_from",
    "enabled_to",
)  # fmt: skip
OF_A_CARD = {str(STORED_CARD), str(POST_PAID_CARD)}
OF_AN_OBU = {"", "0"}
TYPES = {str(code) for code in VEHICLE_TYPES}
STATES = set(EtcAccountState)
SHAPES: tuple[tuple[str, re.Pattern[str], Reason], ...] = (
    ("medium_no", re.compile(r"\d{16}|\d{20}", re.ASCII), MEDIUM_NO_MALFORMED),
    ("issuer_id", re.compile(r"\d{6}", re.ASCII), ISSUER_ID_MALFORMED),
    (
        "vehicle_id",
        re.compile(rf"\w{{2,12}}_({'|'.join(map(str, PLATE_COLOURS))})"),
        VEHICLE_ID_MALFORMED,
    ),
)
VEHICLE_ID = SHAPES[-1][1]
Registered = tuple[MediumInfo, EtcAccountChange | None]


def check_vehicle_id(vehicle_id: str) -> None:
    """Refuse what is no plate with its colour."""
    if not VEHICLE_ID.fullmatch(vehicle_id):
        raise Refusal(VEHICLE_ID_MALFORMED, "vehicle_id", value=vehicle_id)


def registered(row: Mapping[str, str]) -> Registered | Refusal:
    """The medium of a line, and the account's change where it tells one."""
    for name, shape, reason in SHAPES:
        if not shape.fullmatch(row[name]):
            return Refusal(reason, name, value=row[name])
    of_kind = OF_A_CARD if len(row["medium_no"]) == CARD_DIGITS else OF_AN_OBU
    if row["card_type"] not in of_kind:
        return Refusal(CARD_TYPE_UNKNOWN, "card_type", value=row["card_type"])
    if row["vehicle_type"] not in TYPES:
        return Refusal(VEHICLE_TYPE_UNKNOWN, "vehicle_type", value=row["vehicle_type"])
    try:
        days = day_from(row["enabled_from"]), day_from(row["enabled_to"])
    except ValueError:
        days = None
    if days is None or days[1] < days[0]:
        value = f"{row['enabled_from']}–{row['enabled_to']}"
        return Refusal(ENABLED_DAYS_MALFORMED, "enabled_to", value=value)
    medium = MediumInfo(
        row["medium_no"], row["issuer_id"], int(row["card_type"] or 0), row["vehicle_id"],
        int(row["vehicle_type"]), *days,
    )  # fmt: skip
    change = _change(row)
    return change if isinstance(change, Refusal) else (medium, change)


def _change(row: Mapping[str, str]) -> EtcAccountChange | Refusal | None:
    state, state_from = row.get("account_state", ""), row.get("state_from", "")
    if not state and not state_from:
        return None
    if state not in STATES:
        return Refusal(ACCOUNT_STATE_UNKNOWN, "account_state", value=state)
    try:
        moment = epoch_of(state_from)
    except ValueError:
        return Refusal(STATE_FROM_MALFORMED, "state_from", value=state_from)
    return EtcAccountChange(row["medium_no"], moment, EtcAccountState(state))


def what_differs(one: MediumInfo, other: MediumInfo) -> list[str]:
    """The fields in which two registrations of a medium differ."""
    names = [field.name for field in fields(MediumInfo)]
    return [name for name in names if getattr(one, name) != getattr(other, name)]


def state_at(history: Sequence[tuple[int, EtcAccountState]], moment: int) -> EtcAccountState:
    """The last state from before or at the moment, of a history in order of time."""
    standing = bisect_right(history, moment, key=lambda change: change[0])
    return history[standing - 1][1] if standing else EtcAccountState.NORMAL
