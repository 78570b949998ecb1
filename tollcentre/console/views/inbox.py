"""The to-do inbox: what waits for a person, gathered from the domains' own queries."""

from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from tollcentre.core.clock import SHANGHAI

from ..pages import page


@page()
def inbox(request: HttpRequest) -> HttpResponse:
    """Everything that waits, most urgent first."""
    context = {"title": _("待办"), "today": datetime.now(SHANGHAI).date(), "tasks": []}
    return render(request, "console/inbox.html", context)
