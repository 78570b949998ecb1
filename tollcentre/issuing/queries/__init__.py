"""Every read of issuing for others."""

from .customers import (
    business_of,
    businesses,
    customer_of,
    customers,
    held_by,
    holdings_of,
    vehicle_of,
    vehicles,
)
from .media import account_histories, account_states_at, media_of

__all__ = [
    "account_histories",
    "account_states_at",
    "business_of",
    "businesses",
    "customer_of",
    "customers",
    "held_by",
    "holdings_of",
    "media_of",
    "vehicle_of",
    "vehicles",
]
