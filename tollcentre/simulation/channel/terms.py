"""The words of a simulated payment channel: its faults."""

from enum import StrEnum


class Noticing(StrEnum):
    """Faults on a notice; drawn by its order number."""

    never = "never"
    delay = "delay"
    reorder = "reorder"
    duplicate = "duplicate"
    wrong_signature = "wrong_signature"
    other_content = "other_content"
    crash = "crash"


class Billing(StrEnum):
    """Faults on the bill of a day; each once a day, on one request after the other."""

    not_ready = "not_ready"
    crash = "crash"
    wrong_count = "wrong_count"
    wrong_amount = "wrong_amount"
    wrong_digest = "wrong_digest"
