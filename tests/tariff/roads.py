"""The road that the tariff cases speak of."""

from tests.network.files import NORTH, RAMP, A, B, C, D, Files, edge, small

BRIDGE, NO_TYPE, NO_RATE_TYPE, SHORT_1, SHORT_2 = (f"G00306200100{n}10" for n in range(11, 16))
PLACES = {
    "A": A, "B": B, "C": C, "D": D, "E": BRIDGE, "F": NO_TYPE, "G": NO_RATE_TYPE, "H": SHORT_1,
    "I": SHORT_2, "RAMP": RAMP, "NORTH": NORTH,
}  # fmt: skip


def roads() -> Files:
    """The small network with a bridge, two units without a rate and two short ones."""
    files = small()
    files.units = [
        *files.units,
        {"id": BRIDGE, "length": "1", "roadtype": "2"},
        {"id": NO_TYPE, "roadtype": "3"},
        {"id": NO_RATE_TYPE, "feeKtype": "9", "feeHtype": "9"},
        {"id": SHORT_1, "length": "1700", "ownerid": "8"},
        {"id": SHORT_2, "length": "1000", "ownerid": "8"},
    ]
    files.relations = [*files.relations, edge(C, BRIDGE, 2500), edge(BRIDGE, SHORT_1, 1)]
    files.rates = [
        *files.rates,
        {"roadtype": "2", "vehicle_type": "1", "feebykm_yuan": "10.0"},
        {"roadtype": "2", "vehicle_type": "13", "feebykm_yuan": "26.1"},
        {"roadtype": "2", "vehicle_type": "23", "feebykm_yuan": "26.1"},
    ]
    return files
