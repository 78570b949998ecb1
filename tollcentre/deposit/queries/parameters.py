"""What deposit goes by on a day, out of its dated parameters."""

from collections.abc import Mapping
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import pyarrow as pa
import yaml

from tollcentre.core.dated import value_at

from ..rules import deadline

FOLDER = Path(__file__).parent.parent / "parameters"
ANY = -1
"""Stands for every trans_pay_type in the table of means."""


def deposit_by(shift_day: date) -> date:
    """The last day on which the cash of a shift of the day is paid in in time."""
    calendar = _value("deadlines", "calendar", shift_day)
    days = _value("deadlines", "deposit_working_days", shift_day)
    return deadline(
        shift_day, days, frozenset(calendar["days_off"]), frozenset(calendar["days_worked"])
    )


def payout_bank(channel: str, day: date) -> str:
    """The bank that the channel pays out to, where it is agreed; else empty: any bank."""
    banks: Mapping[str, str] = _value("deadlines", "payout_banks", day)
    return banks.get(channel, "")


def paid_twice_within_s(day: date) -> int:
    """Seconds within which a second equal payment at a station is one made twice."""
    seconds: int = _value("deadlines", "paid_twice_within_s", day)
    return seconds


def pay_means(day: date) -> pa.Table:
    """How pay_type and trans_pay_type tell the means, as a table."""
    rules = _value("payment_means", "pay_types", day)
    return pa.table(
        {
            "pay_type": pa.array([rule["pay_type"] for rule in rules], pa.int64()),
            "trans_pay_type": pa.array(
                [rule.get("trans_pay_type", ANY) for rule in rules], pa.int64()
            ),
            "means": pa.array([rule["means"] for rule in rules], pa.string()),
            "channel": pa.array([rule.get("channel", "") for rule in rules], pa.string()),
        }
    )


def _value(name: str, key: str, day: date) -> Any:
    return value_at(_content(name)[key], day)


@cache
def _content(name: str) -> dict[str, Any]:
    content: dict[str, Any] = yaml.safe_load((FOLDER / f"{name}.yaml").read_text(encoding="utf-8"))
    return content
