"""The counter: one form that enrols a vehicle, and after-sale business of one that is enrolled."""

from base64 import b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tollcentre.access.terms import Permission, Viewer
from tollcentre.core.refusal import Refusal
from tollcentre.issuing import actions, queries
from tollcentre.issuing.terms import (
    FIELD_UNREADABLE,
    TRANSITIONS,
    BusinessKind,
    Counter,
    MediumKind,
    NationalAnswer,
    Receipt,
)
from tollcentre.messages.actions import moment
from tollcentre.organisation.queries import tree_at
from tollcentre.organisation.terms import UnitKind

from ..days import today
from ..pages import page, reads_english, refusal_text
from ..words import (
    BUSINESS_KINDS,
    CARD_TYPES,
    CONTRACT_KINDS,
    CUSTOMER_KINDS,
    ID_TYPES,
    MEDIUM_KINDS,
    PLATE_COLOURS,
    VEHICLE_KINDS,
    VEHICLE_TYPES,
)

COUNTERS = (UnitKind.OUTLET, UnitKind.SERVICE_POINT, UnitKind.BANK_OUTLET)
Said = Mapping[str, str]
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
WORKBOOK_BYTES_MAX, FAULTS_SHOWN = 20 << 20, 500


@dataclass(frozen=True)
class Field:
    """One field of the enrolment form; `choices` make it a selection, `type` an input."""

    name: str
    label: Any
    type: str = "text"
    choices: Mapping[Any, Any] | None = None
    required: bool = True
    hint: Any = ""
    start: str = ""


FORM = (
    (gettext_lazy("客户"), (
        Field("customer_kind", gettext_lazy("客户类型"), choices=CUSTOMER_KINDS),
        Field("name", gettext_lazy("姓名或名称")),
        Field("id_type", gettext_lazy("证件类型"), choices=ID_TYPES),
        Field("id_number", gettext_lazy("证件号码")),
        Field("phone", gettext_lazy("手机号")),
        Field("address", gettext_lazy("地址"), required=False),
    )),
    (gettext_lazy("车辆（按行驶证）"), (
        Field("plate", gettext_lazy("车牌"), hint=gettext_lazy("如 甘A12345")),
        Field("colour", gettext_lazy("车牌颜色"), choices=PLATE_COLOURS),
        Field("vehicle_kind", gettext_lazy("车辆种类"), choices=VEHICLE_KINDS),
        Field("seats", gettext_lazy("核定载人数"), "number", required=False),
        Field("length_mm", gettext_lazy("车长（毫米）"), "number"),
        Field("width_mm", gettext_lazy("车宽（毫米）"), "number", required=False),
        Field("height_mm", gettext_lazy("车高（毫米）"), "number", required=False),
        Field("total_mass", gettext_lazy("总质量（千克）"), "number", required=False),
        Field("axles", gettext_lazy("轴数"), "number", start="2"),
        Field("car_train", gettext_lazy("乘用车列车"), choices={"": gettext_lazy("否"),
                                                             "1": gettext_lazy("是")},
              required=False),
        Field("use_character", gettext_lazy("使用性质"), required=False),
        Field("vin", gettext_lazy("车辆识别代号"), required=False),
        Field("licensed_on", gettext_lazy("注册日期"), "date", required=False),
        Field("wanted_type", gettext_lazy("申请车型"), required=False,
              choices={"": gettext_lazy("按行驶证计算")} | VEHICLE_TYPES),
    )),
    (gettext_lazy("介质与扣款"), (
        Field("obu_no", gettext_lazy("OBU 编号"), hint=gettext_lazy("16 位数字")),
        Field("card_no", gettext_lazy("卡编号"), required=False,
              hint=gettext_lazy("20 位数字；单片式不填")),
        Field("card_type", gettext_lazy("卡类型"), choices=CARD_TYPES, start="23"),
        Field("contract_kind", gettext_lazy("扣款方式"), choices=CONTRACT_KINDS),
        Field("bank", gettext_lazy("银行"), required=False),
        Field("account", gettext_lazy("银行账号"), required=False),
    )),
)  # fmt: skip
FIELDS = {field.name: field for _title, fields in FORM for field in fields}


@page(Permission.ISSUE)
def enrol(request: HttpRequest) -> HttpResponse:
    """Enrol a vehicle in one flow; what is refused is said at its field, and nothing is lost."""
    said: dict[str, str] = {name: request.POST.get(name, "").strip() for name in FIELDS}
    fault: Refusal | None = None
    if request.method == "POST":
        try:
            receipt = _enrolled(request, said)
        except Refusal as refusal:
            fault = refusal
        else:
            messages.success(request, _("已办理，请打印回执。"))
            return redirect("business", business_no=receipt.business_no)
    else:
        said = {field.name: field.start for field in FIELDS.values()}
    parts = [
        (title, [(field, said[field.name], fault is not None and _at(fault) == field.name)
                 for field in fields])
        for title, fields in FORM
    ]  # fmt: skip
    answer = render(request, "console/issuing/enrol.html", {
        "title": BUSINESS_KINDS["enrol"],
        "parts": parts,
        "fault": refusal_text(fault) if fault else "",
        "units": _units(request.viewer),
        "unit": request.POST.get("unit", ""),
        "business_key": request.POST.get("business_key") or str(uuid4()),
    }, status=400 if fault else 200)  # fmt: skip
    answer["Cache-Control"] = "no-store"
    return answer


AT_FIELD = {"vehicle_id": "plate", "vehicle_type": "wanted_type", "contract": "contract_kind",
            "kind": "customer_kind"}  # fmt: skip


def _at(fault: Refusal) -> str:
    """The field of the form that a refusal is about."""
    return AT_FIELD.get(fault.field, fault.field)


def _enrolled(request: HttpRequest, said: Said) -> Receipt:
    given = queries.enrolment_from(said)
    return actions.enrol(
        customer=given.customer, vehicle=given.vehicle, obu_no=given.obu_no,
        card_no=given.card_no, card_type=given.card_type, contract=given.contract,
        counter=_counter(request), viewer=request.viewer, now=moment(),
        nation=_ask_nation()(given.vehicle.vehicle_id),
    )  # fmt: skip


def _ask_nation() -> Callable[[str], NationalAnswer | None]:
    """Who asks the ministry about a plate; the console does not know how."""
    ask: Callable[[str], NationalAnswer | None] = import_string(settings.ASK_NATION)
    return ask


def _counter(request: HttpRequest) -> Counter:
    key, unit = request.POST.get("business_key", ""), request.POST.get("unit", "")
    return Counter(key[:64] or str(uuid4()), unit, request.POST.get("reason", "").strip()[:200])


def _units(viewer: Viewer) -> list[tuple[str, str]]:
    """The counters that the viewer may work at today."""
    rows = tree_at(today(), viewer=viewer)
    return [
        (row.code, row.name_en if reads_english() else row.name_zh)
        for row in rows if row.kind in COUNTERS
    ]  # fmt: skip


@page(Permission.ISSUE)
def computed_type(request: HttpRequest) -> HttpResponse:
    """The type that the licence as typed so far gives, or what lacks."""
    said = {name: request.GET.get(name, "").strip() for name in FIELDS}
    if not any(said[name] for name in ("seats", "length_mm", "total_mass")):
        return HttpResponse()
    try:
        found, fault = VEHICLE_TYPES[queries.type_of(queries.size_from(said), today())], ""
    except Refusal as refusal:
        found, fault = "", refusal_text(refusal)
    return render(request, "console/issuing/_type.html", {"found": found, "fault": fault})


@page(Permission.ISSUE)
def enrol_file(request: HttpRequest) -> HttpResponse:
    """A workbook of enrolments: its lines done, the refused ones listed and given back."""
    if request.method != "POST":
        answer = HttpResponse(actions.blank_workbook(), content_type=XLSX)
        answer["Content-Disposition"] = 'attachment; filename="enrolments.xlsx"'
        return answer
    uploaded = request.FILES.get("workbook")
    if uploaded is None or uploaded.size > WORKBOOK_BYTES_MAX:
        messages.error(request, _("请选择不超过 20 MB 的工作簿。"))
        return redirect("enrol")
    try:
        report, sheet = actions.enrol_workbook(
            content=uploaded.read(), unit_code=request.POST.get("unit", ""),
            viewer=request.viewer, now=moment(), ask=_ask_nation(),
        )  # fmt: skip
    except Refusal as refusal:
        messages.error(request, refusal_text(refusal))
        return redirect("enrol")
    answer = render(request, "console/issuing/enrolled.html", {
        "title": _("批量开户"),
        "report": report,
        "faults": [(one.line, one.refusal.field, refusal_text(one.refusal))
                   for one in report.refused[:FAULTS_SHOWN]],
        "sheet": b64encode(sheet).decode() if sheet else "",
    }, status=422 if report.refused else 200)  # fmt: skip
    answer["Cache-Control"] = "no-store"
    return answer


CHANGES = {
    BusinessKind.CHANGE_VEHICLE: tuple(
        field for field in FORM[1][1] if field.name not in ("plate", "colour")
    ),
    BusinessKind.CHANGE_CUSTOMER: FORM[0][1],
    BusinessKind.TRANSFER: FORM[0][1],
}
"""Business that needs a form of its own → its fields."""


@page(Permission.ISSUE)
def vehicle_change(request: HttpRequest, vehicle_id: str, kind: str) -> HttpResponse:
    """What a licence says now, what a customer's data is now, or whose the vehicle is now."""
    if kind not in CHANGES:
        raise Http404
    row = queries.vehicle_of(vehicle_id, viewer=request.viewer)
    fields = CHANGES[BusinessKind(kind)]
    said = dict.fromkeys(FIELDS, "") | {"plate": vehicle_id.partition("_")[0]}
    if kind == BusinessKind.CHANGE_VEHICLE:
        said |= _licence(row)
    fault: Refusal | None = None
    if request.method == "POST":
        said |= {field.name: request.POST.get(field.name, "").strip() for field in fields}
        try:
            receipt = _changed(request, BusinessKind(kind), row, said)
        except Refusal as refusal:
            fault = refusal
        else:
            messages.success(request, _("已办理，请打印回执。"))
            return redirect("business", business_no=receipt.business_no)
    answer = render(request, "console/issuing/change.html", {
        "title": BUSINESS_KINDS[kind],
        "row": row,
        "fields": [(field, said[field.name], fault is not None and _at(fault) == field.name)
                   for field in fields],
        "fault": refusal_text(fault) if fault else "",
        "reason": request.POST.get("reason", ""),
        "units": _units(request.viewer),
        "unit": request.POST.get("unit", ""),
        "business_key": request.POST.get("business_key") or str(uuid4()),
    }, status=400 if fault else 200)  # fmt: skip
    answer["Cache-Control"] = "no-store"
    return answer


def _licence(row: Any) -> dict[str, str]:
    """The licence of a vehicle as the form shows it."""
    names = ("seats", "length_mm", "width_mm", "height_mm", "total_mass", "axles")
    shown = {name: str(getattr(row, name) or "") for name in names}
    return shown | {
        "vehicle_kind": row.kind, "car_train": "1" if row.car_train else "",
        "use_character": row.use_character, "vin": row.vin,
        "licensed_on": row.licensed_on.isoformat() if row.licensed_on else "",
    }  # fmt: skip


def _changed(request: HttpRequest, kind: BusinessKind, row: Any, said: Said) -> Receipt:
    asked = {"counter": _counter(request), "viewer": request.viewer, "now": moment()}
    if kind is BusinessKind.CHANGE_VEHICLE:
        return actions.change_vehicle(vehicle=queries.vehicle_from(row.pk, said), **asked)
    customer = queries.customer_from(said)
    if kind is BusinessKind.TRANSFER:
        return actions.transfer(vehicle_id=row.pk, customer=customer, **asked)
    return actions.change_customer(
        customer_no=row.customer.customer_no, customer=customer, vehicle_id=row.pk, **asked
    )


OF = {"both": tuple(MediumKind), "obu": (MediumKind.OBU,), "card": (MediumKind.CARD,)}
AFTER_SALE = tuple(kind for kind in TRANSITIONS if kind is not BusinessKind.TRANSFER)


def after_sale_choices(request: HttpRequest, row: Any) -> dict[str, Any]:
    """What the form of after-sale business offers; nothing to who may not issue."""
    if not request.viewer.may(Permission.ISSUE):
        return {"kinds": []}
    return {
        "kinds": [(kind.value, BUSINESS_KINDS[kind]) for kind in AFTER_SALE],
        "ofs": [
            ("both", _("OBU 和卡")),
            *((kind.value, MEDIUM_KINDS[kind]) for kind in MediumKind),
        ],
        "changes": [(kind.value, BUSINESS_KINDS[kind]) for kind in CHANGES],
        "units": _units(request.viewer),
        "business_key": str(uuid4()),
    }


def after_sale(request: HttpRequest, row: Any) -> HttpResponse:
    """Do what the form on a vehicle's page says; back to the page with a word where refused."""
    said = {name: request.POST.get(name, "").strip() for name in ("kind", "of", "obu", "card")}
    try:
        kind = BusinessKind(said["kind"]) if said["kind"] in AFTER_SALE else None
        of = OF.get(said["of"], OF["both"])
        asked = {"vehicle_id": row.pk, "counter": _counter(request), "viewer": request.viewer,
                 "now": moment()}  # fmt: skip
        if kind is BusinessKind.REPLACE:
            numbers = {one: said[one.value] for one in of}
            receipt = actions.replace_media(numbers=numbers, **asked)
        elif kind is not None:
            receipt = actions.change_state(kind=kind, of=of, **asked)
        else:
            raise Refusal(FIELD_UNREADABLE, "kind", name="kind", value=said["kind"][:20])
    except Refusal as refusal:
        messages.error(request, refusal_text(refusal))
        return redirect("vehicle", vehicle_id=row.pk)
    messages.success(request, _("已办理，请打印回执。"))
    return redirect("business", business_no=receipt.business_no)
