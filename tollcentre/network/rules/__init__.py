"""Reading network files row by row, and putting the graph together; pure."""

from .assemble import Assembled, assemble
from .rows import (
    DiscountText,
    GantryRow,
    RelationRow,
    RoadRow,
    Rows,
    StationRow,
    UnitRow,
    read_discounts,
    read_gantries,
    read_rates,
    read_relations,
    read_roads,
    read_stations,
    read_units,
)

__all__ = [
    "Assembled",
    "DiscountText",
    "GantryRow",
    "RelationRow",
    "RoadRow",
    "Rows",
    "StationRow",
    "UnitRow",
    "assemble",
    "read_discounts",
    "read_gantries",
    "read_rates",
    "read_relations",
    "read_roads",
    "read_stations",
    "read_units",
]
