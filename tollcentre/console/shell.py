"""The shell around every page: the tree menu as data, the breadcrumb, who is signed in."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from tollcentre.access.terms import Permission


@dataclass(frozen=True)
class Entry:
    """One page of the menu; `also` are pages below it that have no entry of their own."""

    name: str
    title: Any
    needs: Permission | None = None
    also: tuple[str, ...] = ()


@dataclass(frozen=True)
class Section:
    """One branch of the menu."""

    title: Any
    icon: str
    entries: tuple[Entry, ...]


MENU = (Section(_("工作台"), "desk", (Entry("inbox", _("待办")),)),)


def _role(viewer: Any) -> str:
    return str(viewer)


def _scope(viewer: Any) -> str:
    return ""


def context(request: HttpRequest) -> dict[str, Any]:
    """The template context of the shell; nothing for readers who are not signed in."""
    viewer = getattr(request, "viewer", None)
    if viewer is None:
        return {}
    here = request.resolver_match.url_name if request.resolver_match else ""
    sections, crumbs = [], []
    for section in MENU:
        entries = []
        for entry in section.entries:
            if entry.needs is not None and not viewer.may(entry.needs):
                continue
            current = here == entry.name or here in entry.also
            entries.append({"title": entry.title, "address": reverse(entry.name), "here": current})
            if current:
                crumbs = [section.title, entry.title]
        if entries:
            sections.append({"title": section.title, "icon": section.icon, "entries": entries})
    return {
        "shell": {
            "sections": sections,
            "crumbs": crumbs,
            "folded": request.COOKIES.get("menu_folded") == "1",
            "person": request.user.get_full_name() or request.user.get_username(),
            "role": _role(viewer),
            "scope": _scope(viewer),
        }
    }
