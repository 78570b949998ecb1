"""Template tags of the console: values through core.formats, icons, addresses of a list."""

from typing import Any

from django import template
from django.template import Context
from django.templatetags.static import static
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from tollcentre.reporting.statements import Cell, Kind, Table

from .. import words
from ..formatting import Shown, html_of, seconds_text
from ..listing import Column
from ..pages import reads_english

register = template.Library()

WORDS: dict[str, dict[Any, Any]] = {
    "media": words.MEDIA_TYPES,
    "vehicle_type": words.VEHICLE_TYPES,
    "vehicle_class": words.VEHICLE_CLASSES,
    "exit_fee_type": words.EXIT_FEE_TYPES,
    "unit_sign": words.UNIT_SIGNS,
    "node_kind": words.NODE_KINDS,
    "record_source": words.RECORD_SOURCES,
    "relation": words.RELATIONS,
    "exit_kind": words.EXIT_KINDS,
    "side": words.SIDES,
    "run_state": words.RUN_STATES,
    "run_state_tag": words.RUN_STATE_TAGS,
}


@register.filter
def amount(fen: Any) -> SafeString | str:
    """An amount in fen."""
    return html_of(Shown.AMOUNT, fen)


@register.filter
def count(number: Any) -> SafeString | str:
    """A whole number with its commas."""
    return html_of(Shown.COUNT, number)


@register.filter
def moment(value: Any) -> SafeString | str:
    """Epoch seconds or a datetime."""
    return html_of(Shown.TIME, value)


@register.filter
def day(value: Any) -> SafeString | str:
    """A calendar day."""
    return html_of(Shown.DAY, value)


@register.filter
def distance(metres: Any) -> SafeString | str:
    """Metres as kilometres."""
    return html_of(Shown.DISTANCE, metres)


@register.filter
def seconds(value: Any) -> str:
    """Wall time."""
    return seconds_text(value)


@register.filter
def share(ppm: Any) -> SafeString | str:
    """Parts per million as per cent."""
    return html_of(Shown.SHARE, ppm)


@register.filter
def plate(vehicle_id: Any) -> SafeString | str:
    """A plate in its colour."""
    return html_of(Shown.PLATE, vehicle_id)


@register.filter
def code(text: Any) -> SafeString | str:
    """A national code."""
    return html_of(Shown.CODE, text)


@register.filter
def word(value: Any, table: str) -> Any:
    """The word of a national code, or the code itself where there is none."""
    return WORDS[table].get(value, value)


@register.filter
def in_words(reason: Any) -> str:
    """A term that carries both languages (`zh`, `en`), in the reader's."""
    return reason.en if reads_english() else reason.zh


@register.filter
def field_of(row: Any, key: str) -> Any:
    """A value of a mapping by a key that the template holds in a variable."""
    return row.get(key)


@register.simple_tag
def cell(column: Column, value: Any) -> SafeString | str:
    """One cell of the list page."""
    return html_of(column.shown, value)


@register.simple_tag
def icon(name: str, css: str = "") -> SafeString:
    """One icon of the sprite."""
    sprite = static("console/icons.svg")
    return format_html(
        '<svg class="icon {}" aria-hidden="true"><use href="{}#{}"/></svg>', css, sprite, name
    )


@register.simple_tag(takes_context=True)
def list_address(context: Context, **changes: Any) -> str:
    """The address of this list with some of its query changed; an empty value takes it out."""
    request = context["request"]
    query = request.GET.copy()
    for name in ("export", "count"):
        query.pop(name, None)
    for name, value in changes.items():
        if value == "":
            query.pop(name, None)
        else:
            query[name] = str(value)
    return f"{request.path}?{query.urlencode()}"


@register.simple_tag
def statement_row(table: Table, row: tuple[Cell, ...]) -> SafeString:
    """One line of a statement's table: amounts with sign and commas."""
    shown = {Kind.AMOUNT: Shown.AMOUNT, Kind.COUNT: Shown.COUNT, Kind.CODE: Shown.CODE}
    cells = [
        (
            "num" if kind.numeric else "keep",
            html_of(shown.get(kind, Shown.TEXT), cell_) if cell_ != "" else "",
        )
        for (_heading, kind), cell_ in zip(table.columns, row, strict=True)
    ]
    return format_html_join("", '<td class="{}">{}</td>', cells)
