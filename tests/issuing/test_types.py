"""The type of a vehicle is computed from its licence, right for every described vehicle."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from tollcentre.core.codes import VEHICLE_TYPES
from tollcentre.core.refusal import Refusal
from tollcentre.issuing.queries.parameters import vehicle_types
from tollcentre.issuing.rules.vehicles import POSSIBLE, require_type, vehicle_type_of
from tollcentre.issuing.terms import VehicleKind, VehicleSize

CASES = yaml.safe_load(
    (Path(__file__).parent / "cases" / "vehicle_types.yaml").read_text(encoding="utf-8")
)
DAY = date(2026, 11, 22)
DESCRIBED = [(kind, *case) for kind in VehicleKind for case in CASES[kind]]


@pytest.mark.parametrize(("kind", "name", "told", "wanted"), DESCRIBED, ids=lambda one: str(one))
def test_a_described_vehicle_has_its_class(
    kind: VehicleKind, name: str, told: dict[str, Any], wanted: int
) -> None:
    assert vehicle_type_of(VehicleSize(kind, **told), vehicle_types(DAY)) == wanted, name


def test_the_cases_cover_every_type() -> None:
    assert {wanted for *_, wanted in DESCRIBED} == set(VEHICLE_TYPES)


@pytest.mark.parametrize(("name", "told", "field"), CASES["refused"], ids=lambda one: str(one))
def test_what_cannot_be_is_refused_by_its_field(
    name: str, told: dict[str, Any], field: str
) -> None:
    size = VehicleSize(VehicleKind(told["kind"]), **{k: v for k, v in told.items() if k != "kind"})
    with pytest.raises(Refusal) as refused:
        vehicle_type_of(size, vehicle_types(DAY))
    assert refused.value.field == field, name


def test_a_clerks_wish_is_refused_with_the_type_that_the_licence_gives() -> None:
    require_type(None, 12)
    require_type(12, 12)
    with pytest.raises(Refusal, match="vehicle_type_differs") as refused:
        require_type(11, 12)
    assert "12" in refused.value.text_zh()


NUMBERS = {name: st.integers(*bounds) for name, bounds in POSSIBLE.items()}


def by_the_standard(size: VehicleSize) -> int:
    """The tables said again, slowly, in the order of the standard."""
    if size.kind is VehicleKind.PASSENGER:
        if size.car_train:
            return 2
        if size.length_mm < 6000 and size.seats <= 19:
            return 1 if size.seats <= 9 else 2
        return 3 if size.seats <= 39 else 4
    first = 10 if size.kind is VehicleKind.TRUCK else 20
    if size.axles == 2:
        small = size.length_mm < 6000 and size.total_mass < 4500
        return first + (1 if small else 2)
    return first + min(size.axles, 6)


@given(size=st.builds(VehicleSize, kind=st.sampled_from(VehicleKind), car_train=st.booleans(),
                      **NUMBERS))  # fmt: skip
def test_any_vehicle_has_the_type_of_the_standard(size: VehicleSize) -> None:
    assert vehicle_type_of(size, vehicle_types(DAY)) == by_the_standard(size)
