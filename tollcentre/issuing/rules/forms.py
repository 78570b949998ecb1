"""An enrolment as a form or a line of a workbook says it: texts by field, read into its terms."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import Enum
from typing import TypeVar

from tollcentre.core.refusal import Refusal

from ..terms import (
    FIELD_UNREADABLE,
    ContractGiven,
    ContractKind,
    CustomerGiven,
    CustomerKind,
    VehicleGiven,
    VehicleKind,
    VehicleSize,
)

FIELDS = (
    "customer_kind", "name", "id_type", "id_number", "phone", "address", "plate", "colour",
    "vehicle_kind", "seats", "length_mm", "width_mm", "height_mm", "total_mass", "axles",
    "car_train", "use_character", "vin", "licensed_on", "wanted_type", "obu_no", "card_no",
    "card_type", "contract_kind", "bank", "account",
)  # fmt: skip
"""The fields of an enrolment in the order of a workbook's columns."""
NUMBERS = ("seats", "length_mm", "total_mass", "axles", "width_mm", "height_mm")
DIGITS_MAX, SHOWN = 9, 20
YES = ("1", "是", "yes")
Said = Mapping[str, str]
Word = TypeVar("Word", bound=Enum)


@dataclass(frozen=True)
class EnrolmentGiven:
    """All that an enrolment needs but its counter."""

    customer: CustomerGiven
    vehicle: VehicleGiven
    obu_no: str
    card_no: str
    card_type: int
    contract: ContractGiven


def enrolment_from(said: Said) -> EnrolmentGiven:
    """What the texts of a form mean; refuses the first field that cannot be read."""
    return EnrolmentGiven(
        customer=customer_from(said),
        vehicle=vehicle_from(f"{said['plate'].upper()}_{said['colour']}", said),
        obu_no=said["obu_no"],
        card_no=said["card_no"],
        card_type=_number(said, "card_type") if said["card_no"] else 0,
        contract=ContractGiven(
            _word(said, "contract_kind", ContractKind), said["bank"], said["account"]
        ),
    )  # fmt: skip


def customer_from(said: Said) -> CustomerGiven:
    """A customer, as a form says it."""
    return CustomerGiven(
        _word(said, "customer_kind", CustomerKind), said["name"], said["id_type"],
        said["id_number"], said["phone"], said["address"],
    )  # fmt: skip


def vehicle_from(vehicle_id: str, said: Said) -> VehicleGiven:
    """A vehicle's licence, as a form says it."""
    return VehicleGiven(
        vehicle_id, size_from(said), said["use_character"], said["vin"],
        _day(said, "licensed_on"), _number(said, "wanted_type") or None,
    )  # fmt: skip


def size_from(said: Said) -> VehicleSize:
    """What the type of a vehicle depends on, as a form says it."""
    numbers = {name: _number(said, name) for name in NUMBERS}
    return VehicleSize(
        _word(said, "vehicle_kind", VehicleKind), **numbers,
        car_train=said["car_train"].lower() in YES,
    )  # fmt: skip


def _number(said: Said, name: str) -> int:
    """A whole number of at most nine digits; 0 of a blank field."""
    text = said[name].replace(",", "")
    if text and not (text.isascii() and text.isdigit() and len(text) <= DIGITS_MAX):
        raise _unreadable(said, name)
    return int(text or 0)


def _day(said: Said, name: str) -> date | None:
    try:
        return date.fromisoformat(said[name]) if said[name] else None
    except ValueError as error:
        raise _unreadable(said, name) from error


def _word(said: Said, name: str, words: type[Word]) -> Word:
    try:
        return words(said[name])
    except ValueError as error:
        raise _unreadable(said, name) from error


def _unreadable(said: Said, name: str) -> Refusal:
    return Refusal(FIELD_UNREADABLE, name, name=name, value=said[name][:SHOWN] or "—")
