"""Every read of organisation: the tree of a day, posts, and whose rows a user may see."""

from collections import Counter
from dataclasses import replace
from datetime import date
from typing import Any

from django.db.models import Q, QuerySet

from tollcentre.access import queries as access
from tollcentre.access.terms import Role, Viewer
from tollcentre.core.refusal import Refusal

from . import rules
from .models import Post, Unit, UnitPlacing
from .terms import UNIT_UNKNOWN, Placing, Scope, TreeRow, UnitKind

CENTRE_ROLES = frozenset(Role) - {Role.ROAD_OWNER, Role.STATION_OFFICER, Role.OUTLET_CLERK}
"""Roles that see every unit's rows when they are given without a post."""


def kinds() -> dict[str, UnitKind]:
    """Every unit ever registered, with its kind."""
    return {code: UnitKind(kind) for code, kind in Unit.objects.values_list("code", "kind")}


def placings() -> list[Placing]:
    """Where every unit belonged from when."""
    rows = UnitPlacing.objects.order_by("from_day", "pk")
    return [
        Placing(unit, day, parent or "", closed)
        for unit, day, parent, closed in rows.values_list(
            "unit__code", "from_day", "parent__code", "is_closed"
        )
    ]


def unit_row(code: str) -> Unit:
    """The unit of that code; Refusal where there is none."""
    row = Unit.objects.filter(code=code).first()
    if row is None:
        raise Refusal(UNIT_UNKNOWN, "unit", unit=code)
    return row


def tree_at(day: date, *, viewer: Viewer, kind: str = "", text: str = "") -> list[TreeRow]:
    """The units that stand on a day, each after its parent, as far as the viewer sees them.

    Of a kind, or whose code or name holds a text.
    """
    standing = placings()
    parents = rules.parents_at(standing, day)
    since = {one.unit: one.from_day for one in standing if one.from_day <= day}
    posts = Counter(posts_at(day).values_list("unit__code", flat=True))
    units, sizes = Unit.objects.in_bulk(field_name="code"), rules.sizes(parents)
    found = []
    for code, depth in rules.in_order(parents):
        row = units[code]
        if viewer.unit_codes is not None and code not in viewer.unit_codes:
            continue
        named = text.casefold() in f"{code} {row.name_zh} {row.name_en}".casefold()
        if kind in ("", row.kind) and named:
            found.append(
                TreeRow(code, UnitKind(row.kind), row.name_zh, row.name_en, parents[code], depth,
                        sizes[code], posts[code], since[code])
            )  # fmt: skip
    return found


def posts_at(day: date) -> "QuerySet[Post]":
    """The posts that are held on a day."""
    ended = Q(to_day__isnull=True) | Q(to_day__gte=day)
    return Post.objects.filter(ended, from_day__lte=day)


def posts(
    *, viewer: Viewer, day: date | None = None, unit: str = "", user: str = "", role: str = ""
) -> "QuerySet[Post]":
    """Posts for a page, of the units that the viewer sees; those held on a day, or all."""
    found = Post.objects.all() if day is None else posts_at(day)
    if viewer.unit_codes is not None:
        found = found.filter(unit__code__in=viewer.unit_codes)
    if viewer.only_mine:
        found = found.filter(user__username=viewer.name)
    wanted = {"unit__code__startswith": unit, "user__username__startswith": user, "role": role}
    found = found.filter(**{name: value for name, value in wanted.items() if value})
    return found.select_related("unit", "user").order_by("unit__code", "from_day", "pk")


def viewer_of(user: Any, day: date) -> Viewer:
    """The viewer that a signed-in user is on a day, by roles of its own and by its posts.

    A role of the centre that was given without a post sees every unit's rows; else the posts say
    which. A post in a road owner's unit sees that owner's rows.
    """
    viewer = access.viewer_of(user)
    held = list(posts_at(day).filter(user=user).values_list("unit__code", "role", "scope"))
    if viewer.roles & CENTRE_ROLES:
        return replace(viewer, roles=viewer.roles | {Role(role) for _, role, _ in held})
    scopes = [(unit, Scope(scope)) for unit, _, scope in held]
    units, only_mine = rules.units_seen(rules.parents_at(placings(), day) if held else {}, scopes)
    owners = viewer.owner_ids or frozenset()
    if units is None:
        owner_ids = None
    else:
        owned = Unit.objects.filter(kind=UnitKind.ROAD_OWNER, code__in=units)
        owner_ids = owners | frozenset(owned.values_list("code", flat=True))
    roles = viewer.roles | {Role(role) for _, role, _ in held}
    return Viewer(viewer.name, roles, owner_ids, units, only_mine and bool(held))
