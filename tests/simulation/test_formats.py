"""Golden files made by hand: the writers' headers and the shapes of their values match them."""

import ast
import csv
import re
from pathlib import Path

import pytest

from tests.simulation.days import rows_of

GOLDEN = Path(__file__).parent / "golden"
SIMULATION = Path(__file__).parents[2] / "tollcentre" / "simulation"
COUNTS = {
    "tbl_GantryWasteRec": 191, "tbl_ExWasteRec": 160, "tbl_EnWasteRec": 72,
    "tbl_ETCGantryPicWaste": 34, "tbl_BatchSum": 21,
}  # fmt: skip
FIXED = {
    "TRADEID", "GANTRYID", "HOURBATCHNO", "GANTRYHEX", "GANTRYHEXOPPOSITE", "TRANSTIME", "ENTIME",
    "PASSID", "OBUSN", "EXTIME", "ENTOLLSTATIONID", "ENTOLLLANEID", "EXTOLLSTATIONID",
    "EXTOLLLANEID", "TOLLPROVINCEID", "PICID", "PICTIME", "COLLECTID", "COLLECTHOURBATCH", "ID",
    "MEDIANO", "ENTOLLSTATIONHEX", "ENTOLLLANEHEX", "RECEIVETIME", "COLLECTDATE",
}  # fmt: skip
"""Columns whose text has one width and one pattern in every row."""
ALLOWED = {
    "tollcentre.core",
    "tollcentre.hsm",
    "tollcentre.messages",
    "tollcentre.network",
    "tollcentre.participants",
}


def shape(text):
    """Digits and letters without their values: what must be alike."""
    return re.sub(r"[0-9A-Z]", "x", text)


@pytest.mark.parametrize("name", COUNTS)
def test_header_and_shapes_match_the_golden_file(name, noisy_day):
    with (GOLDEN / f"{name}.csv").open(encoding="utf-8", newline="") as stream:
        reader = csv.DictReader(stream)
        golden = next(reader)
    assert len(golden) == COUNTS[name]
    path = sorted(noisy_day.glob(f"{name}_*.csv"))[0]
    header = path.read_text(encoding="utf-8").partition("\n")[0].split(",")
    assert header == list(golden)
    for row in rows_of(noisy_day, path.name):
        assert None not in row
        for column in FIXED & set(row):
            if golden[column] and row[column] and row.get("RECORDKIND", "") != "entry_record":
                if name == "tbl_BatchSum" and row["RECORDKIND"] == "exit_record":
                    continue
                assert shape(row[column]) == shape(golden[column]), column


def test_the_simulation_reaches_no_engine():
    for path in SIMULATION.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
                names = [node.module]
            elif isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            else:
                continue
            for name in names:
                if name.startswith("tollcentre."):
                    assert ".".join(name.split(".")[:2]) in ALLOWED, (path.name, name)


@pytest.mark.shared_data
def test_headers_are_those_of_the_real_records(shared_data):
    folder = shared_data / "shandong-records"
    for name in ("tbl_GantryWasteRec", "tbl_ExWasteRec", "tbl_EnWasteRec"):
        with (folder / f"{name}.csv").open(encoding="utf-8-sig", newline="") as stream:
            real = next(csv.reader(stream))
        with (GOLDEN / f"{name}.csv").open(encoding="utf-8", newline="") as stream:
            assert next(csv.reader(stream)) == real
