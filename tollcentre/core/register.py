"""Cells of a register's line (登记表): words and days, refused by the name of their column."""

from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from typing import TypeVar

from .clock import day_from
from .refusal import Reason, Refusal

WORD_UNKNOWN = Reason(
    "word_unknown", "只能是 {words} 之一：{value}", "must be one of {words}: {value}"
)
DAY_UNREADABLE = Reason("day_unreadable", "不是日期：{value}", "not a day: {value}")
Row = Mapping[str, str]
Word = TypeVar("Word", bound=StrEnum)


def word_of(words: type[Word], row: Row, name: str) -> Word:
    """The word that a cell names; refuses any other text."""
    if row[name] not in set(words):
        raise Refusal(WORD_UNKNOWN, name, words=", ".join(words), value=row[name])
    return words(row[name])


def day_in(row: Row, name: str) -> date:
    """The day of a cell; refuses a text that is none."""
    try:
        return day_from(row[name])
    except ValueError as error:
        raise Refusal(DAY_UNREADABLE, name, value=row[name]) from error
