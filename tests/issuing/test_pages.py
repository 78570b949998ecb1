"""The counter's pages as people use them: clerks of two outlets, a manager, an auditor."""

from datetime import date
from io import BytesIO
from typing import Any

import pytest
import xlsxwriter
from django.contrib.auth.models import Group, User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from python_calamine import CalamineWorkbook

from tests.issuing.counter import CARD, NOW, OBU
from tests.organisation.scenes import REGISTER, units_of
from tollcentre.access.actions import seed_roles
from tollcentre.access.models import TrailRow
from tollcentre.access.terms import SHELL_VIEWER, Role
from tollcentre.core.clock import day_of
from tollcentre.issuing import actions as issuing
from tollcentre.issuing import queries
from tollcentre.issuing.models import Business, Customer, Vehicle
from tollcentre.issuing.rules.forms import FIELDS
from tollcentre.issuing.terms import BusinessKind, Counter, MediumKind
from tollcentre.organisation import actions
from tollcentre.organisation.terms import Scope
from tollcentre.privacy.actions import make_sealing_keys

pytestmark = pytest.mark.django_db
WEST, EAST = "W01", "W02"
SAID = {
    "customer_kind": "person", "name": "模拟张三", "id_type": "102", "id_number": "SIM900000001",
    "phone": "16600000001", "address": "", "plate": "甘A12345", "colour": "0",
    "vehicle_kind": "passenger", "seats": "5", "length_mm": "4,670", "width_mm": "",
    "height_mm": "", "total_mass": "1870", "axles": "2", "car_train": "", "use_character": "",
    "vin": "", "licensed_on": "2020-05-06", "wanted_type": "", "obu_no": OBU, "card_no": CARD,
    "card_type": "23", "contract_kind": "bank", "bank": "B01", "account": "6222020000000001234",
}  # fmt: skip
VEHICLE = "/issuing/vehicles/甘A12345_0"


@pytest.fixture(autouse=True)
def house(tmp_path: Any, settings: Any) -> None:
    settings.HOME, settings.PRIVACY_KEYS = tmp_path, ""
    make_sealing_keys()
    seed_roles()
    outlets = units_of([f"{EAST} outlet L02 2020-01-01"])
    actions.register_units(units=[*REGISTER, *outlets], source="t", actor="t")


def clerk(unit: str) -> Client:
    user = User.objects.create_user(f"clerk-{unit}")
    actions.appoint(user=user, unit=unit, title="营业员", role=Role.OUTLET_CLERK, scope=Scope.OWN,
                    from_day=date(2020, 1, 1), maker=SHELL_VIEWER)  # fmt: skip
    return signed_in(user)


def of_role(role: Role) -> Client:
    user = User.objects.create_user(role.value)
    user.groups.set([Group.objects.get(name=role.value)])
    return signed_in(user)


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def enrol(client: Client, key: str = "f1", unit: str = WEST, **said: str) -> Any:
    return client.post("/issuing/enrol", SAID | {"business_key": key, "unit": unit} | said)


def test_an_enrolment_leads_to_its_receipt_and_is_done_once() -> None:
    west = clerk(WEST)
    first, again = enrol(west), enrol(west)
    assert first.status_code == again.status_code == 302
    assert first["Location"] == again["Location"]
    receipt = west.get(first["Location"]).content.decode()
    assert OBU in receipt
    assert "模拟张三" not in receipt
    assert "客一" in receipt
    assert Business.objects.count() == 1


def test_a_refused_form_comes_back_whole_with_its_field_marked() -> None:
    west = clerk(WEST)
    answer = enrol(west, wanted_type="3")
    assert answer.status_code == 400
    text = answer.content.decode()
    assert "按行驶证算得车型 1" in text
    assert 'value="模拟张三"' in text
    assert 'name="wanted_type" class="wrong"' in text
    assert not Customer.objects.exists()
    assert 'name="plate"' in enrol(west, key="f2", plate="A").content.decode()
    assert enrol(west, key="f3", seats="许多").status_code == 400
    assert enrol(west, key="f4", unit=EAST).status_code == 400


def test_the_type_is_told_while_the_licence_is_typed() -> None:
    west = clerk(WEST)
    assert not west.get("/issuing/enrol/type").content
    assert "客一" in west.get("/issuing/enrol/type", SAID).content.decode()
    assert "length_mm" in west.get("/issuing/enrol/type", SAID | {"length_mm": ""}).content.decode()


def test_another_outlet_sees_nothing_of_it() -> None:
    west, east = clerk(WEST), clerk(EAST)
    receipt = enrol(west)["Location"]
    number = Customer.objects.get().customer_no
    hidden = (f"/issuing/customers/{number}", VEHICLE, f"{VEHICLE}/transfer", receipt)
    for path in hidden:
        assert west.get(path).status_code == 200, path
        assert east.get(path).status_code == 404, path
    for path in ("/issuing/customers", "/issuing/vehicles", "/issuing/businesses"):
        assert OBU not in east.get(path).content.decode()
        assert number not in east.get(path).content.decode()
    sold = {"kind": "cancel", "of": "both", "reason": "x", "unit": EAST, "business_key": "k"}
    assert east.post(VEHICLE, sold).status_code == 404
    assert Business.objects.count() == 1


def test_who_may_not_issue_sees_no_form_and_cannot_post_one() -> None:
    enrol(clerk(WEST))
    auditor = of_role(Role.AUDITOR)
    assert auditor.get("/issuing/enrol").status_code == 403
    assert enrol(auditor).status_code == 403
    assert "办理业务" not in auditor.get(VEHICLE).content.decode()
    lost = {"kind": "report_lost", "of": "card", "reason": "x", "unit": WEST, "business_key": "k"}
    auditor.post(VEHICLE, lost)
    assert Business.objects.count() == 1


def test_a_manager_sees_every_outlets_rows_and_no_plate_whole() -> None:
    receipt = enrol(clerk(WEST))["Location"]
    manager = of_role(Role.MANAGER)
    number = Customer.objects.get().customer_no
    for path in ("/issuing/customers", "/issuing/vehicles", "/issuing/businesses",
                 f"/issuing/customers/{number}", receipt):  # fmt: skip
        text = manager.get(path).content.decode()
        assert manager.get(path).status_code == 200, path
        assert "12345" not in text.replace("如 甘A12345_0", ""), path
    assert OBU in manager.get("/issuing/vehicles").content.decode()
    assert manager.get(VEHICLE).status_code == 403
    exported = manager.get("/issuing/vehicles", {"export": "csv"})
    assert "A12345" not in b"".join(exported).decode("utf-8-sig")


def test_an_outlet_that_served_a_vehicle_finds_it_again() -> None:
    enrol(clerk(WEST))
    east = clerk(EAST)
    assert CARD not in east.get("/issuing/vehicles", {"medium_no": OBU}).content.decode()
    issuing.change_state(
        kind=BusinessKind.SUSPEND, vehicle_id="甘A12345_0", of=tuple(MediumKind), now=NOW,
        counter=Counter("k", EAST, "客户申请"), viewer=SHELL_VIEWER,
    )  # fmt: skip
    assert CARD in east.get("/issuing/vehicles", {"medium_no": OBU}).content.decode()
    assert CARD not in east.get("/issuing/vehicles").content.decode()
    assert east.get(VEHICLE).status_code == 200


def test_a_phone_is_shown_whole_for_a_reason_that_the_trail_keeps() -> None:
    west, auditor = clerk(WEST), of_role(Role.AUDITOR)
    enrol(west)
    page = f"/issuing/customers/{Customer.objects.get().customer_no}"
    asked = {"kind": "phone", "reason": "客户来电核对"}
    assert SAID["phone"] not in west.get(page).content.decode()
    assert SAID["phone"] not in west.post(page, asked | {"reason": ""}).content.decode()
    assert SAID["phone"] not in auditor.post(page, asked).content.decode()
    shown = west.post(page, asked)
    assert SAID["phone"] in shown.content.decode()
    assert shown["Cache-Control"] == "no-store"
    assert TrailRow.objects.get(act="privacy.unmask").actor == f"clerk-{WEST}"


def test_after_sale_business_is_done_on_the_vehicles_page() -> None:
    west = clerk(WEST)
    enrol(west)
    form = {"of": "card", "reason": "卡遗失", "unit": WEST}
    lost = west.post(VEHICLE, form | {"kind": "report_lost", "business_key": "k1"})
    assert lost.status_code == 302
    new = CARD[:-1] + "7"
    west.post(VEHICLE, form | {"kind": "replace", "card": new, "business_key": "k2"})
    assert queries.held_by(["甘A12345_0"])["甘A12345_0", "card"] == new
    west.post(VEHICLE, form | {"kind": "found", "business_key": "k3"})
    assert Business.objects.count() == 3
    longer = west.get(f"{VEHICLE}/change_vehicle").content.decode()
    assert 'value="4670"' in longer
    licence = SAID | {"seats": "40", "length_mm": "12000", "reason": "改型", "unit": WEST}
    assert (
        west.post(f"{VEHICLE}/change_vehicle", licence | {"business_key": "k4"}).status_code == 302
    )
    assert Vehicle.objects.get().vehicle_type == 4
    sold = SAID | {"name": "模拟李四", "id_number": "SIM900000002", "reason": "过户", "unit": WEST}
    assert west.post(f"{VEHICLE}/transfer", sold | {"business_key": "k5"}).status_code == 302
    assert not queries.held_by(["甘A12345_0"])
    moved = sold | {"phone": "16600000009", "business_key": "k6"}
    assert west.post(f"{VEHICLE}/change_customer", moved).status_code == 302
    assert west.get(f"{VEHICLE}/nothing").status_code == 404


def workbook(*lines: dict[str, str]) -> SimpleUploadedFile:
    out = BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        for at, row in enumerate([dict(zip(FIELDS, FIELDS, strict=True)), *lines]):
            for column, name in enumerate(FIELDS):
                sheet.write_string(at, column, row[name])
    return SimpleUploadedFile("e.xlsx", out.getvalue())


def test_a_workbook_is_enrolled_line_by_line_and_what_is_wrong_comes_back() -> None:
    west = clerk(WEST)
    second = SAID | {"plate": "甘B23456", "obu_no": OBU[:-1] + "5", "card_no": CARD[:-1] + "5"}
    wrong = second | {"plate": "甘B23457", "phone": "12"}
    answer = west.post(
        "/issuing/enrol/file", {"unit": WEST, "workbook": workbook(SAID, second, wrong)}
    )
    assert answer.status_code == 422
    assert "phone" in answer.content.decode()
    assert Vehicle.objects.count() == 2
    again = west.post("/issuing/enrol/file", {"unit": WEST, "workbook": workbook(SAID, second)})
    assert again.status_code == 200
    assert Business.objects.count() == 2
    assert west.post("/issuing/enrol/file", {"unit": WEST}).status_code == 302
    broken = SimpleUploadedFile("e.xlsx", b"nothing")
    assert west.post("/issuing/enrol/file", {"unit": WEST, "workbook": broken}).status_code == 302


def test_the_sheet_of_errors_is_the_lines_with_their_reasons_and_can_be_sent_again() -> None:
    wrong = SAID | {"phone": "12"}
    report, sheet = issuing.enrol_workbook(
        content=workbook(wrong).read(), unit_code=WEST, viewer=SHELL_VIEWER, now=NOW
    )
    assert len(report.refused) == 1
    rows = CalamineWorkbook.from_filelike(BytesIO(sheet)).get_sheet_by_index(0).to_python()
    assert rows[0][: len(FIELDS)] == list(FIELDS)
    assert rows[1][FIELDS.index("account")] == SAID["account"]
    assert rows[1][len(FIELDS)] == "phone"
    again, _ = issuing.enrol_workbook(
        content=sheet, unit_code=WEST, viewer=SHELL_VIEWER, now=NOW + 1
    )
    assert [one.refusal.code for one in again.refused] == ["phone_wrong"]


def test_a_blank_workbook_has_every_heading() -> None:
    content = clerk(WEST).get("/issuing/enrol/file").content
    rows = CalamineWorkbook.from_filelike(BytesIO(content)).get_sheet_by_index(0).to_python()
    assert rows == [list(FIELDS)]


def test_a_vehicle_enrolled_today_is_on_the_lists_of_today() -> None:
    west = clerk(WEST)
    enrol(west)
    day = day_of(Business.objects.get().at).isoformat()
    assert "甘A" in west.get("/issuing/businesses", {"start": day, "end": day}).content.decode()
    before = west.get("/issuing/businesses", {"end": "2020-01-01"}).content.decode()
    assert "没有业务" in before
