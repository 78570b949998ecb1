"""Pure decisions of organisation: what a register may say, the tree of a day, who sees what."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date

from tollcentre.access.terms import Role
from tollcentre.core.refusal import Refusal
from tollcentre.core.register import WORD_UNKNOWN, Row, day_in, word_of

from .terms import (
    FIELD_EMPTY,
    PARENT_UNFIT,
    PARENTS,
    PLACING_CONTRADICTS,
    POSTS,
    ROLE_UNFIT,
    TREE_TURNS_BACK,
    UNIT_CLOSED_WITH_BELOW,
    UNIT_NOT_STANDING,
    UNIT_UNKNOWN,
    Placing,
    Scope,
    UnitKind,
    UnitPlaced,
)

UNIT_COLUMNS = ("code", "kind", "name_zh", "name_en", "parent", "from_day", "is_closed")
Parents = Mapping[str, str]
"""Standing unit → its parent, empty for a root."""


def unit_from(row: Row) -> UnitPlaced:
    """A unit of a register's line; refuses a field that is empty or no word of its kind."""
    for name in ("code", "name_zh", "name_en"):
        if not row[name]:
            raise Refusal(FIELD_EMPTY, name)
    if row["is_closed"] not in ("", "0", "1"):
        raise Refusal(WORD_UNKNOWN, "is_closed", words="0、1", value=row["is_closed"])
    return UnitPlaced(
        row["code"], word_of(UnitKind, row, "kind"), row["name_zh"], row["name_en"],
        row["parent"], day_in(row, "from_day"), row["is_closed"] == "1",
    )  # fmt: skip


def check_placing(placing: Placing, standing: Collection[Placing]) -> bool:
    """Whether the placing is new; refuses another one of the same unit and day."""
    for other in standing:
        if (other.unit, other.from_day) == (placing.unit, placing.from_day):
            if other != placing:
                raise Refusal(PLACING_CONTRADICTS, "parent", unit=placing.unit,
                              day=placing.from_day, standing=other.parent or "—",
                              parent=placing.parent or "—")  # fmt: skip
            return False
    return True


def parents_at(placings: Iterable[Placing], day: date) -> dict[str, str]:
    """The tree of a day: every unit that stands, with its parent."""
    latest: dict[str, Placing] = {}
    for one in placings:
        known = latest.get(one.unit)
        if one.from_day <= day and (known is None or known.from_day < one.from_day):
            latest[one.unit] = one
    return {unit: one.parent for unit, one in latest.items() if not one.is_closed}


def check_tree(parents: Parents, kinds: Mapping[str, UnitKind], day: date) -> None:
    """Refuse a tree in which a parent does not stand or does not fit, or that turns back."""
    for unit, parent in sorted(parents.items()):
        kind = kinds[unit]
        if not parent:
            if PARENTS[kind]:
                raise Refusal(FIELD_EMPTY, "parent")
            continue
        if parent not in kinds:
            raise Refusal(UNIT_UNKNOWN, "parent", unit=parent)
        if kinds[parent] not in PARENTS[kind]:
            raise Refusal(PARENT_UNFIT, "parent", unit=unit, parent=parent, kind=kind,
                          parent_kind=kinds[parent])  # fmt: skip
        if parent not in parents:
            raise Refusal(UNIT_CLOSED_WITH_BELOW, "parent", unit=parent, day=day, below=unit)
    for unit in sorted(parents):
        above, seen = parents[unit], {unit}
        while above:
            if above in seen:
                raise Refusal(TREE_TURNS_BACK, "parent", day=day, unit=unit)
            seen.add(above)
            above = parents[above]


def below(parents: Parents, unit: str) -> frozenset[str]:
    """The unit and all that lies below it; nothing where it does not stand."""
    if unit not in parents:
        return frozenset()
    children: dict[str, list[str]] = {}
    for code, parent in parents.items():
        children.setdefault(parent, []).append(code)
    found, waiting = set(), [unit]
    while waiting:
        code = waiting.pop()
        found.add(code)
        waiting += children.get(code, [])
    return frozenset(found)


def sizes(parents: Parents) -> dict[str, int]:
    """How many units lie below each."""
    found = dict.fromkeys(parents, 0)
    for code, _depth in reversed(in_order(parents)):
        if parents[code]:
            found[parents[code]] += 1 + found[code]
    return found


def units_seen(
    parents: Parents, posts: Sequence[tuple[str, Scope]]
) -> tuple[frozenset[str] | None, bool]:
    """(units whose rows are seen, None for every unit's; whether of them only one's own rows).

    Posts add up: the widest of them counts.
    """
    if any(scope is Scope.ALL for _, scope in posts):
        return None, False
    found: set[str] = set()
    for unit, scope in posts:
        found |= below(parents, unit) if scope is Scope.BELOW else {unit} & parents.keys()
    return frozenset(found), all(scope is Scope.MINE for _, scope in posts)


def in_order(parents: Parents) -> list[tuple[str, int]]:
    """(unit, depth) of a tree, each unit after its parent, siblings by code."""
    children: dict[str, list[str]] = {}
    for code, parent in sorted(parents.items(), reverse=True):
        children.setdefault(parent, []).append(code)
    found, waiting = [], [(code, 0) for code in children.get("", [])]
    while waiting:
        code, depth = waiting.pop()
        found.append((code, depth))
        waiting += [(child, depth + 1) for child in children.get(code, [])]
    return found


def require_post(kind: UnitKind, role: Role, unit: str, day: date, parents: Parents) -> None:
    """Refuse a role that no post in such a unit bears, and a unit that does not stand."""
    if role not in POSTS.get(kind, frozenset()):
        raise Refusal(ROLE_UNFIT, "role", kind=kind, role=role)
    if unit not in parents:
        raise Refusal(UNIT_NOT_STANDING, "unit", unit=unit, day=day)
