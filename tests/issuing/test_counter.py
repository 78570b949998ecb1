"""Business at a counter: what is done once, what follows what, what is refused and why."""

import json
from dataclasses import replace
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.issuing.counter import (
    BANK,
    CAR,
    CARD,
    CLERK,
    NOW,
    OBU,
    OTHER_PERSON,
    OTHER_UNIT,
    PERSON,
    PREPAID,
    UNIT,
    counter,
    enrol,
)
from tollcentre.access.models import TrailRow
from tollcentre.access.terms import Role, Viewer
from tollcentre.core.refusal import Refusal
from tollcentre.issuing import actions, queries
from tollcentre.issuing.models import Business, Contract, Customer, Holding, Medium, Vehicle
from tollcentre.issuing.terms import (
    TRANSITIONS,
    BusinessKind,
    EtcAccountState,
    MediumKind,
    VehicleKind,
    VehicleSize,
)
from tollcentre.privacy.actions import make_sealing_keys
from tollcentre.privacy.queries import sealer
from tollcentre.privacy.terms import PersonalKind

pytestmark = pytest.mark.django_db
BOTH = (MediumKind.OBU, MediumKind.CARD)


@pytest.fixture(autouse=True)
def keys(tmp_path_factory: pytest.TempPathFactory, settings: Any) -> None:
    settings.HOME, settings.PRIVACY_KEYS = tmp_path_factory.mktemp("home"), ""
    make_sealing_keys()


def change(kind: BusinessKind, of: Any = BOTH, now: int = NOW + 60, **given: Any) -> Any:
    asked = {"vehicle_id": CAR.vehicle_id, "of": of, "counter": counter(), "viewer": CLERK}
    return actions.change_state(kind=kind, now=now, **asked | given)


def held() -> dict[str, str]:
    return {kind: number for (_, kind), number in queries.held_by([CAR.vehicle_id]).items()}


def states(now: int = NOW + 10_000) -> dict[str, str]:
    found = queries.account_states_at([(number, now) for number in (OBU, CARD)])
    return {number: state.value for (number, _), state in found.items()}


def nothing() -> bool:
    tables = (Customer, Vehicle, Medium, Holding, Contract, Business, TrailRow)
    return not any(table.objects.exists() for table in tables)


def test_an_enrolment_is_done_once_and_personal_data_stands_sealed(tmp_path: Path) -> None:
    form = counter()
    receipt = enrol(counter=form)
    assert receipt == enrol(counter=form)
    assert (receipt.vehicle_type, receipt.obu, receipt.card) == (1, OBU, CARD)
    assert (len(receipt.business_no), len(receipt.customer_no)) == (20, 20)
    assert held() == {"obu": OBU, "card": CARD}
    assert Business.objects.count() == 1
    row = Customer.objects.get()
    dump = repr([*Customer.objects.values_list(), *Contract.objects.values_list(),
                 *Business.objects.values_list(), *TrailRow.objects.values_list()])  # fmt: skip
    for text in (PERSON.name, PERSON.id_number, PERSON.phone, PERSON.address, BANK.account):
        assert text not in dump
        assert text.encode() not in dump.encode()
    assert sealer().unseal(PersonalKind.NAME, row.name) == PERSON.name
    for asked in (
        {"phone": "138-1234-5678"}, {"id_number": PERSON.id_number.lower()}, {"name": "张三"},
        {"vehicle_id": CAR.vehicle_id}, {"medium_no": OBU},
    ):  # fmt: skip
        assert queries.customers(viewer=CLERK, **asked).get() == row
    assert not queries.customers(viewer=CLERK, phone="13812345679").exists()


REFUSED: list[tuple[str, str, dict[str, Any]]] = [
    ("permission_missing", "", {"viewer": Viewer("x", frozenset({Role.AUDITOR}), None)}),
    ("unit_not_yours", "unit_code", {"counter": counter(unit=OTHER_UNIT)}),
    ("customer_field_missing", "name", {"customer": replace(PERSON, name=" ")}),
    ("customer_field_missing", "phone", {"customer": replace(PERSON, phone="")}),
    ("phone_wrong", "phone", {"customer": replace(PERSON, phone="12345")}),
    ("id_type_unknown", "id_type", {"customer": replace(PERSON, id_type="201")}),
    ("id_number_wrong", "id_number",
     {"customer": replace(PERSON, id_number="110105194912310021")}),
    ("vehicle_type_differs", "vehicle_type", {"vehicle": replace(CAR, wanted_type=2)}),
    ("size_missing", "seats",
     {"vehicle": replace(CAR, size=VehicleSize(VehicleKind.PASSENGER, 0, 4670, 1870, 2))}),
    ("vehicle_id_malformed", "vehicle_id", {"vehicle": replace(CAR, vehicle_id="甘A12345")}),
    ("medium_no_malformed", "obu_no", {"obu_no": "620100000000001"}),
    ("medium_no_malformed", "card_no", {"card_no": CARD[:-1] + "X"}),
    ("medium_of_other_issuer", "obu_no", {"obu_no": "6101" + OBU[4:]}),
    ("card_type_unknown", "card_type", {"card_type": 24}),
    ("contract_unfit", "contract", {"contract": PREPAID}),
    ("contract_unfit", "contract", {"card_type": 22}),
    ("bank_account_missing", "account", {"contract": replace(BANK, account="62x")}),
]  # fmt: skip


@pytest.mark.parametrize(("code", "field", "given"), REFUSED, ids=lambda one: str(one)[:40])
def test_what_is_refused_names_the_field_and_leaves_nothing(
    code: str, field: str, given: dict[str, Any]
) -> None:
    with pytest.raises(Refusal, match=code) as refused:
        enrol(**given)
    assert refused.value.field == field
    assert PERSON.id_number[:17] not in refused.value.text()
    assert nothing()


def test_a_vehicle_holds_one_medium_of_a_kind_and_a_medium_is_issued_once() -> None:
    enrol()
    with pytest.raises(Refusal, match="vehicle_has_medium") as refused:
        enrol(obu_no=OBU[:-1] + "2", card_no=CARD[:-1] + "2")
    assert OBU in refused.value.text_zh()
    with pytest.raises(Refusal, match="medium_issued"):
        enrol(vehicle=replace(CAR, vehicle_id="甘A54321_0"))
    with pytest.raises(Refusal, match="vehicle_of_other"):
        enrol(customer=OTHER_PERSON, obu_no=OBU[:-1] + "2", card_no="")
    with pytest.raises(Refusal, match="customer_differs") as differs:
        enrol(
            customer=replace(PERSON, phone="13900000000"), obu_no=OBU[:-1] + "2", card_no="",
            vehicle=replace(CAR, vehicle_id="甘A54321_0"),
        )  # fmt: skip
    assert "phone" in differs.value.text_en()
    assert "1390" not in differs.value.text()
    form = counter()
    change(BusinessKind.SUSPEND, counter=form)
    with pytest.raises(Refusal, match="business_differs"):
        change(BusinessKind.RESUME, counter=form)


def test_a_single_piece_obu_is_enrolled_without_a_card() -> None:
    receipt = enrol(card_no="", card_type=0)
    assert held() == {"obu": OBU}
    assert Contract.objects.get().pk == OBU
    assert receipt.card == ""


def test_lost_and_replaced_the_new_card_keeps_type_and_contract() -> None:
    enrol()
    change(BusinessKind.REPORT_LOST, of=(MediumKind.CARD,))
    assert states() == {OBU: "normal", CARD: "lost"}
    new = CARD[:-1] + "9"
    receipt = actions.replace_media(
        vehicle_id=CAR.vehicle_id, numbers={MediumKind.CARD: new}, counter=counter("卡遗失"),
        viewer=CLERK, now=NOW + 120,
    )  # fmt: skip
    assert receipt.card == new
    assert held() == {"obu": OBU, "card": new}
    assert states()[CARD] == "cancelled"
    assert queries.media_of([new])[new].card_type == 23
    contract = Contract.objects.get(pk=new)
    assert sealer().unseal(PersonalKind.BANK_ACCOUNT, contract.account) == BANK.account
    with pytest.raises(Refusal, match="medium_issued"):
        actions.replace_media(
            vehicle_id=CAR.vehicle_id, numbers={MediumKind.CARD: CARD}, counter=counter(),
            viewer=CLERK, now=NOW + 180,
        )  # fmt: skip
    assert held()["card"] == new


def test_a_transferred_vehicle_is_enrolled_anew_by_its_new_owner() -> None:
    first = enrol()
    receipt = actions.transfer(
        vehicle_id=CAR.vehicle_id, customer=OTHER_PERSON, counter=counter("二手车过户"),
        viewer=CLERK, now=NOW + 60,
    )  # fmt: skip
    assert receipt.customer_no != first.customer_no
    assert held() == {}
    assert states() == {OBU: "cancelled", CARD: "cancelled"}
    again = enrol(customer=OTHER_PERSON, obu_no=OBU[:-1] + "2", card_no=CARD[:-1] + "2",
                  now=NOW + 120)  # fmt: skip
    assert again.customer_no == receipt.customer_no
    former = Business.objects.get(kind="transfer").detail["former_customer"]
    assert former == first.customer_no


def test_a_transfer_to_the_same_customer_and_anothers_document_are_refused() -> None:
    number = enrol().customer_no
    enrol(customer=OTHER_PERSON, vehicle=replace(CAR, vehicle_id="甘A54321_0"), card_no="",
          obu_no=OBU[:-1] + "2")  # fmt: skip
    asked = {"vehicle_id": CAR.vehicle_id, "counter": counter(), "viewer": CLERK, "now": NOW + 9}
    with pytest.raises(Refusal, match="transfer_to_same"):
        actions.transfer(customer=PERSON, **asked)
    with pytest.raises(Refusal, match="document_taken"):
        actions.change_customer(customer_no=number, customer=OTHER_PERSON, **asked)
    assert held() == {"obu": OBU, "card": CARD}


def test_a_changed_licence_changes_the_type_and_what_it_was_stays_known() -> None:
    enrol()
    longer = replace(CAR, size=VehicleSize(VehicleKind.PASSENGER, 23, 7005, 5520, 2))
    receipt = actions.change_vehicle(
        vehicle=longer, counter=counter("车辆改型"), viewer=CLERK, now=NOW + 60
    )
    assert receipt.vehicle_type == 3
    assert Business.objects.get(kind="change_vehicle").detail["former"]["vehicle_type"] == 1


def test_a_customers_phone_changes_and_what_it_was_stays_sealed() -> None:
    number = enrol().customer_no
    actions.change_customer(
        customer_no=number, customer=replace(PERSON, phone="13900000000"),
        vehicle_id=CAR.vehicle_id, counter=counter("换号"), viewer=CLERK, now=NOW + 60,
    )  # fmt: skip
    assert queries.customers(viewer=CLERK, phone="13900000000").exists()
    detail = Business.objects.get(kind="change_customer").detail
    assert detail["changed"] == ["phone"]
    assert PERSON.phone not in json.dumps(detail)
    former = bytes.fromhex(detail["former"]["phone"])
    assert sealer().unseal(PersonalKind.PHONE, former) == PERSON.phone


def test_a_business_without_a_reason_and_of_nothing_held_is_refused() -> None:
    enrol(card_no="", card_type=0)
    with pytest.raises(Refusal, match="reason_missing"):
        change(BusinessKind.SUSPEND, counter=counter(" "))
    with pytest.raises(Refusal, match="vehicle_has_no_medium") as refused:
        change(BusinessKind.SUSPEND)
    assert refused.value.field == "card_no"
    with pytest.raises(Refusal, match="no_such_vehicle"):
        change(BusinessKind.SUSPEND, vehicle_id="甘A00000_0")


def test_rows_of_another_unit_are_not_seen() -> None:
    enrol()
    other = replace(CLERK, unit_codes=frozenset({OTHER_UNIT}))
    assert not queries.customers(viewer=other).exists()
    assert not queries.vehicles(viewer=other).exists()
    assert not queries.businesses(viewer=other).exists()
    assert queries.businesses(viewer=CLERK).get().unit_code == UNIT


SERIALS = count(1)
STEPS = st.lists(
    st.tuples(
        st.sampled_from([*TRANSITIONS, BusinessKind.ENROL]),
        st.sampled_from([BOTH, (MediumKind.OBU,), (MediumKind.CARD,)]),
        st.booleans(),
    ),
    max_size=12,
)


def walk(kind: BusinessKind, of: Any, other: bool, serial: int, now: int) -> None:
    """One business as a clerk would do it, with media that were never used."""
    numbers = {MediumKind.OBU: f"6201{serial:012d}", MediumKind.CARD: f"6201{serial:016d}"}
    owner = OTHER_PERSON if other else PERSON
    if kind is BusinessKind.ENROL:
        enrol(customer=owner, obu_no=numbers[MediumKind.OBU], card_no=numbers[MediumKind.CARD],
              now=now)  # fmt: skip
    elif kind is BusinessKind.REPLACE:
        actions.replace_media(
            vehicle_id=CAR.vehicle_id, numbers={one: numbers[one] for one in of},
            counter=counter(), viewer=CLERK, now=now,
        )  # fmt: skip
    elif kind is BusinessKind.TRANSFER:
        actions.transfer(vehicle_id=CAR.vehicle_id, customer=owner, counter=counter(),
                         viewer=CLERK, now=now)  # fmt: skip
    else:
        change(kind, of=of, now=now)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(steps=STEPS, same_moment=st.booleans())
def test_any_order_of_business_keeps_one_medium_of_a_kind_and_states_that_follow(
    steps: list[Any], same_moment: bool
) -> None:
    Business.objects.all().delete()
    Holding.objects.all().delete()
    for serial, (kind, of, other) in enumerate(steps, 10):
        done = Business.objects.count()
        try:
            walk(kind, of, other, serial + 1_000 * next(SERIALS), NOW + 60 * serial * (
                not same_moment))  # fmt: skip
        except Refusal:
            assert Business.objects.count() == done
        open_ones = list(Holding.objects.filter(held_to=None).values_list("kind", flat=True))
        assert len(open_ones) == len(set(open_ones))
        ended = Holding.objects.exclude(held_to=None).values_list("medium_id", flat=True)
        moments = [(number, NOW + 10**6) for number in ended]
        after = set(queries.account_states_at(moments).values())
        assert after <= {EtcAccountState.CANCELLED}


def failing() -> list[str]:
    return [law.name for law in queries.verify_issuing(lambda _: None) if not law.holds]


def test_the_laws_hold_after_business_and_each_finds_its_fault() -> None:
    enrol()
    actions.replace_media(
        vehicle_id=CAR.vehicle_id, numbers={MediumKind.CARD: CARD[:-1] + "9"}, viewer=CLERK,
        counter=counter(), now=NOW + 60,
    )  # fmt: skip
    assert failing() == []
    Medium.objects.filter(pk=OBU).update(vehicle_id="甘A99999_0")
    assert failing() == ["media_are_their_vehicles"]
    Medium.objects.filter(pk=OBU).update(vehicle_id=CAR.vehicle_id)
    ended = Holding.objects.filter(medium_id=CARD)
    ended.update(held_to=NOW + 99)
    assert failing() == ["ended_media_are_cancelled"]
    Holding.objects.exclude(medium_id__in=(CARD, OBU)).delete()
    ended.update(held_to=None)
    assert failing() == ["held_media_are_open"]
    ended.update(held_to=NOW + 60)
    row = Customer.objects.get()
    Customer.objects.update(phone=row.name)
    assert failing() == ["sealed_data_opens_to_its_digest"]
    Customer.objects.update(phone=row.phone, phone_digest="0" * 32)
    assert failing() == ["sealed_data_opens_to_its_digest"]


def test_keys_that_are_lost_are_not_made_anew_over_what_they_sealed(
    tmp_path: Path, settings: Any
) -> None:
    settings.HOME = tmp_path
    with pytest.raises(Refusal, match="personal_keys_lost"):
        make_sealing_keys(sealed_already=True)
    assert make_sealing_keys()
    assert not make_sealing_keys(sealed_already=True)
