"""The fictitious province's organisation: bureau, centre, sub-centres, offices, outlets, banks."""

from collections.abc import Iterator

from .agreements import BANKS
from .province import Province

FROM = "2020-01-01"
BUREAU, CENTRE = "B62", "620201"
DEPARTMENTS = (
    ("D1", "清分结算部", "clearing and settlement"), ("D2", "稽核部", "audit"),
    ("D3", "客服部", "customer service"), ("D4", "发行部", "issuing"),
    ("D5", "质检部", "quality inspection"), ("D6", "信息技术部", "information technology"),
)  # fmt: skip
LIAISONS, OUTLETS, SERVICE_POINTS, BANK_OUTLETS = 28, 32, 160, 20
"""As many as the model centre has; the bank outlets of each bank are invented."""
Row = tuple[str, str, str, str, str, str, str]


def organisation_rows(province: Province) -> Iterator[Row]:
    """One row a unit: code, kind, Chinese and English name, parent, from when, closed."""
    for code, kind, zh, en, parent in _units(province):
        yield code, kind, zh, en, parent, FROM, ""


def _units(province: Province) -> Iterator[tuple[str, str, str, str, str]]:
    yield BUREAU, "bureau", "模拟省局", "fictitious bureau", ""
    yield CENTRE, "centre", "模拟省联网收费中心", "fictitious toll centre", BUREAU
    for code, zh, en in DEPARTMENTS:
        yield f"{CENTRE}-{code}", "department", zh, en, CENTRE
    for n in range(1, LIAISONS + 1):
        yield (
            _liaison(n),
            "liaison",
            f"模拟联络分中心{n:02d}",
            f"fictitious sub-centre {n:02d}",
            CENTRE,
        )
    for n in range(1, OUTLETS + 1):
        parent = _liaison(1 + n % LIAISONS)
        yield (
            f"{CENTRE}-W{n:03d}",
            "outlet",
            f"模拟网点{n:03d}",
            f"fictitious outlet {n:03d}",
            parent,
        )
    for n in range(1, SERVICE_POINTS + 1):
        parent = _liaison(1 + n % LIAISONS)
        zh, en = f"模拟服务点{n:03d}", f"fictitious service point {n:03d}"
        yield f"{CENTRE}-P{n:03d}", "service_point", zh, en, parent
    for bank, name in BANKS.items():
        yield bank, "bank", name, f"fictitious {bank}", CENTRE
        for n in range(1, BANK_OUTLETS + 1):
            zh, en = f"{name}网点{n:02d}", f"fictitious {bank} outlet {n:02d}"
            yield f"{bank}-{n:02d}", "bank_outlet", zh, en, bank
    operators = sorted({section.operator for section in province.sections})
    offices = {operator: f"{BUREAU}-O{n:02d}" for n, operator in enumerate(operators, 1)}
    for operator, code in offices.items():
        yield code, "office", operator, f"operating office {code[-2:]}", BUREAU
    for owner in sorted({section.legal_owner_id for section in province.sections}):
        yield owner, "road_owner", f"模拟业主{owner}", f"fictitious owner {owner}", BUREAU
    for station in province.stations:
        parent = offices[station.section.operator]
        yield station.station_id, "station", station.name, f"station {station.hex_code}", parent


def _liaison(number: int) -> str:
    return f"{CENTRE}-L{number:02d}"
