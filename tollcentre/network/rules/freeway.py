"""Another country's network: one list of gantries with road, interchanges, length and prices.

The Taiwan freeway's official list is such: it is read as the units file and as the price table.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from .fields import Raw, Rows, collect, degrees, metres, some
from .rows import RelationRow, UnitRow

FREEWAY_ID = "設定收費區代碼"
FREEWAY_COLUMNS = (FREEWAY_ID, "國道別", "方向", "起點交流道", "迄點交流道", "收費區設定里程")
FREEWAY_TYPES = {
    "小型車牌價": (1, 11, 21),
    "大型車牌價": (2, 3, 4, 12, 13, 22, 23),
    "聯結車牌價": (14, 15, 16, 24, 25, 26),
}
"""Its three classes and the vehicle types here that they stand for: small, large, articulated."""
UPWARD = ("N", "E")


@dataclass(frozen=True)
class FreewayUnit:
    """A gantry's stretch and the interchanges that it lies between."""

    unit: UnitRow
    line: tuple[str, str]
    start: str
    end: str


def read_freeway_units(file: str, raws: Iterable[Raw]) -> tuple[Rows[UnitRow], list[RelationRow]]:
    """The gantries as toll units, and the relations that follow from their interchanges."""
    found = collect(
        file, raws, FREEWAY_ID, _freeway_unit, lambda f: f.unit.unit_id, "duplicate_unit"
    )
    units = Rows(file, [freeway.unit for freeway in found.taken], found.refused)
    return units, _relations(found.taken)


def _freeway_unit(raw: dict[str, str]) -> FreewayUnit:
    unit_id = some(raw[FREEWAY_ID], "unit_id_missing")
    road = some(raw["國道別"], "road_missing")
    start, end, direction = (raw[name].strip() for name in ("起點交流道", "迄點交流道", "方向"))
    lat, lng = degrees(raw.get("緯度", "")), degrees(raw.get("經度", ""))
    unit = UnitRow(
        unit_id=unit_id, name=f"{start}-{end}",
        length_m=metres(raw["收費區設定里程"], "length_not_a_number", per=1000),
        owner_id=road, road_name=road, roadtype=0, fee_k_type=0, fee_h_type=0, status=1, end=None,
        gantries=unit_id, in_out=0, vertical=1, direction=1 if direction in UPWARD else 2,
        start_lat=lat, start_lng=lng, end_lat=lat, end_lng=lng, unit_type=2,
    )  # fmt: skip
    return FreewayUnit(unit, (road, direction), start, end)


def _relations(freeway: Sequence[FreewayUnit]) -> list[RelationRow]:
    """On one road and direction a stretch leads to those that begin where it ends."""
    begins: dict[tuple[str, str, str], list[UnitRow]] = {}
    for stretch in freeway:
        begins.setdefault((*stretch.line, stretch.start), []).append(stretch.unit)
    return [
        RelationRow(
            stretch.unit.unit_id,
            1,
            stretch.unit.name,
            following.unit_id,
            1,
            following.name,
            stretch.unit.length_m,
        )  # fmt: skip
        for stretch in freeway
        for following in begins.get((*stretch.line, stretch.end), [])
        if following.unit_id != stretch.unit.unit_id
    ]
