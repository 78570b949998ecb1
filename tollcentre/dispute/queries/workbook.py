"""Open disputes within the province as a workbook that a clerk fills in and brings back."""

from decimal import Decimal
from io import BytesIO
from typing import Any

import xlsxwriter

from tollcentre.access.terms import Viewer
from tollcentre.core.refusal import RefusedLine

from ..models import Dispute
from ..rules.rulings import digest_of
from ..terms import DISPUTE_TITLES, DisputeReason, Liable, Result
from .deadlines import deadlines_of
from .own_rulings import open_own_disputes, waiting_proposals

RESULTS = {"应付 / pay": Result.PAY, "坏账 / bad debt": Result.BAD_DEBT}
LIABLES = {
    "发行方 / issuer": Liable.ISSUER,
    "业主或路段 / owner": Liable.OWNER,
    "用户 / customer": Liable.CUSTOMER,
    "无责 / nobody": Liable.NOBODY,
}
HEADINGS = (
    "争议号 / dispute", "校验 / digest", "交易编号 / trade", "通行标识 / pass id",
    "争议日 / opened", "裁定期限 / rule by", "发行方 / issuer", "金额（元） / yuan",
    "争议原因 / reason", "裁定 / ruling", "责任方 / liable", "业主或路段编号 / owner code",
    "理由 / grounds",
)  # fmt: skip
"""Columns in order; the first two are hidden, the last four are the clerk's to fill in."""
HIDDEN, FIRST_FILLED = 2, 9
WIDTHS = (8, 8, 40, 42, 12, 12, 10, 12, 34, 16, 20, 16, 40)
SHEET, FAULTS = "争议 disputes", "错误 errors"
FEN = 100


def row_digest(dispute: Dispute) -> str:
    """What a row must still say of its dispute when it comes back."""
    return digest_of(
        [dispute.pk, dispute.booked_id, dispute.transaction_id, dispute.fee, dispute.reason]
    )[:32]


def rulings_workbook(*, viewer: Viewer, reason: str = "") -> bytes:
    """The open disputes within the province that wait in no request, as an .xlsx to fill in."""
    found = list(open_own_disputes(viewer=viewer, reason=reason))
    waiting = waiting_proposals([dispute.pk for dispute in found])
    with BytesIO() as buffer:
        with _book(buffer) as book:
            sheet = book.add_worksheet(SHEET)
            text, filled = (
                book.add_format({"num_format": "@"}),
                book.add_format({"bg_color": "#FFF8DC", "num_format": "@"}),
            )
            money = book.add_format({"num_format": "#,##0.00"})
            day = book.add_format({"num_format": "yyyy-mm-dd"})
            _heading(book, sheet, HEADINGS, WIDTHS)
            sheet.set_column(0, HIDDEN - 1, None, None, {"hidden": True})
            rows = [dispute for dispute in found if dispute.pk not in waiting]
            for at, dispute in enumerate(rows, 1):
                zh, en = DISPUTE_TITLES[DisputeReason(dispute.reason)]
                sheet.write_number(at, 0, dispute.pk)
                sheet.write_string(at, 1, row_digest(dispute))
                sheet.write_string(at, 2, dispute.transaction_id, text)
                sheet.write_string(at, 3, dispute.pass_id, text)
                sheet.write_datetime(at, 4, dispute.opened_on, day)
                sheet.write_datetime(at, 5, deadlines_of(dispute.opened_on).ruling, day)
                sheet.write_string(at, 6, dispute.issuer_id, text)
                sheet.write_number(at, 7, Decimal(dispute.fee) / FEN, money)
                sheet.write_string(at, 8, f"{dispute.reason} {zh} / {en}", text)
                for column in range(FIRST_FILLED, len(HEADINGS)):
                    sheet.write_blank(at, column, None, filled)
            last = max(1, len(rows))
            for column, known in ((FIRST_FILLED, RESULTS), (FIRST_FILLED + 1, LIABLES)):
                sheet.data_validation(1, column, last, column,
                                      {"validate": "list", "source": list(known)})  # fmt: skip
            sheet.freeze_panes(1, HIDDEN + 1)
            sheet.autofilter(0, HIDDEN, last, len(HEADINGS) - 1)
        return buffer.getvalue()


def faults_workbook(faults: list[RefusedLine]) -> bytes:
    """What is wrong with a workbook that was brought back: row, field and why, as an .xlsx."""
    with BytesIO() as buffer:
        with _book(buffer) as book:
            sheet = book.add_worksheet(FAULTS)
            _heading(book, sheet, ("行 / row", "栏 / field", "原因 / why"), (8, 24, 90))
            for at, fault in enumerate(faults, 1):
                sheet.write_number(at, 0, fault.line)
                sheet.write_string(at, 1, fault.refusal.field)
                refusal = fault.refusal
                sheet.write_string(at, 2, f"{refusal.text_zh()} / {refusal.text_en()}")
            sheet.freeze_panes(1, 0)
        return buffer.getvalue()


def _book(buffer: BytesIO) -> Any:
    return xlsxwriter.Workbook(
        buffer, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    )


def _heading(book: Any, sheet: Any, titles: tuple[str, ...], widths: tuple[int, ...]) -> None:
    bold = book.add_format({"bold": True, "bg_color": "#E8ECF1", "text_wrap": True})
    for column, (title, width) in enumerate(zip(titles, widths, strict=True)):
        sheet.set_column(column, column, width)
        sheet.write_string(0, column, title, bold)
