"""Every write of messages: what the road delivers, and what peers exchange with us."""

from .banks import take_file
from .bulk import queue_rows
from .channels import NoticeAct, await_bills, hand_notice, take_bill, take_notice
from .exchange import (
    Act,
    Check,
    act_again,
    act_on,
    moment,
    pause_s,
    queue_messages,
    record_try,
    send_again,
    take_message,
    take_receipt,
)
from .holdings import queue_holdings, take_holdings
from .packs import PackAct, act_and_reply, take_pack, take_pack_reply
from .peers import add_bank, add_channel, add_extension, add_peer, move_peer, note_visit
from .quarantine import replay_quarantine
from .senders import create_sender, disable_sender, forget_old_deliveries, take_in_delivery
from .take_in import take_in_paths

__all__ = [
    "Act",
    "Check",
    "NoticeAct",
    "PackAct",
    "act_again",
    "act_and_reply",
    "act_on",
    "add_bank",
    "add_channel",
    "add_extension",
    "add_peer",
    "await_bills",
    "create_sender",
    "disable_sender",
    "forget_old_deliveries",
    "hand_notice",
    "moment",
    "move_peer",
    "note_visit",
    "pause_s",
    "queue_holdings",
    "queue_messages",
    "queue_rows",
    "record_try",
    "replay_quarantine",
    "send_again",
    "take_bill",
    "take_file",
    "take_holdings",
    "take_in_delivery",
    "take_in_paths",
    "take_message",
    "take_notice",
    "take_pack",
    "take_pack_reply",
    "take_receipt",
]
