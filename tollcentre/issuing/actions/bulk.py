"""批量开户: the lines of a workbook enrolled one by one; the refused come back with a reason."""

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from io import BytesIO

import xlsxwriter

from tollcentre.access.terms import Viewer
from tollcentre.core.refusal import FileReport, Refusal, RefusedLine
from tollcentre.messages.codecs.workbook import sheet_texts

from ..rules.forms import FIELDS, enrolment_from
from ..terms import SHEET_UNREADABLE, Counter, NationalAnswer
from .enrolling import enrol

LINES_MAX = 5_000
Row = Mapping[str, str]


def enrol_workbook(
    *, content: bytes, unit_code: str, viewer: Viewer, now: int,
    progress: Callable[[int], None] | None = None,
    ask: Callable[[str], NationalAnswer | None] = lambda _: None,
) -> tuple[FileReport, bytes]:  # fmt: skip
    """Enrol each line of the first sheet, whose headings are the fields' names.

    `ask` says what the ministry knows of a plate. A line is done once, however often its workbook
    comes: what it says is its form's key. Gives what became of the lines, and a workbook of the
    refused ones with their reasons (empty where there are none). Refuses what is no such workbook,
    and one of more than 5,000 lines.
    """
    report = FileReport()
    refused: list[tuple[Row, Refusal]] = []
    for line, row in _rows(content):
        report.rows += 1
        counter = Counter(_key(row, unit_code), unit_code)
        try:
            given = enrolment_from(row)
            receipt = enrol(
                customer=given.customer, vehicle=given.vehicle, obu_no=given.obu_no,
                card_no=given.card_no, card_type=given.card_type, contract=given.contract,
                counter=counter, viewer=viewer, now=now,
                nation=ask(given.vehicle.vehicle_id),
            )  # fmt: skip
        except Refusal as refusal:
            report.refused.append(RefusedLine(line, refusal))
            refused.append((row, refusal))
        else:
            report.new += receipt.at == now
        if progress is not None:
            progress(1)
    return report, _error_sheet(refused) if refused else b""


def blank_workbook() -> bytes:
    """A workbook to fill in: the headings alone."""
    return _written([FIELDS])


def _key(row: Row, unit_code: str) -> str:
    told = json.dumps([unit_code, *(row[name] for name in FIELDS)], ensure_ascii=False)
    return "line:" + hashlib.sha256(told.encode()).hexdigest()[:48]


def _rows(content: bytes) -> list[tuple[int, dict[str, str]]]:
    """The lines that hold anything, by their numbers."""
    try:
        texts = sheet_texts(content)
    except ValueError as error:
        raise Refusal(SHEET_UNREADABLE, "workbook", why=str(error)[:80]) from error
    missing = [name for name in FIELDS if not texts or name not in texts[0]]
    if missing:
        raise Refusal(SHEET_UNREADABLE, "workbook", why=", ".join(missing))
    rows = [
        (line, dict(zip(texts[0], row, strict=False))) for line, row in enumerate(texts[1:], 2)
        if any(row)
    ]  # fmt: skip
    if len(rows) > LINES_MAX:
        raise Refusal(SHEET_UNREADABLE, "workbook", why=f"> {LINES_MAX}")
    return rows


def _error_sheet(refused: list[tuple[Row, Refusal]]) -> bytes:
    lines = [[row[name] for name in FIELDS] + [one.field, one.text_zh(), one.text_en()]
             for row, one in refused]  # fmt: skip
    return _written([(*FIELDS, "field", "原因", "reason"), *lines])


def _written(rows: Sequence[Sequence[str]]) -> bytes:
    """A workbook of texts: long numbers keep their digits."""
    out = BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_numbers": False}) as book:
        sheet = book.add_worksheet()
        for at, row in enumerate(rows):
            for column, text in enumerate(row):
                sheet.write_string(at, column, str(text))
        sheet.freeze_panes(1, 0)
    return out.getvalue()
