"""Every write of intake."""

from .quarantine import replay_quarantine
from .senders import create_sender, disable_sender, forget_old_deliveries, take_in_delivery
from .take_in import take_in_paths

__all__ = [
    "create_sender",
    "disable_sender",
    "forget_old_deliveries",
    "replay_quarantine",
    "take_in_delivery",
    "take_in_paths",
]
