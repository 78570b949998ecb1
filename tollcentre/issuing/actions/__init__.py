"""Every write of issuing: media registered, vehicles enrolled, business done at counters."""

from .bulk import blank_workbook, enrol_workbook
from .businesses import change_customer, change_state, change_vehicle, replace_media, transfer
from .enrolling import enrol
from .loading import load_register
from .nationwide import settle_check
from .register import change_account_states, import_media, register_media

__all__ = [
    "blank_workbook",
    "enrol_workbook",
    "change_account_states",
    "change_customer",
    "change_state",
    "change_vehicle",
    "enrol",
    "import_media",
    "load_register",
    "register_media",
    "replace_media",
    "settle_check",
    "transfer",
]
