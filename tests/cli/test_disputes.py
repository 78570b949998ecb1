"""`disputes export|import|list|submit|liability` as a person starts them."""

import json
from datetime import date
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from click.testing import CliRunner, Result
from python_calamine import CalamineWorkbook

from tests.dispute.local import book, clear, set_up, trade
from tollcentre.access.terms import Role, Viewer
from tollcentre.cli.disputes import disputes
from tollcentre.core.clock import epoch_of
from tollcentre.dispute.actions import approve_rulings

pytestmark = pytest.mark.django_db
NOW = epoch_of("2026-11-25 09:00:00")
MANAGER = Viewer("manager", frozenset({Role.MANAGER}), None)


@pytest.fixture(autouse=True)
def home(tmp_path: Path, settings: Any) -> None:
    set_up(tmp_path, settings)
    clear(trade("t1", 1), trade("t3", 3, tac="00000000"))
    book()


def run(*arguments: object) -> Result:
    return CliRunner().invoke(disputes, [str(one) for one in arguments], catch_exceptions=False)


def fill_in(path: Path, cells: dict[int, str]) -> None:
    """Write these cells into the one row of an exported workbook."""
    rows = CalamineWorkbook.from_path(path).get_sheet_by_index(0).to_python()
    with xlsxwriter.Workbook(path) as made:
        sheet = made.add_worksheet()
        for at, row in enumerate(rows):
            for column, cell in enumerate(row):
                value = cells.get(column, cell) if at else cell
                sheet.write(at, column, str(value) if isinstance(value, date) else value)


def test_a_workbook_is_exported_filled_in_and_imported(tmp_path: Path) -> None:
    path = tmp_path / "out.xlsx"
    assert run("export", path).exit_code == 0
    fill_in(path, {9: "应付", 10: "发行方", 12: "复核无误"})
    told = json.loads(run("import", path, "--json").stdout)
    assert (told["count"], told["fee_fen"]) == (1, 4500)
    assert run("liability", "--json").stdout == "[]\n"
    approve_rulings(approval_key=told["approval_key"], checker=MANAGER, now=NOW)
    [row] = json.loads(run("liability", "--json").stdout)
    assert (row["liable"], row["reason"], row["count"], row["fee"]) == ("issuer", 1, 1, 4500)
    [one] = json.loads(run("list", "--direction", "local", "--json").stdout)
    assert (one["transaction_id"], one["result"]) == ("t3", 0)


def test_what_is_wrong_with_a_workbook_exits_2_and_is_written_as_a_workbook(tmp_path: Path) -> None:
    path, errors = tmp_path / "out.xlsx", tmp_path / "errors.xlsx"
    run("export", path)
    fill_in(path, {9: "应付", 10: "谁"})
    refused = run("import", path, "--errors", errors)
    assert refused.exit_code == 2
    assert "第 2 行 / line 2: ruling_value_unknown [责任方 / liable]" in refused.stderr
    sheet = CalamineWorkbook.from_filelike(BytesIO(errors.read_bytes())).get_sheet_by_index(0)
    assert sheet.to_python()[1][:2] == [2.0, "责任方 / liable"]


def test_without_open_disputes_of_a_side_nothing_is_submitted() -> None:
    told = run("submit", "--direction", "toll", "--position", "pay", "--grounds", "x", "--json")
    assert json.loads(told.stdout) == {"submitted": 0}
