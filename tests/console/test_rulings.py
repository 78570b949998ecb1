"""Pages of disputes: one person asks for rulings, another approves, and what is known is shown."""

from datetime import date
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from python_calamine import CalamineWorkbook

from tests.console.test_exchange import reader
from tests.dispute.local import book, clear, set_up, trade
from tollcentre.access.terms import Role
from tollcentre.core.clock import epoch_of
from tollcentre.dispute.models import Dispute, DisputeEvidence, DisputeRuling

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def clock(tmp_path: Path, settings: Any) -> None:
    """A day booked on 23 November; the pages are read two days later."""
    set_up(tmp_path, settings)
    clear(trade("t1", 1), trade("t3", 3, tac="00000000"), trade("t4", 1))
    book()
    told = tmp_path / "clock"
    told.write_text(str(epoch_of("2026-11-25 09:00:00")), encoding="utf-8")
    settings.CLOCK_FILE = told


def address(name: str) -> str:
    return f"/disputes/{Dispute.objects.get(transaction_id=name).pk}"


def text(client: Client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200, answer.content.decode()
    return answer.content.decode()


def asked() -> str:
    return "/approvals/dispute-rulings:1"


def test_a_dispute_tells_what_is_known_who_holds_its_money_and_how_long_there_is() -> None:
    page = text(reader(Role.AUDITOR), address("t3"))
    for told in ("1 验证未通过", "¥45.00", "未通过", "held.dispute", "62030010", "¥30.00",
                 "2026-12-14", "剩 13 个工作日"):  # fmt: skip
        assert told in page, told
    assert "申请裁定" not in page


def test_a_clerk_asks_and_a_manager_approves_and_the_money_moves() -> None:
    clerk, manager = reader(Role.CLEARING_CLERK), reader(Role.MANAGER)
    assert "省内争议待裁定" in text(clerk, "/")
    form = {"act": "rule", "result": "1", "liable": "owner", "liable_code": "62030010",
            "grounds": "名单早已下发"}  # fmt: skip
    clerk.post(address("t3"), form | {"liable_code": ""}, follow=True)
    assert not DisputeRuling.objects.exists()
    assert "已申请裁定" in clerk.post(address("t3"), form, follow=True).content.decode()
    assert "dispute-rulings:1" in text(clerk, address("t3"))
    page = text(manager, asked())
    assert "t3" in page
    assert "名单早已下发" in page
    manager.post(asked(), {"answer": "approve"})
    assert DisputeRuling.objects.get().result == 1
    assert "坏账" in text(clerk, address("t3"))
    assert "62030010" in text(manager, "/disputes/liability")


def test_a_manager_may_not_ask_and_an_auditor_may_not_import() -> None:
    assert reader(Role.MANAGER).get("/disputes/own.xlsx").status_code == 403
    auditor = reader(Role.AUDITOR)
    assert auditor.post("/disputes/import").status_code == 403
    form = {"act": "rule", "result": "0", "liable": "issuer", "grounds": "x"}
    assert auditor.post(address("t3"), form).status_code == 200
    assert Client().post(address("t3"), form).status_code == 302
    assert not Dispute.objects.filter(proposed__isnull=False).exists()


def filled(content: bytes, result: str) -> SimpleUploadedFile:
    rows = CalamineWorkbook.from_filelike(BytesIO(content)).get_sheet_by_index(0).to_python()
    with BytesIO() as buffer:
        with xlsxwriter.Workbook(buffer, {"in_memory": True}) as made:
            sheet = made.add_worksheet()
            for at, row in enumerate(rows):
                cells = [*row[:9], result, "issuer", "", "x"] if at else row
                for column, cell in enumerate(cells):
                    sheet.write(at, column, str(cell) if isinstance(cell, date) else cell)
        return SimpleUploadedFile("rulings.xlsx", buffer.getvalue())


def test_a_workbook_is_exported_and_comes_back_whole_or_not_at_all() -> None:
    clerk, manager = reader(Role.CLEARING_CLERK), reader(Role.MANAGER)
    content = clerk.get("/disputes/own.xlsx").content
    wrong = clerk.post("/disputes/import", {"workbook": filled(content, "maybe")})
    assert wrong.status_code == 422
    assert "裁定 / ruling" in wrong.content.decode()
    right = clerk.post("/disputes/import", {"workbook": filled(content, "pay")}, follow=True)
    assert "已申请裁定 2 笔" in right.content.decode()
    manager.post(asked(), {"answer": "approve"})
    assert DisputeRuling.objects.filter(result=0, source="own").count() == 2
    assert "没有待裁定的省内争议" in text(clerk, "/disputes/own")


def test_evidence_is_frozen_on_the_page() -> None:
    clerk = reader(Role.CLEARING_CLERK)
    form = {"act": "evidence", "result": "0", "grounds": "门架流水齐全"}
    assert "证据已固定" in clerk.post(address("t4"), form, follow=True).content.decode()
    assert DisputeEvidence.objects.get().digest in text(clerk, address("t4"))
