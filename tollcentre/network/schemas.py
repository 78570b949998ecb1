"""The columns of a network version in the lake."""

import pyarrow as pa

_TEXT, _KEY, _INDEX, _SMALL = pa.string(), pa.int64(), pa.int32(), pa.int16()

SCHEMAS = {
    "network_nodes": pa.schema(
        [
            ("node_idx", _INDEX), ("node_id", _TEXT), ("node_key", _KEY), ("kind", _SMALL),
            ("name", _TEXT), ("length_m", _KEY), ("is_unit", pa.bool_()),
            ("readable", pa.bool_()), ("opposite_idx", _INDEX), ("direction", _SMALL),
            ("section_id", _TEXT), ("road_id", _TEXT), ("owner_id", _TEXT),
            ("legal_owner_id", _TEXT), ("roadtype", _SMALL), ("fee_k_type", _SMALL),
            ("fee_h_type", _SMALL), ("lat", pa.float64()), ("lng", pa.float64()),
            ("end_lat", pa.float64()), ("end_lng", pa.float64()), ("status", _SMALL),
            ("boundary", _SMALL),
        ]
    ),
    "network_edges": pa.schema([("from_idx", _INDEX), ("to_idx", _INDEX), ("miles_m", _KEY)]),
    "network_gantries": pa.schema(
        [
            ("gantry_key", _KEY), ("gantry_id", _TEXT), ("name", _TEXT), ("hex", _TEXT),
            ("opposite_hex", _TEXT), ("unit_idx", _INDEX), ("lat", pa.float64()),
            ("lng", pa.float64()), ("boundary_type", _SMALL), ("toll_intervals", _TEXT),
            ("status", _SMALL),
        ]
    ),
    "network_stations": pa.schema(
        [
            ("station_key", _KEY), ("station_id", _TEXT), ("name", _TEXT), ("node_idx", _INDEX),
            ("hex", _TEXT), ("lat", pa.float64()), ("lng", pa.float64()),
        ]
    ),
    "network_rates": pa.schema(
        [("roadtype", _SMALL), ("feetype", _SMALL), ("vehicle_type", _SMALL), ("yuan", _TEXT)]
    ),
    "network_prices": pa.schema(
        [("unit_id", _TEXT), ("vehicle_type", _SMALL), ("fee_fen", _KEY)]
    ),
    "network_discounts": pa.schema(
        [
            ("media_type", _SMALL), ("vehicle_type", _SMALL), ("vehicle_class", _SMALL),
            ("road_id", _TEXT), ("seats_most", _SMALL), ("hour_from", _SMALL),
            ("hour_to", _SMALL), ("factor", _TEXT), ("valid_from", pa.date32()),
            ("valid_to", pa.date32()),
        ]
    ),
}  # fmt: skip
