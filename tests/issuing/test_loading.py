"""A register taken over: loaded is as enrolled would be, twice is once, bad lines are named."""

import csv
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.issuing.counter import CLERK, NOW
from tollcentre.access.models import TrailRow
from tollcentre.core.refusal import Refusal
from tollcentre.issuing import actions, queries
from tollcentre.issuing.actions import loading
from tollcentre.issuing.models import Contract, Customer, Holding, Medium, Vehicle
from tollcentre.issuing.rules.forms import FIELDS
from tollcentre.issuing.terms import BusinessKind, Counter, MediumKind
from tollcentre.privacy.actions import make_sealing_keys
from tollcentre.privacy.queries import sealer
from tollcentre.privacy.terms import PersonalKind
from tollcentre.simulation.customers import write_customers

pytestmark = pytest.mark.django_db
COUNT = 250


@pytest.fixture(autouse=True)
def keys(tmp_path_factory: pytest.TempPathFactory, settings: Any) -> None:
    settings.HOME, settings.PRIVACY_KEYS = tmp_path_factory.mktemp("home"), ""
    make_sealing_keys()


@pytest.fixture
def register(tmp_path: Path) -> Path:
    path = tmp_path / "register.csv"
    write_customers(path, count=COUNT, seed=4)
    return path


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def spoilt(path: Path, line: int, spoil: Callable[[dict[str, str]], object]) -> Path:
    rows = rows_of(path)
    spoil(rows[line])
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return path


def load(path: Path) -> Any:
    return actions.load_register(path=path, actor="t", now=NOW)


def counts() -> tuple[int, ...]:
    return tuple(table.objects.count() for table in (Customer, Vehicle, Medium, Holding, Contract))


def test_the_same_register_is_the_same_bytes_and_names_nobody(tmp_path: Path) -> None:
    for name in ("a", "b"):
        write_customers(tmp_path / name, count=300, seed=9)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()
    rows = rows_of(tmp_path / "a")
    assert len({row["plate"] for row in rows}) == len({row["obu_no"] for row in rows}) == 300
    assert all(row["id_number"].startswith("SIM") and "模拟" in row["name"] for row in rows)


def test_a_register_is_loaded_once_whatever_was_loaded_of_it_before(
    register: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tollcentre.messages.codecs.csv_rows.BLOCK_ROWS", 50)
    monkeypatch.setattr(loading, "BLOCKS_AT_ONCE", 2)
    blocks = iter(range(9))

    def killed(*given: Any) -> tuple[int, int]:
        # In the middle of the second transaction.
        if next(blocks) == 3:
            raise KeyboardInterrupt
        return whole(*given)

    whole = loading._keep_block
    monkeypatch.setattr(loading, "_keep_block", killed)
    with pytest.raises(KeyboardInterrupt):
        load(register)
    assert Vehicle.objects.count() == 100
    monkeypatch.setattr(loading, "_keep_block", whole)
    report = load(register)
    assert (report.new, report.known, report.refused) == (150, 100, [])
    before = counts()
    assert load(register).new == 0
    assert counts() == before
    assert TrailRow.objects.filter(act="issuing.load_register").count() == 3


def test_what_is_loaded_is_what_an_enrolment_would_have_made(register: Path) -> None:
    load(register)
    rows = rows_of(register)
    assert counts()[1:3] == (COUNT, 2 * COUNT)
    for row in rows[::17]:
        vehicle = queries.vehicle_of(f"{row['plate']}_{row['colour']}")
        held = queries.held_by([vehicle.pk])
        assert held == {(vehicle.pk, "obu"): row["obu_no"], (vehicle.pk, "card"): row["card_no"]}
        seal = sealer()
        assert seal.unseal(PersonalKind.NAME, vehicle.customer.name) == row["name"]
        assert seal.unseal(PersonalKind.PHONE, vehicle.customer.phone) == row["phone"]
        contract = Contract.objects.get(pk=row["card_no"])
        assert seal.unseal(PersonalKind.BANK_ACCOUNT, contract.account) == row["account"]
    # A company's vehicles are its own, and business goes on with what was loaded.
    assert Customer.objects.count() < COUNT
    first = queries.vehicle_of(f"{rows[0]['plate']}_{rows[0]['colour']}")
    actions.change_state(
        kind=BusinessKind.SUSPEND, vehicle_id=first.pk, of=tuple(MediumKind),
        counter=Counter("k", next(iter(CLERK.unit_codes or ())), "客户申请"), viewer=CLERK, now=NOW,
    )  # fmt: skip


SPOILT: list[tuple[str, str, Callable[[dict[str, str]], object]]] = [
    ("phone_wrong", "phone", lambda row: row.update(phone="12")),
    ("field_unreadable", "issued_on", lambda row: row.update(issued_on="昨天")),
    ("field_unreadable", "unit_code", lambda row: row.update(unit_code="")),
    ("field_unreadable", "seats", lambda row: row.update(seats="五")),
    ("vehicle_type_differs", "vehicle_type", lambda row: row.update(wanted_type="26")),
    ("medium_no_malformed", "obu_no", lambda row: row.update(obu_no="1")),
    ("vehicle_id_malformed", "vehicle_id", lambda row: row.update(plate="")),
]


@pytest.mark.parametrize(("code", "field", "spoil"), SPOILT, ids=lambda one: str(one)[:20])
def test_a_bad_line_is_named_and_the_others_are_taken(
    register: Path, code: str, field: str, spoil: Callable[[dict[str, str]], object]
) -> None:
    report = load(spoilt(register, 3, spoil))
    (refused,) = report.refused
    assert (refused.line, refused.refusal.code, refused.refusal.field) == (5, code, field)
    assert report.new == COUNT - 1


def test_a_line_that_contradicts_what_is_here_is_refused(register: Path) -> None:
    load(register)
    rows = rows_of(register)
    other = spoilt(register, 0, lambda row: row.update(obu_no="6201999999999999"))
    assert [one.refusal.code for one in load(other).refused] == ["vehicle_of_other"]
    moved = spoilt(register, 0, lambda row: row.update(rows[0], plate="甘P99999"))
    assert [one.refusal.code for one in load(moved).refused] == ["medium_issued"]


def test_a_file_without_a_column_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text(",".join(FIELDS) + "\n", encoding="utf-8")
    with pytest.raises(Refusal, match="csv_columns_missing"):
        load(path)
