"""What the passage and statement pages make of a run's rows: nothing lost, nothing added."""

from datetime import date

from django.utils import translation

from tollcentre.access.terms import Role, Viewer
from tollcentre.console.views.passage import PASSAGES, _asked, _units, masked, seen_by
from tollcentre.console.views.reporting import document_of
from tollcentre.reporting.terms import OwnerStatement

CLERK = Viewer("clerk", frozenset({Role.CLEARING_CLERK}), None)
MANAGER = Viewer("manager", frozenset({Role.MANAGER}), None)


def line(road, issuer, medium, fee, discount=0, kind="own", province="62"):
    return {
        "road_id": road, "owner_id": "1", "issuer_id": issuer, "toll_province": province,
        "media_type": medium, "exit_kind": kind, "passages": 1, "units": 2,
        "pay_fee": fee + discount, "discount_fee": discount, "fee": fee,
    }  # fmt: skip


STATEMENT = OwnerStatement(
    clear_date=date(2026, 11, 22),
    owner_id="6203001",
    owner_name="甲公司",
    run_key="20261122-x",
    lines=[
        line("G0030620010", "620101", 1, 9_500, 500),
        line("G0030620010", "", 2, 3_100),
        line("G0030620020", "620101", 1, -8_100),
    ],
    pay_fee=5_000,
    discount_fee=500,
    fee=4_500,
)


def test_every_table_of_a_statement_sums_to_the_statement():
    for table in document_of(STATEMENT).tables:
        assert table.totals[-4:] == (6, 5_000, 500, 4_500)


def test_statement_speaks_the_reader_s_language():
    with translation.override("en"):
        document = document_of(STATEMENT)
    assert document.language == "en"
    assert document.title == "Owner statements"
    assert document.tables[1].rows[0][0] in ("Exit here", "Exit elsewhere")


def test_plates_are_masked_for_who_may_not_see_them():
    rows = [{"vehicle_id": "甘A12345_0"}, {"vehicle_id": None}]
    assert masked(CLERK, rows) == rows
    assert [row["vehicle_id"] for row in masked(MANAGER, rows)] == ["甘A***45_0", ""]


def test_who_may_not_see_plates_cannot_search_by_them():
    asked = {"day": "2026-11-22", "vehicle_id": "甘A1", "media_type": "1"}
    assert _asked(CLERK, asked, {})["vehicle_id"] == "甘A1"
    assert _asked(MANAGER, asked, {"review": "1"}) == {
        "vehicle_id": "", "media_type": "1", "review": "1"
    }  # fmt: skip
    names = [field.name for field in seen_by(MANAGER, PASSAGES).fields]
    assert "vehicle_id" not in names
    assert "pass_id" in names


def test_path_and_split_stand_side_by_side():
    path = [{"toll_interval_id": f"U{n}", "name": f"名{n}", "sign": n, "seq": n} for n in (1, 3)]
    split = [
        {"toll_interval_id": "U1", "name": "名1", "unit_key": 1, "fee": 10},
        {"toll_interval_id": "U9", "name": "名9", "unit_key": 9, "fee": 5},
        {"toll_interval_id": "", "name": "", "unit_key": 77, "fee": 2},
    ]
    units = _units({"path": path, "split": split})
    assert [unit["id"] for unit in units] == ["U1", "U3", "U9", "#77"]
    assert [bool(unit["path"]) for unit in units] == [True, True, False, False]
    assert [unit["split"]["fee"] if unit["split"] else None for unit in units] == [10, None, 5, 2]
    assert [unit["sign_css"] for unit in units] == ["good", "info", "", ""]
