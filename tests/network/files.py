"""Official network files of a few units, written from short rows; every column by its real name."""

import csv
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from tollcentre.network.actions import import_network
from tollcentre.network.terms import ImportReport

UNIT = {
    "id": "", "name": "", "length": "1000", "ownerid": "7", "roadtype": "1", "feeKtype": "1",
    "feeHtype": "1", "status": "1", "endTime": "2999-12-31", "Gantrys": "", "inoutprovince": "0",
    "HEX": "270001", "DIRECTION": "1", "VERTICALSECTIONTYPE": "1", "startLat": "36.1",
    "startLng": "103.7", "endLat": "36.2", "endLng": "103.8", "roadidname": "试验高速", "type": "2",
}  # fmt: skip
RELATION = {
    "version": "1", "enroadnodeid": "", "enroadnodetype": "1", "enroadnodename": "",
    "enstationid": "", "enhex": "", "exroadnodeid": "", "exroadnodetype": "1",
    "exroadnodename": "", "exstationid": "", "exhex": "", "miles": "0",
}  # fmt: skip
STATION = {"id": "", "name": "", "stationhex": "", "longitude": "103.7", "latitude": "36.1"}
GANTRY = {
    "id": "", "name": "", "lat": "36.1", "lng": "103.7", "etcGantryHex": "", "reEtcGantryHex": "",
    "boundaryType": "", "tollIntervals": "", "status": "2",
}  # fmt: skip
ROAD = {
    "收费路段编号": "", "收费路段名称": "", "所属业主编号": "6203001", "业主起始时间": "",
}  # fmt: skip
RATE = {"roadtype": "1", "feetype": "1", "vehicle_type": "1", "feebykm_yuan": "0.4"}
DISCOUNT = {
    "mediaType": "", "vehicleType": "", "vehicleClass": "", "roadId": "", "seatsMost": "",
    "hourFrom": "", "hourTo": "", "startTime": "", "endTime": "", "factor": "",
}  # fmt: skip
SHAPES: dict[str, dict[str, str]] = {
    "units": UNIT, "relations": RELATION, "stations": STATION, "gantries": GANTRY, "roads": ROAD,
    "rates": RATE, "discounts": DISCOUNT,
}  # fmt: skip
Row = Mapping[str, Any]


@dataclass
class Files:
    """The rows of each file; what a row leaves out is as in its shape above."""

    units: Sequence[Row] = ()
    relations: Sequence[Row] = ()
    stations: Sequence[Row] = ()
    rates: Sequence[Row] = ()
    gantries: Sequence[Row] = ()
    roads: Sequence[Row] = ()
    discounts: Sequence[Row] = field(default_factory=tuple)

    def write(self, folder: Path, encoding: str = "utf-8") -> dict[str, Path | None]:
        """The files that have rows, and None for the others."""
        folder.mkdir(parents=True, exist_ok=True)
        paths: dict[str, Path | None] = {}
        for name, shape in SHAPES.items():
            rows = list(getattr(self, name))
            paths[name] = folder / f"{name}.csv" if rows else None
            if rows:
                write_csv(folder / f"{name}.csv", shape, rows, encoding)
        return paths


def write_csv(path: Path, shape: Row, rows: Iterable[Row], encoding: str = "utf-8") -> None:
    with path.open("w", encoding=encoding, newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        if path.stem == "roads":
            writer.writerow(["路段信息"] + [""] * (len(shape) - 1))
        writer.writerow(shape)
        writer.writerows([str({**shape, **row}[name]) for name in shape] for row in rows)


def load(
    files: Files,
    folder: Path,
    version: str = "V1",
    valid_from: date = date(2020, 1, 1),
    encoding: str = "utf-8",
) -> ImportReport:
    """Write the files and import them."""
    paths = files.write(folder / version, encoding)
    assert paths["units"] is not None
    assert paths["rates"] is not None
    return import_network(
        version=version, valid_from=valid_from, units=paths["units"], rates=paths["rates"],
        relations=paths["relations"], stations=paths["stations"], gantries=paths["gantries"],
        roads=paths["roads"], discounts=paths["discounts"], actor="test",
    )  # fmt: skip


def edge(start: str, end: str, miles: int = 0) -> dict[str, str]:
    """A relation between two ids; their width says what they are."""
    return {
        "enroadnodeid": start, "enroadnodetype": _type(start), "exroadnodeid": end,
        "exroadnodetype": _type(end), "miles": str(miles),
    }  # fmt: skip


def _type(node_id: str) -> str:
    return {14: "3", 16: "1"}.get(len(node_id), "9")


A, B, C, D = (f"G003062001000{n}10" for n in range(1, 5))
RAMP = "G003062001000910"
B_BACK = B[:14] + "20"
NORTH, SOUTH = "G0030620010010", "G0030620010020"


def small() -> Files:
    """北站 → A → B → C → 南站, and a dearer, shorter way A → D → C; a ramp leads in and out."""
    units: list[Row] = [
        {"id": A, "length": "1690", "Gantrys": f"{A}010"},
        {"id": B, "length": "4130.0", "Gantrys": f"{B}010|{C}010", "ownerid": "8"},
        {"id": C, "length": "2500", "Gantrys": f"{A}010", "ownerid": "8"},
        {"id": D, "length": "3000", "feeKtype": "2", "Gantrys": f"{D}010"},
        {"id": B_BACK, "length": "4130", "DIRECTION": "2"},
    ]
    relations = [
        edge(NORTH, RAMP), edge(RAMP, A), edge(A, B, 1690), edge(A, D, 1690), edge(B, C, 4130),
        edge(D, C, 3000), edge(C, SOUTH, 2500),
    ]  # fmt: skip
    gantries: list[Row] = [
        {"id": f"{A}010", "etcGantryHex": "6E7531", "tollIntervals": f"{A}|{C}"},
        {"id": f"{B}010", "etcGantryHex": "6e7532", "reEtcGantryHex": "6F7532"},
        {"id": f"{C}010", "etcGantryHex": "6E7533"},
    ]
    rates = [
        {"feetype": feetype, "vehicle_type": kind, "feebykm_yuan": yuan}
        for feetype, kind, yuan in (
            (1, 1, "0.4"), (2, 1, "0.9"), (1, 13, "1.04"), (1, 23, "1.04"), (2, 13, "1.31"),
        )
    ]  # fmt: skip
    return Files(
        units=units,
        relations=relations,
        stations=[
            {"id": NORTH, "name": "北站", "stationhex": "6201012D"},
            {"id": SOUTH, "name": "南站", "stationhex": "6201012E"},
            {"id": "9900001", "name": "枢纽"},
        ],
        rates=rates,
        gantries=gantries,
        roads=[{"收费路段编号": A[:11], "收费路段名称": "试验段"}],
    )
