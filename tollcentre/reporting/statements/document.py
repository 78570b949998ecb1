"""A statement as plain data: facts about it, then tables with their totals."""

from dataclasses import dataclass
from enum import StrEnum

Cell = str | int


class Kind(StrEnum):
    """What a column holds; amounts are fen."""

    TEXT = "text"
    CODE = "code"
    COUNT = "count"
    AMOUNT = "amount"

    @property
    def numeric(self) -> bool:
        """Whether the column is set to the right and may be summed."""
        return self in (Kind.COUNT, Kind.AMOUNT)


@dataclass(frozen=True)
class Table:
    """One table: a title, headings with the kind of each column, rows, and the totals' label.

    `total_label` empty means that the table has no line of totals. ValueError where a row is not
    as wide as the headings or a numeric cell is no integer: money must not arrive as a text.
    """

    title: str
    columns: tuple[tuple[str, Kind], ...]
    rows: tuple[tuple[Cell, ...], ...]
    total_label: str = ""

    def __post_init__(self) -> None:
        for row in self.rows:
            if len(row) != len(self.columns):
                raise ValueError(f"{self.title}: {len(row)} cells, {len(self.columns)} columns")
            for (heading, kind), cell in zip(self.columns, row, strict=True):
                if kind.numeric and type(cell) is not int:
                    raise ValueError(f"{self.title}, {heading}: {cell!r} is no integer")

    @property
    def totals(self) -> tuple[Cell, ...]:
        """The line of totals: the label in the first column, sums under the numeric ones."""
        sums: list[Cell] = []
        for place, (_heading, kind) in enumerate(self.columns):
            numbers = [row[place] for row in self.rows]
            sums.append(sum(n for n in numbers if isinstance(n, int)) if kind.numeric else "")
        return (self.total_label, *sums[1:])


@dataclass(frozen=True)
class Document:
    """A whole statement: title, facts in order, tables, a note, and the words of its footer.

    `page_words` is the footer's pattern with `{page}` and `{pages}`.
    """

    title: str
    facts: tuple[tuple[str, str], ...]
    tables: tuple[Table, ...]
    note: str = ""
    page_words: str = "第 {page} 页 / 共 {pages} 页"
    language: str = "zh"
