"""`tollcentre issuing …` as a person at the terminal uses it."""

import json
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from click.testing import CliRunner
from python_calamine import CalamineWorkbook

from tests.issuing.test_pages import SAID
from tollcentre.cli.issuing import issuing
from tollcentre.core.refusal import Refusal
from tollcentre.issuing.rules.forms import FIELDS
from tollcentre.privacy.actions import make_sealing_keys
from tollcentre.simulation.customers import write_customers

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def keys(tmp_path: Path, settings: Any) -> None:
    settings.HOME, settings.PRIVACY_KEYS = tmp_path, ""
    make_sealing_keys()


def said(*words: object) -> Any:
    done = CliRunner().invoke(issuing, [str(word) for word in words], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.output


def test_a_type_is_tried_out_and_an_impossible_vehicle_refused() -> None:
    told = json.loads(said("type", "--kind", "truck", "--length", 5995, "--mass", 4495))
    assert told["vehicle_type"] == 11
    with pytest.raises(Refusal, match="size_missing"):
        said("type", "--kind", "truck", "--length", 5995)


def test_a_blank_workbook_is_filled_in_and_enrolled(tmp_path: Path) -> None:
    blank, filled, errors = (tmp_path / name for name in ("b.xlsx", "f.xlsx", "e.xlsx"))
    said("blank", blank)
    assert CalamineWorkbook.from_path(blank).get_sheet_by_index(0).to_python() == [list(FIELDS)]
    out = BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        for at, row in enumerate([dict(zip(FIELDS, FIELDS, strict=True)), SAID,
                                  SAID | {"plate": "甘B1", "phone": "1"}]):  # fmt: skip
            sheet.write_row(at, 0, [row[name] for name in FIELDS])
    filled.write_bytes(out.getvalue())
    report = json.loads(said("enrol", filled, "--unit", "W01", "--errors", errors, "--json"))
    assert (report["new"], report["reasons"]) == (1, {"phone_wrong": 1})
    assert len(CalamineWorkbook.from_path(errors).get_sheet_by_index(0).to_python()) == 2
    found = json.loads(said("vehicle", "甘A12345_0", "--json"))
    assert found["vehicle_type"] == 1
    assert found["media"]["card"] == {"medium_no": SAID["card_no"], "state": "normal"}
    assert SAID["name"] not in json.dumps(found, ensure_ascii=False)


def test_a_register_is_taken_over_twice(tmp_path: Path) -> None:
    path = tmp_path / "register.csv"
    write_customers(path, count=40, seed=1)
    assert json.loads(said("load", path, "--json"))["new"] == 40
    assert json.loads(said("load", path, "--json"))["known"] == 40
