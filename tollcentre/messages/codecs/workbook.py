"""The first sheet of a workbook as texts."""

from io import BytesIO

from python_calamine import CalamineError, CalamineWorkbook


def sheet_texts(content: bytes) -> list[list[str]]:
    """Every row of the first sheet, its cells as texts; ValueError where it is no workbook."""
    try:
        sheet = CalamineWorkbook.from_filelike(BytesIO(content)).get_sheet_by_index(0)
        rows = sheet.to_python(skip_empty_area=False)
    except (CalamineError, IndexError) as error:
        raise ValueError(str(error)) from error
    return [[_text(cell) for cell in row] for row in rows]


def _text(cell: object) -> str:
    """A cell as text; a whole number has no decimals."""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell).strip()
