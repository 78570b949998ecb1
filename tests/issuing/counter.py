"""A counter with its clerk, and what customers bring to it."""

from dataclasses import replace
from itertools import count
from typing import Any

from tollcentre.access.terms import Role, Viewer
from tollcentre.core.clock import epoch_of
from tollcentre.issuing import actions
from tollcentre.issuing.terms import (
    ContractGiven,
    ContractKind,
    Counter,
    CustomerGiven,
    CustomerKind,
    Receipt,
    VehicleGiven,
    VehicleKind,
    VehicleSize,
)

NOW = epoch_of("2026-11-22 10:00:00")
UNIT, OTHER_UNIT = "620201-W01", "620201-W02"
CLERK = Viewer("outlet", frozenset({Role.OUTLET_CLERK}), None, frozenset({UNIT}))
PERSON = CustomerGiven(
    CustomerKind.PERSON, "张三", "101", "11010519491231002X", "13812345678", "甘肃省兰州市某路1号"
)
OTHER_PERSON = replace(PERSON, name="李四", id_type="102", id_number="E12345678",
                       phone="13987654321")  # fmt: skip
CAR = VehicleGiven("甘A12345_0", VehicleSize(VehicleKind.PASSENGER, 5, 4670, 1870, 2))
BANK = ContractGiven(ContractKind.BANK, "B01", "6222020000000001234")
PREPAID = ContractGiven(ContractKind.PREPAID)
OBU, CARD = "6201000000000001", "62010000000000000001"
KEYS = count()


def counter(reason: str = "客户申请", unit: str = UNIT, key: str = "") -> Counter:
    return Counter(key or f"form-{next(KEYS)}", unit, reason)


def enrol(**given: Any) -> Receipt:
    """An enrolment of the car, but for what is given."""
    asked = {
        "customer": PERSON, "vehicle": CAR, "obu_no": OBU, "card_no": CARD, "card_type": 23,
        "contract": BANK, "counter": counter(), "viewer": CLERK, "now": NOW,
    }  # fmt: skip
    return actions.enrol(**asked | given)
