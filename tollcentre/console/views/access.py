"""Pages of access: signing in and out, the trail of acts."""

from typing import Any

from django.contrib.auth.views import LoginView, LogoutView
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy

from tollcentre.access import queries
from tollcentre.access.terms import DEMO_USERS, ROLE_TITLES, Permission, Viewer

from ..formatting import Shown
from ..listing import Column, Filters, Listing, SearchField, show, slice_of
from ..pages import page, reads_english


class Login(LoginView):
    """Signing in; where demo users exist, their names are offered, never their passwords."""

    template_name = "console/access/login.html"
    redirect_authenticated_user = True

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        if queries.has_demo_users():
            place = 1 if reads_english() else 0
            context["demo"] = [
                {"username": name, "role": ROLE_TITLES[role][place]}
                for name, role in DEMO_USERS.items()
            ]
        return context


TRAIL = Listing(
    name="trail",
    title=gettext_lazy("操作留痕"),
    note=gettext_lazy("只增不改，逐行以哈希相连"),
    empty=gettext_lazy("没有符合条件的操作"),
    fields=(
        SearchField("act", gettext_lazy("操作")),
        SearchField("subject", gettext_lazy("对象")),
        SearchField("actor", gettext_lazy("操作人")),
    ),
    columns=(
        Column("seq", gettext_lazy("序号"), Shown.COUNT),
        Column("at", gettext_lazy("时间"), Shown.TIME),
        Column("actor", gettext_lazy("操作人")),
        Column("act", gettext_lazy("操作"), Shown.CODE),
        Column("subject", gettext_lazy("对象"), Shown.CODE),
        Column("detail", gettext_lazy("内容"), Shown.RAW, value=lambda row: cut(row.detail)),
        Column("hash", gettext_lazy("链值"), Shown.CODE, on=False),
        Column("previous_hash", gettext_lazy("前链值"), Shown.CODE, on=False),
    ),
    page=lambda viewer, filters, number, size: slice_of(_acts(viewer, filters), number, size),
    rows=lambda viewer, filters: _acts(viewer, filters).iterator(chunk_size=2_000),
    count=lambda viewer, filters: _acts(viewer, filters).count(),
)
DETAIL_SHOWN = 160


def cut(text: str) -> str:
    """The beginning of a long detail."""
    return text if len(text) <= DETAIL_SHOWN else text[:DETAIL_SHOWN] + "…"


def _acts(viewer: Viewer, filters: Filters) -> Any:
    return queries.trail(viewer=viewer, **filters)


@page(Permission.VIEW_TRAIL)
def trail(request: HttpRequest) -> HttpResponse:
    """The trail of acts, newest first."""
    return show(request, TRAIL)


login = Login.as_view()
logout = LogoutView.as_view(next_page="login")
