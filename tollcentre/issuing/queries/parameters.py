"""What issuing goes by on a day: parameters, and the table of vehicle types."""

from datetime import date
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import yaml

from ..rules.customers import IssuingParameters
from ..rules.vehicles import vehicle_type_of
from ..terms import VehicleSize

FOLDER = Path(__file__).parent.parent / "parameters"


@lru_cache
def issuing_parameters(day: date) -> IssuingParameters:
    """What issuing goes by on a day."""
    row = _standing("issuing", day)
    return IssuingParameters(
        row["issuer_id"], tuple(row["networks"]), row["enabled_years"],
        row["check_again_s"],
        {kind: tuple(codes) for kind, codes in row["id_types"].items()}, row["resident_id"],
        row["credit_code"],
    )  # fmt: skip


@lru_cache
def vehicle_types(day: date) -> dict[str, Any]:
    """The table of vehicle types that stands on a day, by kind."""
    return _standing("vehicle_types", day)


def type_of(size: VehicleSize, day: date) -> int:
    """The type code that a vehicle of that size has on a day; refuses an impossible size."""
    return vehicle_type_of(size, vehicle_types(day))


def _standing(name: str, day: date) -> dict[str, Any]:
    return [row for row in _rows(name) if row["from"] <= day][-1]


@cache
def _rows(name: str) -> list[dict[str, Any]]:
    content = yaml.safe_load((FOLDER / f"{name}.yaml").read_text(encoding="utf-8"))
    rows = content["types" if name == "vehicle_types" else name]
    return sorted(rows, key=lambda row: row["from"])
