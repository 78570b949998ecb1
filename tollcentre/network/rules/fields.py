"""The fields of one row of a network file: a value, or the named reason it cannot be used."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Generic, TypeVar

from tollcentre.core.clock import epoch_of

from ..terms import RefusedRow

Raw = tuple[int, dict[str, str]]
"""Line of the file, and its fields by folded column name; a row cut short has fewer."""
Row = TypeVar("Row")
MICRO = 1_000_000
MOST = 10_000_000
"""No length in metres and no rate in yuan is greater."""
MOST_CODE = 32_767
"""Codes and counts are kept in 16 bits."""


@dataclass
class Rows(Generic[Row]):
    """Rows taken and rows refused, of one file."""

    file: str
    taken: list[Row] = field(default_factory=list)
    refused: list[RefusedRow] = field(default_factory=list)


class Bad(Exception):
    """A field that cannot be used: the reason's name and the text."""

    def __init__(self, reason: str, value: str) -> None:
        super().__init__(reason)
        self.reason, self.value = reason, value


def collect(
    file: str,
    raws: Iterable[Raw],
    key: str,
    read: Callable[[dict[str, str]], Row],
    identity: Callable[[Row], object],
    twice: str,
) -> Rows[Row]:
    """Take each row once; a further row of the same identity is refused as `twice`.

    A row with fewer fields than the header is refused whole: what it lacks is not guessed.
    """
    rows: Rows[Row] = Rows(file)
    seen: set[object] = set()
    lines = list(raws)
    width = max((len(raw) for _, raw in lines), default=0)
    for line, raw in lines:
        try:
            if len(raw) < width:
                raise Bad("row_cut_short", f"{len(raw)}/{width}")
            row = read(raw)
            if identity(row) in seen:
                raise Bad(twice, "")
        except KeyError as missing:
            refused = RefusedRow(file, line, raw.get(key, ""), "row_cut_short", str(missing))
            rows.refused.append(refused)
        except Bad as bad:
            row_id = raw.get(key, "").strip()
            rows.refused.append(RefusedRow(file, line, row_id, bad.reason, bad.value))
        else:
            seen.add(identity(row))
            rows.taken.append(row)
    return rows


def decimal(text: str, reason: str, *, most: int = MOST) -> Decimal:
    """A finite number within ±`most`; a text that long or that great is no field of a road."""
    try:
        number = Decimal(text.strip())
    except InvalidOperation:
        raise Bad(reason, text[:64]) from None
    if not number.is_finite() or not -most <= number <= most:
        raise Bad(reason, text[:64])
    return number


def whole(text: str, reason: str, *, least: int = 0, most: int = MOST_CODE) -> int:
    """A whole number of a text such as `6500` or `6500.0`."""
    number = decimal(text, reason, most=most)
    if number != number.to_integral_value() or number < least:
        raise Bad(reason, text[:64])
    return int(number)


def optional(text: str, reason: str, default: int) -> int:
    """A whole number, or the default where the text is empty."""
    return default if not text.strip() else whole(text, reason, least=-1)


def metres(text: str, reason: str, *, per: int = 1) -> int:
    """Metres of a text in units of `per` metres; a part of a metre is rounded half up."""
    number = decimal(text, reason) * per
    if number < 0 or number > MOST:
        raise Bad(reason, text[:64])
    return int(number + Decimal("0.5"))


def degrees(text: str) -> float:
    """A coordinate for looking at, to a millionth of a degree; 0 where there is none."""
    try:
        return int(decimal(text, "", most=180) * MICRO) / MICRO
    except Bad:
        return 0.0


def moment(text: str, reason: str) -> int | None:
    """Epoch seconds of a day's start or of a time of it, None where the text is empty."""
    if not text.strip():
        return None
    try:
        return epoch_of(text.replace("/", "-"))
    except ValueError:
        raise Bad(reason, text[:64]) from None


def day(text: str, reason: str) -> date | None:
    """A date of `2025-10-27` or `2025/10/27`, None where the text is empty."""
    text = text.strip().replace("/", "-")
    if not text:
        return None
    try:
        year, month, day_ = (int(part) for part in text[:10].split("-"))
        return date(year, month, day_)
    except ValueError:
        raise Bad(reason, text) from None


def of_width(text: str, width: int, reason: str) -> str:
    """A national id of exactly this width."""
    text = text.strip()
    if len(text) != width or not text.isascii() or not text.isalnum():
        raise Bad(reason, text)
    return text


def some(text: str, reason: str) -> str:
    """A text that must not be empty."""
    if not text.strip():
        raise Bad(reason, text)
    return text.strip()


def amount(text: str, reason: str) -> str:
    """The decimal text of an amount or a factor of whole millionths that is not negative."""
    number = decimal(text, reason)
    if number < 0 or number * MICRO != int(number * MICRO):
        raise Bad(reason, text[:64])
    return f"{number:f}"
