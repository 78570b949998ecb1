"""The type of a vehicle (车型), computed from what its licence says (JT/T 489-2019)."""

from collections.abc import Mapping, Sequence
from typing import Any

from tollcentre.core.refusal import Refusal

from ..terms import SIZE_IMPOSSIBLE, SIZE_MISSING, VEHICLE_TYPE_DIFFERS, VehicleKind, VehicleSize

POSSIBLE = {
    "seats": (1, 120),
    "length_mm": (1_500, 80_000),
    "width_mm": (800, 6_000),
    "height_mm": (700, 6_000),
    "total_mass": (300, 500_000),
    "axles": (2, 60),
}
"""From and to; what lies outside is no vehicle's."""
NEEDED = {
    VehicleKind.PASSENGER: ("seats", "length_mm"),
    VehicleKind.TRUCK: ("length_mm", "total_mass", "axles"),
    VehicleKind.SPECIAL: ("length_mm", "total_mass", "axles"),
}
Row = Mapping[str, Any]


def vehicle_type_of(size: VehicleSize, types: Mapping[str, Sequence[Row]]) -> int:
    """The type code of a vehicle by a table of types; each table ends with a row that fits all.

    Refuses a size that is missing or that no vehicle has.
    """
    for name, (least, most) in POSSIBLE.items():
        value = getattr(size, name)
        if not value and name in NEEDED[size.kind]:
            raise Refusal(SIZE_MISSING, name, name=name, kind=size.kind)
        if value and not least <= value <= most:
            raise Refusal(SIZE_IMPOSSIBLE, name, name=name, value=value, least=least, most=most)
    return next(int(row["type"]) for row in types[size.kind] if _fits(size, row))


def _fits(size: VehicleSize, row: Row) -> bool:
    return (
        size.car_train >= row.get("car_train", False)
        and size.seats <= row.get("seats_to", size.seats)
        and size.axles <= row.get("axles_to", size.axles)
        and size.length_mm < row.get("length_below", size.length_mm + 1)
        and size.total_mass < row.get("mass_below", size.total_mass + 1)
    )


def require_type(wanted: int | None, computed: int) -> None:
    """Refuse a type that somebody wishes and the licence does not give."""
    if wanted not in (None, computed):
        raise Refusal(VEHICLE_TYPE_DIFFERS, "vehicle_type", wanted=wanted, computed=computed)
