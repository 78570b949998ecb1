"""Writing records in the national format: official names, CSV or JSON, as a lane would send."""

import csv
import io
import json
from collections.abc import Iterable, Mapping

from tollcentre.core.clock import local_text
from tollcentre.messages.codecs.definitions import definition
from tollcentre.messages.terms import RecordKind


def official_header(kind: RecordKind, *, optional: Iterable[str] = ()) -> list[str]:
    """The official column names of a kind in the national order, then the optional ones named."""
    wanted = set(optional)
    return [
        column.official
        for column in definition(kind).columns
        if not column.optional or column.name in wanted
    ]


def official_row(
    kind: RecordKind, record: Mapping[str, object], *, optional: Iterable[str] = ()
) -> list[str]:
    """One record as official text cells; `record` is keyed by our names, absent ones are blank.

    Times given as epoch seconds become `2026-11-22 08:00:00`.
    """
    wanted = set(optional)
    cells = []
    for column in definition(kind).columns:
        if column.optional and column.name not in wanted:
            continue
        value = record.get(column.name, "")
        if column.form == "time" and isinstance(value, int):
            value = local_text(value) if value else ""
        cells.append("" if value is None else str(value))
    return cells


def encode_csv(
    kind: RecordKind,
    records: Iterable[Mapping[str, object]],
    *,
    optional: Iterable[str] = (),
    encoding: str = "utf-8",
) -> bytes:
    """Records as the bytes of a CSV file with the official header."""
    extra = tuple(optional)
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(official_header(kind, optional=extra))
    for record in records:
        writer.writerow(official_row(kind, record, optional=extra))
    return text.getvalue().encode(encoding)


def encode_json(
    kind: RecordKind, records: Iterable[Mapping[str, object]], *, optional: Iterable[str] = ()
) -> bytes:
    """Records as the bytes of a JSON array of objects with official names."""
    extra = tuple(optional)
    header = official_header(kind, optional=extra)
    rows = [
        dict(zip(header, official_row(kind, record, optional=extra), strict=True))
        for record in records
    ]
    return json.dumps(rows, ensure_ascii=False).encode()
