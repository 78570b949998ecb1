"""Pages of the network: the map, its data, the versions."""

from collections.abc import Callable
from functools import lru_cache
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseNotModified, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tollcentre.access.terms import Permission
from tollcentre.network import queries
from tollcentre.network.terms import VersionInfo
from tollcentre.participants.queries import party_names

from ..drawing import map_of
from ..formatting import Shown
from ..listing import Column, Listing, show, slice_of
from ..pages import page
from ..words import NETWORK_COUNTS


def _count_of(name: str) -> Callable[[VersionInfo], int | None]:
    """Reads one of a version's counts."""
    return lambda row: row.counts.get(name)


VERSIONS = Listing(
    name="network_versions",
    title=gettext_lazy("路网版本"),
    empty=gettext_lazy("还没有导入路网。用 tollcentre network import 导入。"),
    columns=(
        Column(
            "version",
            gettext_lazy("路网版本"),
            Shown.CODE,
            link=lambda row: f"{reverse('network_map')}?version={row.version}",
        ),
        Column("valid_from", gettext_lazy("生效日"), Shown.DAY),
        *(
            Column(name, word, Shown.COUNT, value=_count_of(name))
            for name, word in NETWORK_COUNTS.items()
        ),
        Column("fingerprint", gettext_lazy("指纹"), Shown.CODE, on=False),
    ),
    page=lambda viewer, filters, number, size: slice_of(queries.versions(), number, size),
    rows=lambda viewer, filters: queries.versions(),
)


@lru_cache(maxsize=4)
def _drawn(version: str, fingerprint: str, names: tuple[tuple[str, str], ...]) -> dict[str, Any]:
    """A version drawn; it never changes, so its content and the owners' names decide."""
    return map_of(queries.snapshot(version), dict(names))


def drawn(version: str) -> dict[str, Any]:
    """The version as the map draws it; Refusal where there is no such version."""
    names = tuple(sorted(party_names().items()))
    return _drawn(version, queries.fingerprint(version), names)


def map_source(version: str) -> str:
    """The address of a version's map data."""
    return reverse("network_data", args=[version])


@page(Permission.VIEW_NETWORK)
def versions(request: HttpRequest) -> HttpResponse:
    """The imported versions, the latest first."""
    return show(request, VERSIONS)


@page(Permission.VIEW_NETWORK)
def network_map(request: HttpRequest) -> HttpResponse:
    """Units as lines in their owners' colours, gantries, stations."""
    known = queries.versions()
    if not known:
        return show(request, VERSIONS)
    asked = request.GET.get("version", "")
    version = asked if asked in {item.version for item in known} else known[0].version
    found = drawn(version)
    context = {
        "title": _("路网地图"),
        "versions": known,
        "version": version,
        "source": map_source(version),
        "counts": {
            "units": len(found["units"]) + found["unplaced"],
            "gantries": len(found["gantries"]),
            "stations": len(found["stations"]),
        },
        "unplaced": found["unplaced"],
    }
    return render(request, "console/network/map.html", context)


@page(Permission.VIEW_NETWORK)
def data(request: HttpRequest, version: str) -> HttpResponse:
    """The map's data; unchanged while the version's content is."""
    tag = f'"{queries.fingerprint(version)[:32]}"'
    if request.headers.get("If-None-Match") == tag:
        return HttpResponseNotModified()
    answer = JsonResponse(drawn(version), json_dumps_params={"ensure_ascii": False,
                                                             "separators": (",", ":")})  # fmt: skip
    answer["ETag"] = tag
    answer["Cache-Control"] = "private, no-cache"
    return answer
