"""What every page goes through: signed in, a viewer at hand, and refusals said in words."""

from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render, resolve_url
from django.utils.translation import get_language

from tollcentre.access.terms import Permission
from tollcentre.core.clock import day_of
from tollcentre.core.refusal import Refusal
from tollcentre.messages.actions import moment
from tollcentre.organisation.queries import viewer_of

View = Callable[..., HttpResponse]


def page(needs: Permission | None = None) -> Callable[[View], View]:
    """A page for staff who are signed in and, where it is said, hold the permission."""

    def wrap(view: View) -> View:
        @wraps(view)
        def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if not request.user.is_authenticated:
                return _to_login(request)
            viewer = viewer_of(request.user, day_of(moment()))
            request.viewer = viewer
            if needs is not None and not viewer.may(needs):
                raise PermissionDenied
            try:
                return view(request, *args, **kwargs)
            except Refusal as refusal:
                return refused(request, refusal)

        return answer

    return wrap


def refused(request: HttpRequest, refusal: Refusal) -> HttpResponse:
    """The page that says what was refused and why; nothing was changed."""
    context = {"refusal": refusal, "reason": refusal_text(refusal)}
    return render(request, "console/refused.html", context, status=404)


def refusal_text(refusal: Refusal) -> str:
    """The refusal's sentence in the reader's language."""
    return refusal.text_en() if reads_english() else refusal.text_zh()


def reads_english() -> bool:
    """Whether this reader switched to English."""
    return (get_language() or "").startswith("en")


def _to_login(request: HttpRequest) -> HttpResponse:
    target = resolve_url("login")
    if getattr(request, "htmx", None):
        response = HttpResponse(status=401)
        response["HX-Redirect"] = target
        return response
    return redirect(f"{target}?{urlencode({'next': request.get_full_path()})}")
