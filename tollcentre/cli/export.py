"""`tollcentre export NAME --date D --out F.csv|.xlsx`."""

import csv
from datetime import date
from pathlib import Path

import click
import xlsxwriter

from tollcentre.access.terms import SHELL_VIEWER
from tollcentre.core.refusal import Reason, Refusal
from tollcentre.reporting.queries import export as export_table

from .arguments import DAY

UNKNOWN_FORMAT = Reason(
    "unknown_file_format",
    "只写 .csv 或 .xlsx，不写 {suffix}",
    "only .csv or .xlsx is written, not {suffix}",
)
XLSX_ROWS = 1_048_575
TOO_MANY_ROWS = Reason(
    "too_many_rows_for_xlsx",
    "{rows} 行超过工作表上限，请写 .csv",
    "{rows} rows are more than a sheet holds: write .csv",
)


@click.command()
@click.argument("name", metavar="NAME")
@click.option("--date", "day", type=DAY, required=True, help="清分日 / clear day")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), required=True)
def export(name: str, day: date, out: Path) -> None:
    """导出：owner-statements, passages, unit-fees, splits or differences of a day, in fen."""
    if out.suffix not in (".csv", ".xlsx"):
        raise Refusal(UNKNOWN_FORMAT, "--out", suffix=out.suffix or out.name)
    table = export_table(SHELL_VIEWER, name, day)
    if out.suffix == ".xlsx":
        if len(table.rows) > XLSX_ROWS:
            raise Refusal(TOO_MANY_ROWS, "--out", rows=len(table.rows))
        with xlsxwriter.Workbook(out, {"constant_memory": True}) as book:
            sheet = book.add_worksheet(name[:31])
            sheet.write_row(0, 0, table.columns)
            for number, row in enumerate(table.rows, 1):
                # A 19-digit key would lose digits as a spreadsheet number, so it goes as text.
                sheet.write_row(number, 0, [str(v) if isinstance(v, int) and abs(v) > 10**15
                                            else v for v in row])  # fmt: skip
    else:
        with out.open("w", newline="", encoding="utf-8-sig") as handle:
            writer = csv.writer(handle)
            writer.writerow(table.columns)
            writer.writerows(table.rows)
    click.echo(f"{name} {day}: {len(table.rows)} 行 / rows → {out}")
