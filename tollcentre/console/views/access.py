"""Pages of access: signing in and out, approvals by a second person, the trail of acts."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.contrib.auth.views import LoginView, LogoutView
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tollcentre.access import actions, queries
from tollcentre.access.terms import (
    DEMO_USERS,
    NO_SUCH_APPROVAL,
    ROLE_TITLES,
    ApprovalInfo,
    ApprovalState,
    Permission,
    Viewer,
)
from tollcentre.core.refusal import Refusal
from tollcentre.deposit import actions as deposit
from tollcentre.deposit.terms import RULE_DIFFERENCE
from tollcentre.dispute.actions import rule_approved
from tollcentre.dispute.terms import RULE_DISPUTES
from tollcentre.messages.actions import moment
from tollcentre.passage.terms import DECIDE_PATH
from tollcentre.refund import actions as refund
from tollcentre.refund.terms import APPROVE_CHANGE
from tollcentre.settlement.actions import carry_out
from tollcentre.settlement.terms import RequestKind

from ..formatting import Shown
from ..listing import Column, Filters, Listing, SearchField, show, slice_of
from ..pages import page, reads_english, refusal_text
from ..words import ACTS, APPROVAL_STATES, APPROVAL_TAGS
from .passage import asked_path, choices_of
from .refund import asked_change
from .rulings import asked_rulings


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


STATES = {state: APPROVAL_STATES[state] for state in ApprovalState}
APPROVALS = Listing(
    name="approvals",
    title=gettext_lazy("审批"),
    note=gettext_lazy("一人经办，另一人复核；经办人不能复核自己的申请"),
    empty=gettext_lazy("没有符合条件的申请"),
    fields=(
        SearchField("state", gettext_lazy("状态"), "select", choices_of(STATES),
                    default=ApprovalState.WAITING),
    ),
    columns=(
        Column("requested_at", gettext_lazy("申请时间"), Shown.TIME),
        Column("act", gettext_lazy("事项"), labels=ACTS,
               link=lambda row: reverse("approval", args=[row.approval_key])),
        Column("subject", gettext_lazy("对象"), Shown.CODE),
        Column("maker", gettext_lazy("经办人")),
        Column("reason", gettext_lazy("理由")),
        Column("state", gettext_lazy("状态"), labels=APPROVAL_STATES, tags=APPROVAL_TAGS,
               value=lambda row: queries.approval_info(row).state),
        Column("checker", gettext_lazy("复核人"),
               value=lambda row: queries.approval_info(row).checker),
        Column("decided_at", gettext_lazy("复核时间"), Shown.TIME,
               value=lambda row: queries.approval_info(row).decided_at),
        Column("approval_key", gettext_lazy("审批单号"), Shown.CODE, on=False),
    ),
    page=lambda viewer, filters, number, size: slice_of(_asked(viewer, filters), number, size),
    rows=lambda viewer, filters: _asked(viewer, filters).iterator(chunk_size=2_000),
    count=lambda viewer, filters: _asked(viewer, filters).count(),
)  # fmt: skip
SHOWN_BY_ACT = {
    DECIDE_PATH: ("console/passage/_asked.html", asked_path),
    APPROVE_CHANGE: ("console/refund/_asked.html", asked_change),
    RULE_DISPUTES: ("console/dispute/_asked.html", asked_rulings),
}
"""Act → what its page shows of what is asked: the template, and what it is told."""
DONE_ONCE_APPROVED: dict[str, Callable[[str, int], object]] = {
    RULE_DIFFERENCE: deposit.carry_out,
    RULE_DISPUTES: rule_approved,
    APPROVE_CHANGE: lambda _, now: refund.carry_out(now),
    **dict.fromkeys(map(str, RequestKind), carry_out),
}
"""Act → what is done at once with its approval, by its key at a moment; both or neither."""
ALSO_WHEN_REFUSED = (APPROVE_CHANGE,)
"""Acts of which a refusal has consequences too."""


def _asked(viewer: Viewer, filters: Filters) -> Any:
    return queries.approvals(viewer=viewer, state=filters["state"])


@page(Permission.APPROVE)
def approvals(request: HttpRequest) -> HttpResponse:
    """What waits for a second person, and what was decided before."""
    return show(request, APPROVALS)


@page(Permission.APPROVE)
def approval(request: HttpRequest, approval_key: str) -> HttpResponse:
    """One request: who asks for what, what it would do, and the answer to it."""
    viewer: Viewer = request.viewer
    found = queries.approval(approval_key)
    if found is None:
        raise Refusal(NO_SUCH_APPROVAL, "approval_key", key=approval_key)
    if request.method == "POST":
        return _answer(request, found)
    template, shown = SHOWN_BY_ACT.get(found.act, ("", None))
    context = {
        "title": _("审批"),
        "approval": found,
        "act": ACTS.get(found.act, found.act),
        "state": APPROVAL_STATES[found.state],
        "state_css": APPROVAL_TAGS[found.state],
        "is_own": found.maker == viewer.name,
        "asked": shown(viewer, found) if shown else None,
        "asked_template": template,
    }
    return render(request, "console/access/approval.html", context)


def _answer(request: HttpRequest, found: ApprovalInfo) -> HttpResponse:
    """Approve or refuse, as the button says."""
    approves = request.POST.get("answer") == "approve"
    answer = actions.approve if approves else actions.refuse
    reason = request.POST.get("reason", "").strip()
    try:
        with transaction.atomic():
            found = answer(approval_key=found.approval_key, checker=request.viewer, reason=reason)
            follows = found.act in (DONE_ONCE_APPROVED if approves else ALSO_WHEN_REFUSED)
            if follows:
                DONE_ONCE_APPROVED[found.act](found.approval_key, moment())
    except Refusal as refusal:
        messages.error(request, refusal_text(refusal))
        return redirect("approval", approval_key=found.approval_key)
    messages.success(request, _("已批准。") if approves else _("已退回。"))
    return redirect("approvals")


login = Login.as_view()
logout = LogoutView.as_view(next_page="login")
