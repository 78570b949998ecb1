"""Every write of messages: what the road delivers, and what centres exchange."""

from .exchange import (
    Act,
    Check,
    act_again,
    act_on,
    add_peer,
    moment,
    move_peer,
    pause_s,
    queue_messages,
    record_try,
    send_again,
    take_message,
)
from .holdings import queue_holdings, take_holdings
from .quarantine import replay_quarantine
from .senders import create_sender, disable_sender, forget_old_deliveries, take_in_delivery
from .take_in import take_in_paths

__all__ = [
    "Act",
    "Check",
    "act_again",
    "act_on",
    "add_peer",
    "create_sender",
    "disable_sender",
    "forget_old_deliveries",
    "moment",
    "move_peer",
    "pause_s",
    "queue_holdings",
    "queue_messages",
    "record_try",
    "replay_quarantine",
    "send_again",
    "take_holdings",
    "take_in_delivery",
    "take_in_paths",
    "take_message",
]
