"""Pages of organisation: the tree of units on a day, and who holds which post."""

from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy

from tollcentre.access.terms import ROLE_TITLES, Permission, Viewer
from tollcentre.organisation import queries
from tollcentre.organisation.terms import TreeRow

from ..days import today
from ..formatting import Shown
from ..listing import Column, Filters, Listing, SearchField, show, slice_of
from ..pages import page, reads_english
from ..words import SCOPES, UNIT_KINDS
from .passage import choices_of

INDENT = "　"


def _day(filters: Filters) -> date:
    return date.fromisoformat(filters["day"]) if filters["day"] else today()


def _tree(viewer: Viewer, filters: Filters) -> list[TreeRow]:
    return queries.tree_at(_day(filters), viewer=viewer, kind=filters["kind"], text=filters["text"])


def _name(row: TreeRow) -> str:
    return INDENT * row.depth + (row.name_en if reads_english() else row.name_zh)


UNITS = Listing(
    name="units",
    title=gettext_lazy("机构"),
    note=gettext_lazy("按日期的机构树：下级缩进在上级之下；隶属自某日起变更，历史不改"),
    empty=gettext_lazy("没有登记机构"),
    size=100,
    fields=(
        SearchField("day", gettext_lazy("日期"), "date", default=lambda: today().isoformat()),
        SearchField("kind", gettext_lazy("类型"), "select", choices_of(UNIT_KINDS)),
        SearchField("text", gettext_lazy("机构"), hint=gettext_lazy("编号或名称")),
    ),
    columns=(
        Column("name", gettext_lazy("名称"), value=_name),
        Column("kind", gettext_lazy("类型"), labels=UNIT_KINDS),
        Column("code", gettext_lazy("编号"), Shown.CODE),
        Column("parent", gettext_lazy("上级"), Shown.CODE),
        Column("below", gettext_lazy("下级机构"), Shown.COUNT),
        Column("posts", gettext_lazy("在岗人数"), Shown.COUNT,
               link=lambda row: f"{reverse('posts')}?{urlencode({'unit': row.code})}"),
        Column("since", gettext_lazy("自"), Shown.DAY),
    ),
    page=lambda viewer, filters, number, size: slice_of(_tree(viewer, filters), number, size),
    rows=_tree,
)  # fmt: skip


def _posts(viewer: Viewer, filters: Filters) -> Any:
    return queries.posts(
        viewer=viewer, day=_day(filters), unit=filters["unit"], user=filters["user"]
    )


def _role(post: Any) -> str:
    titles = {role.value: names for role, names in ROLE_TITLES.items()}
    return titles[post.role][1 if reads_english() else 0]


def _unit(post: Any) -> str:
    return str(post.unit.name_en if reads_english() else post.unit.name_zh)


POSTS = Listing(
    name="posts",
    title=gettext_lazy("岗位"),
    note=gettext_lazy("谁自何日起在何机构任何岗；岗位的角色定能做什么，数据范围定能看哪些行"),
    empty=gettext_lazy("没有岗位"),
    size=50,
    fields=(
        SearchField("day", gettext_lazy("日期"), "date", default=lambda: today().isoformat()),
        SearchField("unit", gettext_lazy("机构"), hint=gettext_lazy("编号或其开头")),
        SearchField("user", gettext_lazy("用户")),
    ),
    columns=(
        Column("user", gettext_lazy("用户"), value=lambda row: row.user.get_username()),
        Column("title", gettext_lazy("岗位")),
        Column("unit", gettext_lazy("机构"), value=_unit),
        Column("unit_code", gettext_lazy("编号"), Shown.CODE, value=lambda row: row.unit.code),
        Column("role", gettext_lazy("角色"), value=_role),
        Column("scope", gettext_lazy("数据范围"), labels=SCOPES),
        Column("from_day", gettext_lazy("自"), Shown.DAY),
        Column("to_day", gettext_lazy("至"), Shown.DAY),
    ),
    page=lambda viewer, filters, number, size: slice_of(_posts(viewer, filters), number, size),
    rows=lambda viewer, filters: _posts(viewer, filters).iterator(chunk_size=2_000),
    count=lambda viewer, filters: _posts(viewer, filters).count(),
)  # fmt: skip


@page(Permission.VIEW_ORGANISATION)
def units(request: HttpRequest) -> HttpResponse:
    """The tree of units as it stands on a day."""
    return show(request, UNITS)


@page(Permission.VIEW_ORGANISATION)
def posts(request: HttpRequest) -> HttpResponse:
    """Posts that are held on a day."""
    return show(request, POSTS)
