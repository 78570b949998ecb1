"""Values that fit a message's columns, for tests: made from the column's own rules, at random."""

from datetime import date, timedelta
from typing import Any

from hypothesis import strategies as st

from tollcentre.messages.codecs.exchange.kinds import (
    MessageColumn,
    MessageKind,
    rulebook,
    snake_case,
)
from tollcentre.messages.terms import Protocol

FIRST_SECOND = 946_656_000
LAST_SECOND = 4_102_444_799 - 8 * 3600
VISIBLE = st.characters(
    codec="utf-8", exclude_categories=["Cc", "Cs"], exclude_characters="|\ufffe\uffff"
)
BLANK = {"str": "", "rows": ()}


def one_value(column: MessageColumn) -> st.SearchStrategy[Any]:
    """Any value that the column takes."""
    if column.codes:
        return st.sampled_from(sorted(column.codes, key=str))
    if column.pattern is not None:
        texts = st.from_regex(column.pattern, fullmatch=True)
        return texts.filter(lambda text: 0 < len(text) <= column.width and _is_long(text))
    if column.type in ("int", "yuan"):
        most = 10 ** min(column.width, 9) - 1
        return st.integers(-most if column.signed else 0, most)
    if column.type == "time":
        return st.integers(FIRST_SECOND, LAST_SECOND)
    if column.type == "day":
        return st.integers(0, 36_000).map(lambda days: date(2000, 1, 1) + timedelta(days))
    if column.type == "rows":
        keys = [inner.name for inner in column.columns if inner.key]
        return _rows(column.columns, keys, 3).map(tuple)
    texts = st.text(VISIBLE, min_size=1, max_size=min(column.width, 12))
    return texts.filter(lambda text: bool(text.strip()))


def value(column: MessageColumn) -> st.SearchStrategy[Any]:
    """Any value of the column, lists and blanks included."""
    one = one_value(column)
    if column.many:
        one = st.lists(one, max_size=3).map(tuple)
        return one.filter(bool) if column.required else one
    if column.required:
        return one
    return st.one_of(st.just(BLANK.get(column.type)), one)


def row(columns: tuple[MessageColumn, ...]) -> st.SearchStrategy[dict[str, Any]]:
    """Any row of these columns."""
    return st.fixed_dictionaries({column.name: value(column) for column in columns})


def _is_long(text: str) -> bool:
    """Message ids of the packs are 64-bit numbers."""
    return len(text) != 19 or not text.isdigit() or int(text) < 2**63


def _rows(
    columns: tuple[MessageColumn, ...], keys: list[str], most: int
) -> st.SearchStrategy[list[dict[str, Any]]]:
    def key(record: dict[str, Any]) -> tuple[Any, ...]:
        return tuple(record[name] for name in keys)

    return st.lists(row(columns), max_size=most, unique_by=key if keys else None)


@st.composite
def said(draw: st.DrawFn, protocol: Protocol, name: str) -> dict[str, Any]:
    """Fields and records of a message of that kind, whose keys and totals agree."""
    kind = rulebook(protocol).kinds[name]
    keys = [column.name for column in kind.records if column.key]
    records = draw(_rows(kind.records, keys, 4)) if kind.records else []
    for number, record in enumerate(records, 1):
        if kind.numbered:
            record[snake_case(kind.numbered)] = number
        record |= {snake_case(same): records[0][snake_case(same)] for same in kind.uniform}
        record |= {
            snake_case(total.field): len(record[snake_case(total.inside)])
            for total in kind.totals
            if total.inside
        }
    fields = draw(row(tuple(column for column in kind.fields if not column.same_as)))
    return {"fields": fields | totals(kind, records), "records": records}


def totals(kind: MessageKind, records: list[dict[str, Any]]) -> dict[str, int]:
    """What the records make, added up one by one."""
    found: dict[str, int] = {}
    for total in kind.totals:
        if total.inside:
            continue
        found[snake_case(total.field)] = 0
        for record in records:
            if all(record[snake_case(name)] == wanted for name, wanted in total.where.items()):
                value = 1 if total.of == "rows" else record[snake_case(total.of)]
                found[snake_case(total.field)] += value
    return found
