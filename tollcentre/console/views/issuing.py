"""Pages of issuing: customers, vehicles with what they hold, businesses and their receipts."""

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy

from tollcentre.access.queries import shown_plate
from tollcentre.access.terms import Permission, Viewer
from tollcentre.core.clock import day_start
from tollcentre.core.refusal import Refusal
from tollcentre.issuing import queries
from tollcentre.issuing.terms import MediumKind
from tollcentre.messages.actions import moment
from tollcentre.privacy.actions import unmask
from tollcentre.privacy.queries import sealer
from tollcentre.privacy.terms import PersonalKind

from ..formatting import Shown
from ..listing import Column, Filters, Listing, SearchField, Slice, show, slice_of
from ..pages import page, refusal_text
from ..words import (
    BUSINESS_KINDS,
    CONTRACT_KINDS,
    CUSTOMER_KINDS,
    ETC_ACCOUNT_STATES,
    ETC_ACCOUNT_TAGS,
    ID_TYPES,
    MEDIUM_KINDS,
    NATIONAL_STATES,
    NATIONAL_TAGS,
    PERSONAL_KINDS,
    VEHICLE_KINDS,
    VEHICLE_TYPES,
)
from .counter import after_sale, after_sale_choices
from .passage import choices_of

SEALED = (PersonalKind.NAME, PersonalKind.PHONE, PersonalKind.ID_NUMBER, PersonalKind.ADDRESS)


def _masked(kind: PersonalKind) -> Any:
    return lambda row: sealer().masked(kind, getattr(row, kind))


def _plated(rows: Iterable[Any], viewer: Viewer) -> Iterator[Any]:
    """The rows with the plate as this viewer may see it, and where it leads if it is whole."""
    for row in rows:
        whole = getattr(row, "business", row).vehicle_id
        row.plate = shown_plate(whole, viewer=viewer)
        row.plate_link = reverse("vehicle", args=[whole]) if row.plate == whole else None
        yield row


def _plated_page(found: Slice, viewer: Viewer) -> Slice:
    list(_plated(found.rows, viewer))
    return found


def _customers(viewer: Viewer, filters: Filters) -> Any:
    return queries.customers(viewer=viewer, **filters)


CUSTOMERS = Listing(
    name="customers",
    title=gettext_lazy("客户"),
    note=gettext_lazy("姓名、电话、证件加密保存、脱敏显示；按完整内容检索"),
    empty=gettext_lazy("没有这样的客户，或不在您的数据范围内"),
    size=50,
    fields=(
        SearchField("phone", gettext_lazy("手机号"), hint=gettext_lazy("完整号码")),
        SearchField("id_number", gettext_lazy("证件号码"), hint=gettext_lazy("完整号码")),
        SearchField("name", gettext_lazy("姓名或名称"), hint=gettext_lazy("完整名称")),
        SearchField("vehicle_id", gettext_lazy("车牌"), hint=gettext_lazy("如 甘A12345_0")),
        SearchField("medium_no", gettext_lazy("介质编号"), hint=gettext_lazy("OBU 或卡的完整编号")),
    ),
    columns=(
        Column("customer_no", gettext_lazy("客户编号"), Shown.CODE,
               link=lambda row: reverse("customer", args=[row.customer_no])),
        Column("kind", gettext_lazy("客户类型"), labels=CUSTOMER_KINDS),
        Column("name", gettext_lazy("姓名或名称"), value=_masked(PersonalKind.NAME)),
        Column("phone", gettext_lazy("手机号"), value=_masked(PersonalKind.PHONE)),
        Column("id_type", gettext_lazy("证件类型"), labels=ID_TYPES),
        Column("id_number", gettext_lazy("证件号码"), value=_masked(PersonalKind.ID_NUMBER)),
        Column("unit_code", gettext_lazy("登记机构"), Shown.CODE),
        Column("registered_at", gettext_lazy("登记时间"), Shown.TIME),
    ),
    page=lambda viewer, filters, number, size: slice_of(_customers(viewer, filters), number, size),
    rows=lambda viewer, filters: _customers(viewer, filters).iterator(chunk_size=2_000),
    count=lambda viewer, filters: _customers(viewer, filters).count(),
)  # fmt: skip


def _vehicles(viewer: Viewer, filters: Filters) -> Any:
    return queries.vehicles(viewer=viewer, **filters)


def _holds(rows: Any) -> Any:
    """The rows with the media that each holds now."""
    held = queries.held_by([row.pk for row in rows])
    for row in rows:
        row.obu, row.card = (held.get((row.pk, kind), "") for kind in MediumKind)
    return rows


def _vehicle_page(viewer: Viewer, filters: Filters, number: int, size: int) -> Any:
    found = slice_of(_vehicles(viewer, filters), number, size)
    _holds(found.rows)
    return _plated_page(found, viewer)


def _vehicle_rows(viewer: Viewer, filters: Filters) -> Any:
    part: list[Any] = []
    for row in _vehicles(viewer, filters).iterator(chunk_size=2_000):
        part.append(row)
        if len(part) == 2_000:
            yield from _plated(_holds(part), viewer)
            part = []
    yield from _plated(_holds(part), viewer)


VEHICLES = Listing(
    name="vehicles",
    title=gettext_lazy("车辆与介质"),
    note=gettext_lazy("车型由行驶证按 JT/T 489 算出；一车一签一卡"),
    empty=gettext_lazy("没有这样的车辆，或不在您的数据范围内"),
    size=50,
    fields=(
        SearchField("vehicle_id", gettext_lazy("车牌"), hint=gettext_lazy("如 甘A12345_0")),
        SearchField("medium_no", gettext_lazy("介质编号"), hint=gettext_lazy("OBU 或卡的完整编号")),
        SearchField("vehicle_type", gettext_lazy("车型"), "select", choices_of(VEHICLE_TYPES)),
    ),
    columns=(
        Column("plate", gettext_lazy("车牌"), Shown.PLATE, link=lambda row: row.plate_link),
        Column("kind", gettext_lazy("车辆种类"), labels=VEHICLE_KINDS),
        Column("vehicle_type", gettext_lazy("车型"), labels=VEHICLE_TYPES),
        Column("obu", gettext_lazy("OBU"), Shown.CODE),
        Column("card", gettext_lazy("卡"), Shown.CODE),
        Column("seats", gettext_lazy("核定载人数"), Shown.COUNT),
        Column("length_mm", gettext_lazy("车长（毫米）"), Shown.COUNT),
        Column("total_mass", gettext_lazy("总质量（千克）"), Shown.COUNT),
        Column("axles", gettext_lazy("轴数"), Shown.COUNT),
        Column("unit_code", gettext_lazy("登记机构"), Shown.CODE),
    ),
    page=_vehicle_page,
    rows=_vehicle_rows,
    count=lambda viewer, filters: _vehicles(viewer, filters).count(),
)  # fmt: skip


def _businesses(viewer: Viewer, filters: Filters) -> Any:
    start, end = (
        day_start(date.fromisoformat(filters[name]) + timedelta(days=more)) if filters[name]
        else None
        for name, more in (("start", 0), ("end", 1))
    )  # fmt: skip
    return queries.businesses(
        viewer=viewer, kind=filters["kind"], vehicle_id=filters["vehicle_id"], start=start, end=end
    )


BUSINESSES = Listing(
    name="businesses",
    title=gettext_lazy("业务记录"),
    note=gettext_lazy("柜台和渠道办理的每一笔业务；一张表单只办一次"),
    empty=gettext_lazy("没有业务"),
    size=50,
    fields=(
        SearchField("start", gettext_lazy("自"), "date"),
        SearchField("end", gettext_lazy("至"), "date"),
        SearchField("kind", gettext_lazy("业务类型"), "select", choices_of(BUSINESS_KINDS)),
        SearchField("vehicle_id", gettext_lazy("车牌"), hint=gettext_lazy("如 甘A12345_0")),
    ),
    columns=(
        Column("business_no", gettext_lazy("业务编号"), Shown.CODE,
               link=lambda row: reverse("business", args=[row.business_no])),
        Column("at", gettext_lazy("办理时间"), Shown.TIME),
        Column("kind", gettext_lazy("业务类型"), labels=BUSINESS_KINDS),
        Column("plate", gettext_lazy("车牌"), Shown.PLATE, link=lambda row: row.plate_link),
        Column("unit_code", gettext_lazy("办理机构"), Shown.CODE),
        Column("clerk", gettext_lazy("经办人")),
        Column("reason", gettext_lazy("原因")),
    ),
    page=lambda viewer, filters, number, size: _plated_page(
        slice_of(_businesses(viewer, filters), number, size), viewer),
    rows=lambda viewer, filters: _plated(
        _businesses(viewer, filters).iterator(chunk_size=2_000), viewer),
    count=lambda viewer, filters: _businesses(viewer, filters).count(),
)  # fmt: skip


def _checks(viewer: Viewer, filters: Filters) -> Any:
    return queries.plate_checks(viewer=viewer, **filters)


CHECKS = Listing(
    name="plate_checks",
    title=gettext_lazy("全国核验"),
    note=gettext_lazy("开户时向部中心在线核验一车一签一卡；没有答复的先挂起，答复到时自动解挂或注销"),
    empty=gettext_lazy("没有核验记录"),
    size=50,
    fields=(SearchField("state", gettext_lazy("核验结果"), "select", choices_of(NATIONAL_STATES)),),
    columns=(
        Column("business", gettext_lazy("业务编号"), Shown.CODE,
               value=lambda row: row.business.business_no,
               link=lambda row: reverse("business", args=[row.business.business_no])),
        Column("plate", gettext_lazy("车牌"), Shown.PLATE, link=lambda row: row.plate_link),
        Column("state", gettext_lazy("核验结果"), labels=NATIONAL_STATES, tags=NATIONAL_TAGS),
        Column("issuer_id", gettext_lazy("持有发行方"), Shown.CODE),
        Column("tries", gettext_lazy("询问次数"), Shown.COUNT),
        Column("asked_at", gettext_lazy("首次询问"), Shown.TIME),
        Column("settled_at", gettext_lazy("答复时间"), Shown.TIME),
        Column("fault", gettext_lazy("最近故障"), on=False),
    ),
    page=lambda viewer, filters, number, size: _plated_page(
        slice_of(_checks(viewer, filters), number, size), viewer),
    rows=lambda viewer, filters: _plated(
        _checks(viewer, filters).iterator(chunk_size=2_000), viewer),
    count=lambda viewer, filters: _checks(viewer, filters).count(),
)  # fmt: skip


@page(Permission.VIEW_CUSTOMERS)
def plate_checks(request: HttpRequest) -> HttpResponse:
    """What the ministry said of enrolled plates, and what it has not answered yet."""
    return show(request, CHECKS)


@page(Permission.VIEW_CUSTOMERS)
def customers(request: HttpRequest) -> HttpResponse:
    """Customers of the viewer's units, found by what is exactly theirs."""
    return show(request, CUSTOMERS)


@page(Permission.VIEW_CUSTOMERS)
def vehicles(request: HttpRequest) -> HttpResponse:
    """Vehicles of the viewer's units, with what they hold now."""
    return show(request, VEHICLES)


@page(Permission.VIEW_CUSTOMERS)
def businesses(request: HttpRequest) -> HttpResponse:
    """What was done at the viewer's units."""
    return show(request, BUSINESSES)


@page(Permission.VIEW_CUSTOMERS)
def customer(request: HttpRequest, customer_no: str) -> HttpResponse:
    """One customer: masked, whole for a reason; vehicles and businesses."""
    viewer: Viewer = request.viewer
    row = queries.customer_of(customer_no, viewer=viewer)
    kind = request.POST.get("kind", "")
    whole = _unmasked(request, row, PersonalKind(kind)) if kind in SEALED else None
    facts = [
        {"label": PERSONAL_KINDS[one], "whole": whole is not None and one == kind,
         "text": whole if whole is not None and one == kind
         else sealer().masked(one, getattr(row, one))}
        for one in SEALED
    ]  # fmt: skip
    owned = _plated(_holds(list(queries.vehicles(viewer=viewer, customer_no=customer_no))), viewer)
    done = _plated(queries.businesses(viewer=viewer, customer_no=customer_no)[:50], viewer)
    answer = render(request, "console/issuing/customer.html", {
        "title": CUSTOMER_KINDS[row.kind],
        "row": row,
        "facts": facts,
        "id_type": ID_TYPES.get(row.id_type, row.id_type),
        "vehicles": [(one, VEHICLE_TYPES[one.vehicle_type]) for one in owned],
        "businesses": [(one, BUSINESS_KINDS[one.kind]) for one in done],
        "sealed": [(one.value, PERSONAL_KINDS[one]) for one in SEALED]
        if viewer.may(Permission.UNMASK) else [],
    })  # fmt: skip
    answer["Cache-Control"] = "no-store"
    return answer


def _unmasked(request: HttpRequest, row: Any, kind: PersonalKind) -> str | None:
    """What the form asks to see whole; None, with a word, where it is refused."""
    try:
        return unmask(
            kind=kind, sealed=getattr(row, kind), subject=row.customer_no, viewer=request.viewer,
            reason=request.POST.get("reason", ""),
        )  # fmt: skip
    except Refusal as refusal:
        messages.error(request, refusal_text(refusal))
        return None


@page(Permission.VIEW_PLATES)
def vehicle(request: HttpRequest, vehicle_id: str) -> HttpResponse:
    """One vehicle: its licence, what it holds and held, and business to do with it."""
    viewer: Viewer = request.viewer
    if not viewer.may(Permission.VIEW_CUSTOMERS):
        raise PermissionDenied
    row = queries.vehicle_of(vehicle_id, viewer=viewer)
    if request.method == "POST":
        return after_sale(request, row)
    now = moment()
    holdings = list(queries.holdings_of([vehicle_id]))
    states = queries.account_states_at([(one.medium_id, now) for one in holdings])
    contracts = {one.pk: one for one in queries.contracts_of(one.medium_id for one in holdings)}
    media = [
        {"row": one, "kind": MEDIUM_KINDS[one.kind],
         "state": ETC_ACCOUNT_STATES[states[one.medium_id, now]],
         "css": ETC_ACCOUNT_TAGS[states[one.medium_id, now]],
         "contract": CONTRACT_KINDS[contracts[one.medium_id].kind]
         if one.medium_id in contracts else ""}
        for one in holdings
    ]  # fmt: skip
    return render(request, "console/issuing/vehicle.html", {
        "title": row.pk,
        "row": row,
        "kind": VEHICLE_KINDS[row.kind],
        "vehicle_type": VEHICLE_TYPES[row.vehicle_type],
        "waits": queries.waits_for_nation(vehicle_id),
        "media": media,
        "businesses": [(one, BUSINESS_KINDS[one.kind]) for one in _plated(
            queries.businesses(viewer=viewer, vehicle_id=vehicle_id)[:50], viewer)],
        **after_sale_choices(request, row),
    })  # fmt: skip


@page(Permission.VIEW_CUSTOMERS)
def receipt(request: HttpRequest, business_no: str) -> HttpResponse:
    """The receipt of a business, to be printed."""
    row = queries.business_of(business_no, viewer=request.viewer)
    if row is None:
        raise Http404
    list(_plated([row], request.viewer))
    check = queries.check_of(row)
    return render(request, "console/issuing/receipt.html", {
        "title": BUSINESS_KINDS[row.kind],
        "row": row,
        "vehicle_type": VEHICLE_TYPES[row.detail["vehicle_type"]],
        "customer": sealer().masked(PersonalKind.NAME, row.customer.name),
        "check": check
        and {"word": NATIONAL_STATES[check.state], "css": NATIONAL_TAGS[check.state]},
    })  # fmt: skip
