"""How a value is shown on a page, in a CSV file and in a sheet: core.formats under one roof."""

from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any

from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext

from tollcentre.core import formats
from tollcentre.core.clock import SHANGHAI

from .words import PLATE_COLOURS

NOTHING = "—"


class Shown(Enum):
    """The kinds of values that columns hold."""

    TEXT = "text"
    AMOUNT = "amount"
    COUNT = "count"
    TIME = "time"
    DAY = "day"
    DISTANCE = "distance"
    SECONDS = "seconds"
    SHARE = "share"
    CODE = "code"
    PLATE = "plate"
    TAG = "tag"
    YESNO = "yesno"
    RAW = "raw"

    @property
    def numeric(self) -> bool:
        """Whether the column is set to the right."""
        return self in NUMERIC

    @property
    def css(self) -> str:
        """The cell's class."""
        if self.numeric:
            return "num"
        if self is Shown.RAW:
            return "raw"
        return "keep" if self in KEPT_ON_ONE_LINE else "text"


NUMERIC = frozenset({Shown.AMOUNT, Shown.COUNT, Shown.DISTANCE, Shown.SECONDS, Shown.SHARE})
KEPT_ON_ONE_LINE = frozenset({Shown.TIME, Shown.DAY, Shown.CODE, Shown.PLATE, Shown.TAG})


def moment_text(value: Any) -> str:
    """A time of the road (epoch seconds) or of a person (datetime), as Shanghai shows it."""
    if isinstance(value, datetime):
        return value.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M:%S")
    return formats.time_text(value)


def seconds_text(seconds: Any) -> str:
    """`0.42 s`, `2 min 05 s`."""
    if seconds is None:
        return NOTHING
    if seconds < 60:
        return f"{seconds:.2f} s"
    minutes, rest = divmod(int(seconds), 60)
    return f"{minutes} min {rest:02d} s"


def text_of(shown: Shown, value: Any) -> str:
    """The value as a reader sees it."""
    if value is None or value == "":
        return NOTHING
    if shown is Shown.YESNO:
        return gettext("是") if value else gettext("否")
    if shown is Shown.PLATE:
        colour = plate_colour(value)
        return f"{formats.plate_text(value)} {colour}".rstrip()
    if shown is Shown.DAY:
        return value.isoformat() if isinstance(value, date) else str(value)
    writer = _WRITERS.get(shown)
    return writer(value) if writer else str(value)


def plain_of(shown: Shown, value: Any) -> str:
    """The value as a CSV cell: amounts are yuan without sign or commas, numbers bare."""
    if value is None:
        return ""
    if shown is Shown.AMOUNT:
        return formats.amount_plain(value)
    if shown in (Shown.COUNT, Shown.DISTANCE, Shown.SHARE, Shown.SECONDS):
        return str(value)
    text = text_of(shown, value)
    return "" if text == NOTHING else text


def cell_of(shown: Shown, value: Any) -> str | int | float | Decimal:
    """The value as a sheet's cell: amounts are numbers in yuan, exact to the fen."""
    if value is None:
        return ""
    if shown is Shown.AMOUNT:
        return Decimal(value).scaleb(-2)
    if shown in (Shown.COUNT, Shown.DISTANCE, Shown.SHARE, Shown.SECONDS):
        return value if isinstance(value, int | float) else str(value)
    return plain_of(shown, value)


def html_of(shown: Shown, value: Any) -> SafeString | str:
    """The value as a page's cell."""
    if value is None or value == "":
        return mark_safe(f'<span class="faint">{NOTHING}</span>')
    text = text_of(shown, value)
    if shown is Shown.CODE:
        return format_html('<span class="code">{}</span>', text)
    if shown is Shown.PLATE:
        return format_html(
            '<span class="plate c{}" title="{}">{}</span>',
            str(value).partition("_")[2] or "9",
            plate_colour(value),
            formats.plate_text(value),
        )
    if shown is Shown.AMOUNT and value < 0:
        return format_html('<span class="bad-text">{}</span>', text)
    return text


def plate_colour(vehicle_id: str) -> str:
    """The colour's word of `甘A12345_0`, empty where it carries none."""
    colour = str(vehicle_id).partition("_")[2]
    return str(PLATE_COLOURS.get(int(colour), "")) if colour.isdecimal() else ""


_WRITERS = {
    Shown.AMOUNT: formats.amount_text,
    Shown.COUNT: formats.count_text,
    Shown.TIME: moment_text,
    Shown.DISTANCE: formats.distance_text,
    Shown.SECONDS: seconds_text,
    Shown.SHARE: formats.share_text,
}
