"""Every write of issuing: media registered, vehicles enrolled, business done at counters."""

from .businesses import change_customer, change_state, change_vehicle, replace_media, transfer
from .enrolling import enrol
from .register import change_account_states, import_media, register_media

__all__ = [
    "change_account_states",
    "change_customer",
    "change_state",
    "change_vehicle",
    "enrol",
    "import_media",
    "register_media",
    "replace_media",
    "transfer",
]
