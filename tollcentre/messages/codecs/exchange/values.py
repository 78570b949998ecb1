"""Values of a message read from the wire and written to it; a value that does not fit is named."""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from tollcentre.core.clock import SHANGHAI, epoch_of
from tollcentre.core.fen import fen_from_yuan
from tollcentre.core.formats import amount_plain

from ...terms import (
    FIELD_MISFORMED,
    FIELD_MISSING,
    FIELD_UNKNOWN,
    MessageFault,
    ResultCode,
)
from .kinds import MessageColumn

TIME = re.compile(r"20[0-9]{2}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}")
DAY = re.compile(r"20[0-9]{2}-[0-9]{2}-[0-9]{2}")
YUAN = re.compile(r"-?(0|[1-9][0-9]*)\.[0-9]{2}")
UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
SHOWN = 60
WANTED = {
    "int": ("不超过 {width} 位的整数", "a whole number of at most {width} digits"),
    "str": ("不超过 {width} 个可见字符的文本", "a text of at most {width} visible characters"),
    "time": ("形如 2026-11-22T08:00:00 的时间", "a time such as 2026-11-22T08:00:00"),
    "day": ("形如 2026-11-22 的日期", "a day such as 2026-11-22"),
    "yuan": ("两位小数的元金额", "an amount in yuan with two decimals"),
    "rows": ("明细列表", "a list of records"),
}
"""What each type asks for, in Chinese and in English."""


def read_row(
    columns: Sequence[MessageColumn],
    raw: Mapping[str, object],
    place: str,
    result: ResultCode = ResultCode.SCHEMA,
) -> dict[str, Any]:
    """The values of one row by our names; refused with `result` where any does not fit."""
    _refuse_unknown({column.official for column in columns}, raw, place, result)
    return {
        column.name: _read(column, raw.get(column.official), place, result) for column in columns
    }


def read_rows(
    columns: Sequence[MessageColumn], rows: Sequence[Mapping[str, object]], place: str
) -> list[dict[str, Any]]:
    """The values of many rows, as `read_row` reads each; what is as usual is read much faster."""
    known = {column.official for column in columns}
    usual = [(column.name, column.official, _usual(column)) for column in columns]
    found = []
    for number, raw in enumerate(rows, 1):
        try:
            if not raw.keys() <= known:
                raise ValueError("unusual")
            found.append({name: read(raw.get(official)) for name, official, read in usual})
        except (ValueError, MessageFault):
            found.append(read_row(columns, raw, f"{place}[{number}]."))
    return found


def _usual(column: MessageColumn) -> Callable[[object], Any]:
    """Reads what the column usually holds as `_read` does, and raises ValueError at the rest."""
    codes, width, pattern = column.codes, column.width, column.pattern
    least, most = 1 - 10**width if column.signed else 0, 10**width - 1

    def number(raw: object) -> Any:
        if type(raw) is int and least <= raw <= most and (not codes or raw in codes):
            return raw
        return left_out(raw)

    def text(raw: object) -> Any:
        if (
            type(raw) is str and 0 < len(raw) <= width and raw.isprintable()
            and not raw.isspace() and (not codes or raw in codes)
            and (not pattern or pattern.fullmatch(raw))
        ):  # fmt: skip
            return raw
        return left_out(raw)

    def moment(raw: object) -> Any:
        if type(raw) is str and TIME.fullmatch(raw):
            return int(datetime.fromisoformat(raw + "+08:00").timestamp())
        return left_out(raw)

    def left_out(raw: object) -> Any:
        if raw is None and not column.required:
            return BLANK.get(column.type)
        raise ValueError("unusual")

    readers = {"str": text, "int": None if pattern else number, "time": moment}
    usual = None if column.many else readers.get(column.type)
    return usual or (lambda raw: _read(column, raw, "", ResultCode.SCHEMA))


def write_row(
    columns: Sequence[MessageColumn], values: Mapping[str, object], place: str
) -> dict[str, object]:
    """What the wire holds for one row, blank values left out; the reader checks it afterwards."""
    _refuse_unknown({column.name for column in columns}, values, place, ResultCode.SCHEMA)
    row: dict[str, object] = {}
    for column in columns:
        value = values.get(column.name)
        if value is None or value == "" or value == ():
            continue
        try:
            row[column.official] = _to_wire(column, value)
        except (TypeError, ValueError, OverflowError, OSError) as error:
            raise misfit(column, value, place, ResultCode.SCHEMA) from error
    return row


def shown(value: object) -> str:
    """A value as a refusal shows it: printable, and cut where it is long."""
    text = value if isinstance(value, str) else repr(value)[: SHOWN + 1]
    text = UNPRINTABLE.sub("�", text[: SHOWN + 1])
    return text if len(text) <= SHOWN else text[:SHOWN] + "…"


def misfit(column: MessageColumn, value: object, place: str, result: ResultCode) -> MessageFault:
    """The fault that names a value and what was wanted instead."""
    zh, en = WANTED[column.type]
    if column.codes:
        listed = "|".join(map(str, sorted(column.codes, key=str)))
        zh, en = f"取值为 {listed}", f"one of {listed}"
    elif column.pattern is not None:
        zh = en = column.pattern.pattern
    return MessageFault(
        result,
        FIELD_MISFORMED,
        shown(place + column.official),
        name=column.official,
        value=shown(value),
        wanted_zh=zh.replace("{width}", str(column.width)),
        wanted_en=en.replace("{width}", str(column.width)),
    )


def _refuse_unknown(
    known: set[str], given: Mapping[str, object], place: str, result: ResultCode
) -> None:
    for name in given:
        if name not in known:
            raise MessageFault(result, FIELD_UNKNOWN, shown(f"{place}{name}"), name=shown(name))


def _read(column: MessageColumn, raw: object, place: str, result: ResultCode) -> Any:
    if raw is None or raw == "" or raw == ():
        if column.required:
            field = shown(place + column.official)
            raise MessageFault(result, FIELD_MISSING, field, name=column.official)
        return () if column.many or column.type == "rows" else BLANK[column.type]
    if column.type == "rows":
        return _read_rows(column, raw, place, result)
    try:
        if column.many:
            return tuple(_read_one(column, item) for item in _items(column, raw))
        return _read_one(column, raw)
    except ValueError as error:
        raise misfit(column, raw, place, result) from error


def _read_rows(column: MessageColumn, raw: object, place: str, result: ResultCode) -> Any:
    if not isinstance(raw, list | tuple) or not all(isinstance(row, Mapping) for row in raw):
        raise misfit(column, raw, place, result)
    inner = f"{place}{column.official}"
    return tuple(
        read_row(column.columns, row, f"{inner}[{number}].", result)
        for number, row in enumerate(raw, 1)
    )


def _items(column: MessageColumn, raw: object) -> list[object]:
    """The members of a list: a text divided by |, or the texts of repeated elements."""
    members: Sequence[object] = raw if isinstance(raw, tuple) else _text(raw).split("|")
    return [whole(member) for member in members] if column.type == "int" else list(members)


def _read_one(column: MessageColumn, raw: object) -> Any:
    value = READERS[column.type](column, raw)
    if column.codes and value not in column.codes:
        raise ValueError("none of the codes")
    if column.pattern is not None and not column.pattern.fullmatch(str(value)):
        raise ValueError("not of the pattern")
    return value


def whole(text: object) -> object:
    """The number that a text of digits says; anything else as it is, for the reader to refuse."""
    if isinstance(text, str) and re.fullmatch(r"-?(0|[1-9][0-9]{0,17})", text) and text != "-0":
        return int(text)
    return text


def _text(raw: object) -> str:
    if not isinstance(raw, str):
        raise ValueError("no text")
    return raw


def _read_int(column: MessageColumn, raw: object) -> int:
    if type(raw) is not int or abs(raw) >= 10**column.width or (raw < 0 and not column.signed):
        raise ValueError("no such number")
    return raw


def _read_str(column: MessageColumn, raw: object) -> str:
    text = _text(raw)
    if len(text) > column.width or UNPRINTABLE.search(text) or not text.strip():
        raise ValueError("no such text")
    return text


def _read_time(_: MessageColumn, raw: object) -> int:
    if not TIME.fullmatch(_text(raw)):
        raise ValueError("no time")
    return epoch_of(str(raw))


def _read_day(_: MessageColumn, raw: object) -> date:
    if not DAY.fullmatch(_text(raw)):
        raise ValueError("no day")
    return date.fromisoformat(str(raw))


def _read_yuan(column: MessageColumn, raw: object) -> int:
    text = _text(raw)
    if len(text) > column.width or not YUAN.fullmatch(text):
        raise ValueError("no amount")
    return _read_int(column, fen_from_yuan(text))


READERS: dict[str, Callable[[MessageColumn, object], int | str | date]] = {
    "int": _read_int,
    "str": _read_str,
    "time": _read_time,
    "day": _read_day,
    "yuan": _read_yuan,
}
BLANK = {"int": None, "str": "", "time": None, "day": None, "yuan": None}


def _to_wire(column: MessageColumn, value: Any) -> object:
    if column.type == "rows":
        return [write_row(column.columns, row, f"{column.official}.") for row in value]
    if column.many:
        items = [str(_one_to_wire(column, item)) for item in value]
        if any("|" in item for item in items):
            raise ValueError("a | divides the list")
        return "|".join(items)
    return _one_to_wire(column, value)


def _one_to_wire(column: MessageColumn, value: Any) -> object:
    if column.type == "time":
        return datetime.fromtimestamp(value, SHANGHAI).replace(tzinfo=None).isoformat("T")
    if column.type == "day":
        return date.isoformat(value)
    if column.type == "yuan":
        return amount_plain(value)
    if column.type == "int" and not isinstance(value, bool) and isinstance(value, int):
        return int(value)
    return value
