"""Every read of issuing for others."""

from ..rules.forms import customer_from, enrolment_from, size_from, vehicle_from
from .customers import (
    business_of,
    businesses,
    check_of,
    checks_due,
    contracts_of,
    customer_of,
    customers,
    held_by,
    holdings_of,
    plate_checks,
    vehicle_of,
    vehicles,
    waits_for_nation,
)
from .laws import customer_count, verify_issuing
from .media import account_histories, account_states_at, media_of
from .parameters import type_of

__all__ = [
    "account_histories",
    "account_states_at",
    "business_of",
    "businesses",
    "check_of",
    "checks_due",
    "contracts_of",
    "type_of",
    "customer_count",
    "customer_from",
    "customer_of",
    "customers",
    "enrolment_from",
    "held_by",
    "holdings_of",
    "media_of",
    "plate_checks",
    "size_from",
    "vehicle_from",
    "vehicle_of",
    "vehicles",
    "verify_issuing",
    "waits_for_nation",
]
