"""The dated parameters of this domain, read from `parameters/*.yaml` once a process."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from tollcentre.core.clock import day_start
from tollcentre.core.refusal import Refusal

from .rules import millionths
from .terms import (
    NO_PARAMETER_YET,
    Discount,
    ExemptClass,
    FreePeriod,
    RoadTypeRule,
    UnitOfRate,
)

FOLDER = Path(__file__).parent / "parameters"
ENDLESS = day_start(date(2999, 12, 31))
Entry = Mapping[str, Any]


@lru_cache
def load(name: str) -> dict[str, Any]:
    """The content of `parameters/<name>.yaml`."""
    content: dict[str, Any] = yaml.safe_load((FOLDER / f"{name}.yaml").read_text(encoding="utf-8"))
    return content


def value_at(entries: Sequence[Entry], name: str, day: date) -> Any:
    """The value in force on the day; Refusal where none is yet."""
    standing = [entry for entry in entries if entry["from"] <= day]
    if not standing:
        raise Refusal(NO_PARAMETER_YET, name, name=name, day=day)
    return max(standing, key=lambda entry: entry["from"])["value"]


def road_types(day: date) -> dict[int, RoadTypeRule]:
    """How each road type is priced on the day."""
    value = value_at(load("road_types")["road_types"], "road_types", day)
    return {
        roadtype: RoadTypeRule(roadtype, UnitOfRate(paid) if paid else None)
        for roadtype, paid in value.items()
    }


def unit_fee_step(day: date) -> int:
    """The step that a unit's fee is rounded to, in fen."""
    return int(value_at(load("rounding")["unit_fee_step_fen"], "unit_fee_step_fen", day))


def card_province_step(day: date) -> int:
    """The step that a province's sum is rounded to where no OBU pays, in fen."""
    return int(value_at(load("rounding")["card_province_step_fen"], "card_province_step_fen", day))


def change_days() -> list[date]:
    """Every day from which a dated value holds."""
    listed = (load("road_types")["road_types"], *load("rounding").values())
    return sorted({entry["from"] for entries in listed for entry in entries})


def _span(entry: Entry) -> tuple[int, int]:
    """Epoch seconds [start, end) of an entry's first and last day."""
    last = entry.get("to")
    return day_start(entry["from"]), day_start(last + timedelta(1)) if last else ENDLESS


@lru_cache
def common_discounts() -> tuple[Discount, ...]:
    """The discounts that hold on every network."""
    found = []
    for entry in load("discounts")["discounts"]:
        start, end = _span(entry)
        hour_from, hour_to = entry.get("hours", (0, 24))
        found.append(
            Discount(
                factor_ppm=millionths(entry["factor"]),
                start=start,
                end=end,
                media_type=entry.get("media_type", 0),
                vehicle_types=tuple(entry.get("vehicle_types", ())),
                vehicle_class=entry.get("vehicle_class", -1),
                road_id=entry.get("road_id", ""),
                seats_most=entry.get("seats_most", 0),
                hour_from=hour_from,
                hour_to=hour_to,
                source=entry["source"],
            )
        )
    return tuple(found)


@lru_cache
def all_free_periods() -> tuple[FreePeriod, ...]:
    """Every free period, in order of its first day."""
    content = load("free_periods")
    cars = content["holiday_vehicles"]
    found = []
    for entry in content["free_periods"]:
        kind = content["kinds"][entry["kind"]]
        everyone = kind.get("vehicles") == "all"
        start, end = _span(entry)
        found.append(
            FreePeriod(
                code=entry["kind"],
                start=start,
                end=end,
                vehicle_types=() if everyone else tuple(cars["vehicle_types"]),
                seats_most=0 if everyone else cars["seats_most"],
                seats_unknown=() if everyone else tuple(cars["seats_unknown"]),
                zh=kind["zh"],
                en=kind["en"],
                source=kind["source"],
            )
        )
    return tuple(sorted(found, key=lambda period: (period.start, period.end, period.code)))


@lru_cache
def all_exempt_classes() -> tuple[ExemptClass, ...]:
    """Every exempt kind of vehicle, in order of the kind."""
    found = [
        ExemptClass(
            entry["code"], entry["vehicle_class"], *_span(entry),
            entry["zh"], entry["en"], entry["source"],
        )
        for entry in load("exemptions")["exemptions"]
    ]  # fmt: skip
    return tuple(sorted(found, key=lambda exempt: (exempt.vehicle_class, exempt.start)))


def facts_until(day: date) -> dict[str, Any]:
    """Every parameter that began by the day, as plain data: what a price can depend on."""
    return {
        name: {key: _began(value, day) for key, value in load(name).items()}
        for name in ("road_types", "rounding", "discounts", "free_periods", "exemptions")
    }


def _began(value: Any, day: date) -> Any:
    if not isinstance(value, list):
        return value
    return [entry for entry in value if entry["from"] <= day]
