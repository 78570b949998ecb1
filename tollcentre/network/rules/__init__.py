"""Reading network files row by row, and putting the graph together; pure."""

from .assemble import Assembled, Columns, assemble
from .charges import read_discounts, read_freeway_prices, read_prices, read_rates
from .fields import Raw, Rows
from .freeway import FREEWAY_COLUMNS, FREEWAY_TYPES, read_freeway_units
from .rows import (
    GantryRow,
    RelationRow,
    RoadRow,
    StationRow,
    UnitRow,
    read_gantries,
    read_relations,
    read_roads,
    read_stations,
    read_units,
)

__all__ = [
    "FREEWAY_COLUMNS",
    "FREEWAY_TYPES",
    "Assembled",
    "Columns",
    "GantryRow",
    "Raw",
    "RelationRow",
    "RoadRow",
    "Rows",
    "StationRow",
    "UnitRow",
    "assemble",
    "read_discounts",
    "read_freeway_prices",
    "read_freeway_units",
    "read_gantries",
    "read_prices",
    "read_rates",
    "read_relations",
    "read_roads",
    "read_stations",
    "read_units",
]
