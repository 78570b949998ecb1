"""Every write to organisation: units are registered and moved, people appointed and relieved."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

from django.db import transaction

from tollcentre.access.actions import hold_trail, record_trail
from tollcentre.access.terms import PERMISSION_MISSING, Permission, Role, Viewer
from tollcentre.core.refusal import Refusal
from tollcentre.messages.codecs.csv_rows import parsed_lines

from . import rules
from .models import Post, Unit, UnitPlacing
from .queries import kinds, placings, unit_row
from .terms import (
    FIELD_EMPTY,
    POST_ENDS_BEFORE,
    POST_TAKEN,
    POST_UNKNOWN,
    UNIT_CONTRADICTS,
    UNIT_UNKNOWN,
    Placing,
    Scope,
    UnitKind,
    UnitPlaced,
)


def import_units(*, path: Path, actor: str) -> int:
    """Take in a register of units, whole or nothing; how many placings were new.

    Refuses the first line that cannot be used, named by its number.
    """
    placed = parsed_lines(path, rules.UNIT_COLUMNS, rules.unit_from)
    return register_units(units=placed, source=path.name, actor=actor)


@transaction.atomic
def register_units(*, units: Sequence[UnitPlaced], source: str, actor: str) -> int:
    """Put units where a register says they belong; the same again changes nothing.

    Refuses another kind for a known unit, another parent for a unit and day, and whatever leaves a
    day's tree with a parent that does not stand, does not fit or lies below its own child.
    """
    hold_trail()
    known = kinds()
    for unit in units:
        if known.setdefault(unit.code, unit.kind) is not unit.kind:
            raise Refusal(UNIT_CONTRADICTS, "kind", unit=unit.code, kind=known[unit.code],
                          other=unit.kind)  # fmt: skip
    standing = placings()
    fresh = []
    for unit in sorted(units, key=lambda one: (one.from_day, one.code)):
        parent = "" if unit.is_closed else unit.parent
        if parent and parent not in known:
            raise Refusal(UNIT_UNKNOWN, "parent", unit=parent)
        placing = Placing(unit.code, unit.from_day, parent, unit.is_closed)
        if rules.check_placing(placing, standing):
            standing.append(placing)
            fresh.append(placing)
    for day in sorted({placing.from_day for placing in fresh}):
        rules.check_tree(rules.parents_at(standing, day), known, day)
    _keep(units, fresh, source)
    for placing in fresh:
        record_trail(
            actor=actor, act="organisation.place_unit", subject=placing.unit,
            detail={"parent": placing.parent, "from_day": str(placing.from_day),
                    "is_closed": placing.is_closed},
        )  # fmt: skip
    return len(fresh)


def _keep(units: Sequence[UnitPlaced], fresh: Sequence[Placing], source: str) -> None:
    have = set(Unit.objects.values_list("code", flat=True))
    named = {one.code: one for one in units if one.code not in have}
    Unit.objects.bulk_create(
        Unit(code=one.code, kind=one.kind, name_zh=one.name_zh, name_en=one.name_en)
        for one in named.values()
    )
    rows = Unit.objects.in_bulk({one.unit for one in fresh} | {one.parent for one in fresh},
                                field_name="code")  # fmt: skip
    UnitPlacing.objects.bulk_create(
        UnitPlacing(unit=rows[one.unit], from_day=one.from_day, parent=rows.get(one.parent),
                    is_closed=one.is_closed, source=source)
        for one in fresh
    )  # fmt: skip


@transaction.atomic
def appoint(
    *, user: Any, unit: str, title: str, role: Role, scope: Scope, from_day: date, maker: Viewer
) -> int:  # fmt: skip
    """Give a person a post in a unit from a day on; its number. The same again gives the same.

    Refuses who may not appoint, a unit that does not stand on the day, a role that such a unit has
    no post for, an empty title, and the same post from the day with another role or scope.
    """
    _require(maker)
    if not title.strip():
        raise Refusal(FIELD_EMPTY, "title")
    hold_trail()
    row = unit_row(unit)
    rules.require_post(
        UnitKind(row.kind), role, unit, from_day, rules.parents_at(placings(), from_day)
    )
    post, is_new = Post.objects.get_or_create(
        user=user, unit=row, title=title.strip(), from_day=from_day,
        defaults={"role": role, "scope": scope},
    )  # fmt: skip
    if not is_new and (post.role, post.scope) != (role, scope):
        raise Refusal(POST_TAKEN, "title", user=user.get_username(), unit=unit, title=title,
                      day=from_day)  # fmt: skip
    if is_new:
        record_trail(
            actor=maker.name, act="organisation.appoint", subject=user.get_username(),
            detail={"post": post.pk, "unit": unit, "title": post.title, "role": role,
                    "scope": scope, "from_day": str(from_day)},
        )  # fmt: skip
    return int(post.pk)


@transaction.atomic
def end_post(*, post_id: int, to_day: date, maker: Viewer) -> None:
    """End a post after a day, once; refuses an unknown or ended one, and a day before its first."""
    _require(maker)
    hold_trail()
    post = Post.objects.select_for_update().filter(pk=post_id, to_day__isnull=True).first()
    if post is None:
        raise Refusal(POST_UNKNOWN, "post", post=post_id)
    if to_day < post.from_day:
        raise Refusal(POST_ENDS_BEFORE, "to_day", start=post.from_day, day=to_day)
    post.to_day = to_day
    post.save(update_fields=["to_day"])
    record_trail(
        actor=maker.name, act="organisation.end_post", subject=post.user.get_username(),
        detail={"post": post_id, "unit": post.unit.code, "to_day": str(to_day)},
    )  # fmt: skip


def _require(maker: Viewer) -> None:
    if not maker.may(Permission.APPOINT):
        raise Refusal(PERMISSION_MISSING, user=maker.name, permission=Permission.APPOINT)
