"""An imported network version as the simulator's road map."""

from collections import defaultdict
from datetime import date

from tollcentre.core.codes import NodeKind
from tollcentre.core.refusal import Refusal
from tollcentre.network import queries
from tollcentre.network.terms import DiscountRow, NetworkSnapshot

from .prices import DiscountRule
from .road_map import Gantry, RateTable, Relations, RoadMap, UnitRow, build_road_map
from .terms import DISCOUNT_BEYOND_SIMULATION

ENTERS, LEAVES = 1, 2
"""The snapshot's boundary codes; the unit file's own are the other way round."""


def imported_network(
    version: str | None, day: date
) -> tuple[RoadMap, RateTable, list[DiscountRule]]:
    """The version, or the one valid on the day, with its rates and discounts."""
    version = version or queries.version_at(day)
    snapshot = queries.snapshot(version)
    rates = {(r.roadtype, r.feetype, r.vehicle_type): r.yuan for r in queries.rates(version)}
    stations = {row["station_id"]: row for row in snapshot.stations.to_pylist()}
    units, masters = units_of(snapshot)
    nodes = snapshot.nodes.select(["node_id", "kind"]).to_pylist()
    kinds = {
        row["node_id"]: 1 if row["kind"] == NodeKind.CONNECTOR else row["kind"] for row in nodes
    }
    ids = [row["node_id"] for row in nodes]
    edges = {
        (ids[row["from_idx"]], ids[row["to_idx"]]): row["miles_m"]
        for row in snapshot.edges.to_pylist()
    }
    hexes = {station_id: row["hex"] for station_id, row in stations.items()}
    relations = Relations(kinds, hexes, edges, version)
    names = {station_id: row["name"] for station_id, row in stations.items()}
    road_map = build_road_map(units, relations, masters, names, rates)
    return road_map, rates, discount_rules(queries.discounts(version), day)


def units_of(snapshot: NetworkSnapshot) -> tuple[dict[str, UnitRow], dict[str, Gantry]]:
    """Unit rows with the gantries that read or charge them, and the gantries by number."""
    masters = {}
    standing = defaultdict(list)
    charging = defaultdict(list)
    for row in sorted(snapshot.gantries.to_pylist(), key=lambda row: row["gantry_id"]):
        gantry_id = row["gantry_id"]
        masters[gantry_id] = Gantry(gantry_id, row["hex"], row["opposite_hex"])
        standing[row["unit_idx"]].append(gantry_id)
        for unit_id in row["toll_intervals"].split("|"):
            charging[unit_id].append(gantry_id)
    units = {}
    for row in snapshot.nodes.to_pylist():
        if not row["is_unit"]:
            continue
        unit_id, readable = row["node_id"], row["readable"]
        # A readable unit whose gantry is not in the master is read all the same.
        own = standing[row["node_idx"]] or [f"{unit_id}010"]
        borrowed = [g for g in charging[unit_id] if not g.startswith(unit_id)]
        units[unit_id] = UnitRow(
            unit_id=unit_id,
            length_m=row["length_m"],
            gantry_ids=tuple(own if readable else borrowed),
            vertical_type=1 if readable else 2,
            road_type=row["roadtype"],
            fee_type_car=row["fee_k_type"],
            fee_type_truck=row["fee_h_type"],
            owner_id=row["owner_id"],
            inout={ENTERS: 2, LEAVES: 1}.get(row["boundary"], 0),
        )
    return units, masters


def discount_rules(rows: list[DiscountRow], day: date) -> list[DiscountRule]:
    """The network's OBU discounts of the day; refused where one is beyond type and section."""
    rules = []
    for row in rows:
        if row.media_type not in (0, 1) or row.valid_from > day:
            continue
        if row.valid_to is not None and row.valid_to < day:
            continue
        whole_day = row.hour_from == 0 and row.hour_to == 24
        if row.seats_most or row.vehicle_class != -1 or not whole_day:
            raise Refusal(DISCOUNT_BEYOND_SIMULATION, field="discounts")
        rules.append(DiscountRule(row.vehicle_type, row.road_id, row.factor))
    return rules
