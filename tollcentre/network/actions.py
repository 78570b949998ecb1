"""Every write to the road network: an import is whole or nothing."""

import csv
import hashlib
import json
import os
import re
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date
from pathlib import Path

import pyarrow as pa
from django.conf import settings
from django.db import transaction

from tollcentre.access.actions import hold_trail, record_trail
from tollcentre.core.clock import day_start
from tollcentre.core.refusal import Refusal
from tollcentre.lake.actions import write_table
from tollcentre.participants.actions import register_ownership, register_parties
from tollcentre.participants.terms import Owned, PartyInfo, PartyKind

from . import rules
from .files import read_csv
from .models import NetworkVersion
from .schemas import SCHEMAS
from .terms import (
    NOTHING_USABLE,
    VERSION_MALFORMED,
    VERSION_WITH_OTHER_CONTENT,
    DiscountRow,
    GivenPrice,
    ImportReport,
    Rate,
    RefusedRow,
)

VERSION_TEXT = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,31}")
UNIT_COLUMNS = ("id", "length", "ownerid", "roadtype", "feeKtype", "feeHtype")
RELATION_COLUMNS = ("enroadnodeid", "enroadnodetype", "exroadnodeid", "exroadnodetype", "miles")
RATE_COLUMNS = ("roadtype", "feetype", "vehicle_type", "feebykm_yuan")
PRICE_COLUMNS = ("id", "vehicle_type", "fee")
FREEWAY_PRICE_COLUMNS = (rules.FREEWAY_COLUMNS[0], *rules.FREEWAY_TYPES)
ROAD_COLUMNS = ("收费路段编号", "所属业主编号")


@dataclass(frozen=True)
class NetworkFiles:
    """The official files of one version; the gantry master is the only source of a HEX."""

    units: Path
    rates: Path
    relations: Path | None = None
    stations: Path | None = None
    gantries: Path | None = None
    roads: Path | None = None
    discounts: Path | None = None


@dataclass(frozen=True)
class _Read:
    """The rows of all files, taken and refused, and the digest of what the files say."""

    units: rules.Rows[rules.UnitRow]
    relations: rules.Rows[rules.RelationRow]
    stations: rules.Rows[rules.StationRow]
    gantries: rules.Rows[rules.GantryRow]
    roads: rules.Rows[rules.RoadRow]
    rates: rules.Rows[Rate]
    prices: rules.Rows[GivenPrice]
    discounts: rules.Rows[DiscountRow]
    content: str

    def refused(self) -> list[RefusedRow]:
        """Every refused row, file by file."""
        files = (self.units, self.relations, self.stations, self.gantries, self.roads, self.rates,
                 self.prices, self.discounts)  # fmt: skip
        return [row for rows in files for row in rows.refused]


def import_network(
    *,
    version: str,
    valid_from: date,
    units: Path,
    relations: Path | None,
    stations: Path | None,
    rates: Path,
    gantries: Path | None = None,
    roads: Path | None = None,
    discounts: Path | None = None,
    actor: str,
) -> ImportReport:
    """Import one dated version of the road network from official files.

    Rows that cannot be used are refused singly with a reason; the rest is loaded. The same
    content again changes nothing. Refuses unreadable files, missing columns, a file with no
    usable row, a version of other than letters, digits and `._-`, and a version that stands for
    other content.
    """
    began = time.perf_counter()
    if not VERSION_TEXT.fullmatch(version):
        raise Refusal(VERSION_MALFORMED, "--version", version=version)
    read = _read(NetworkFiles(units, rates, relations, stations, gantries, roads, discounts))
    assembled = rules.assemble(
        read.units.taken, read.relations.taken, read.stations.taken, read.gantries.taken,
        {road.section_id: road.owner_id for road in read.roads.taken}, valid_from,
        {row.row_id for row in read.units.refused},
    )  # fmt: skip
    tables = {
        "network_nodes": assembled.nodes,
        "network_edges": assembled.edges,
        "network_gantries": assembled.gantries,
        "network_stations": assembled.stations,
        "network_rates": _columns(read.rates.taken),
        "network_prices": _columns(read.prices.taken),
        "network_discounts": _columns(read.discounts.taken),
    }
    counts = {name.removeprefix("network_"): len(next(iter(columns.values()), []))
              for name, columns in tables.items()}  # fmt: skip
    counts["units"], counts["roads"] = len(read.units.taken), len(read.roads.taken)
    report = ImportReport(
        version, valid_from, False, counts, tuple(read.refused()), tuple(assembled.flags)
    )
    unchanged = _keep(report, read, tables, actor)
    return replace(report, unchanged=unchanged, seconds=time.perf_counter() - began)


def _read(files: NetworkFiles) -> _Read:
    """Every row of every file; refuses a file without a usable row."""
    raw: dict[str, list[rules.Raw]] = {
        "units": read_csv(files.units, UNIT_COLUMNS, rules.FREEWAY_COLUMNS),
        "rates": read_csv(files.rates, RATE_COLUMNS, PRICE_COLUMNS, FREEWAY_PRICE_COLUMNS),
    }
    optional = {
        "relations": (files.relations, RELATION_COLUMNS),
        "stations": (files.stations, ("id",)),
        "gantries": (files.gantries, ("id",)),
        "roads": (files.roads, ROAD_COLUMNS),
        "discounts": (files.discounts, ("factor",)),
    }
    for name, (path, columns) in optional.items():
        raw[name] = read_csv(path, columns) if path else []
    relations = rules.read_relations("relations", raw["relations"])
    if rules.FREEWAY_COLUMNS[0] in _names(raw["units"]):
        units, derived = rules.read_freeway_units("units", raw["units"])
        relations.taken = relations.taken or derived
    else:
        units = rules.read_units("units", raw["units"])
    rates, prices = _read_rates(raw["rates"])
    needed = ((files.units, units.taken), (files.rates, [*rates.taken, *prices.taken]),
              (files.relations, relations.taken))  # fmt: skip
    for path, taken in needed:
        if path is not None and not taken:
            raise Refusal(NOTHING_USABLE, path.name, path=path)
    return _Read(
        units=units,
        relations=relations,
        stations=rules.read_stations("stations", raw["stations"]),
        gantries=rules.read_gantries("gantries", raw["gantries"]),
        roads=rules.read_roads("roads", raw["roads"]),
        rates=rates,
        prices=prices,
        discounts=rules.read_discounts("discounts", raw["discounts"]),
        content=json.dumps(
            {name: [fields for _, fields in rows] for name, rows in raw.items()},
            sort_keys=True, ensure_ascii=False,
        ),
    )  # fmt: skip


def _names(raw: list[rules.Raw]) -> set[str]:
    """The columns that any of the rows has."""
    return {name for _, fields in raw for name in fields}


def _read_rates(raw: list[rules.Raw]) -> tuple[rules.Rows[Rate], rules.Rows[GivenPrice]]:
    """The rate map or the price table, by its columns."""
    names = _names(raw)
    if rules.FREEWAY_COLUMNS[0] in names:
        return rules.Rows("rates"), rules.read_freeway_prices("rates", raw)
    if "feebykm_yuan" in names:
        return rules.read_rates("rates", raw), rules.Rows("rates")
    return rules.Rows("rates"), rules.read_prices("rates", raw)


def _columns(rows: Sequence[object]) -> dict[str, list[object]]:
    """Rows of one dataclass as columns."""
    if not rows:
        return {}
    names = asdict(rows[0]).keys()  # type: ignore[call-overload]
    return {name: [getattr(row, name) for row in rows] for name in names}


@transaction.atomic
def _keep(report: ImportReport, read: _Read, tables: dict[str, rules.Columns], actor: str) -> bool:
    """Write the version, or find that it stands already; true where nothing changed."""
    content = f"{report.valid_from.isoformat()} {read.content}"
    fingerprint = hashlib.sha256(content.encode()).hexdigest()
    hold_trail()
    standing = NetworkVersion.objects.filter(version=report.version).first()
    if standing is not None:
        if standing.fingerprint != fingerprint:
            raise Refusal(VERSION_WITH_OTHER_CONTENT, "--version", version=report.version)
        return True
    for relation, columns in tables.items():
        table = pa.Table.from_pydict(
            {name: columns.get(name, []) for name in SCHEMAS[relation].names},
            schema=SCHEMAS[relation],
        )
        write_table(
            relation=relation,
            partition=f"version={report.version}",
            run_key=fingerprint[:16],
            table=table,
        )
    register_parties(parties=_owners(read.roads.taken, read.units.taken))
    register_ownership(
        owned=[
            Owned(
                road.section_id,
                road.owner_id,
                day_start(report.valid_from) if road.owned_from is None else road.owned_from,
            )
            for road in read.roads.taken
        ],
        source=f"network {report.version}",
    )
    NetworkVersion.objects.create(
        version=report.version,
        valid_from=report.valid_from,
        fingerprint=fingerprint,
        counts=report.counts,
        flagged=report.flagged,
    )
    record_trail(
        actor=actor,
        act="import_network",
        subject=report.version,
        detail={
            "fingerprint": fingerprint,
            "counts": report.counts,
            "valid_from": report.valid_from.isoformat(),
        },
    )
    return False


def _owners(roads: Sequence[rules.RoadRow], units: Sequence[rules.UnitRow]) -> list[PartyInfo]:
    """The legal owners, each named by the road most of its units are called after."""
    owner_of = {road.section_id: road.owner_id for road in roads}
    road_names: dict[str, Counter[str]] = {road.owner_id: Counter() for road in roads}
    for unit in units:
        owner = owner_of.get(unit.unit_id[:11])
        if owner is not None and unit.road_name:
            road_names[owner][unit.road_name] += 1
    parties = []
    for owner, names in sorted(road_names.items()):
        called = min(names, key=lambda name: (-names[name], name)) if names else owner
        parties.append(
            PartyInfo(owner, PartyKind.ROAD_OWNER, f"{called}业主", f"owner {owner} of {called}")
        )
    return parties


def write_report(report: ImportReport) -> Path:
    """Write the refused and the flagged rows as a CSV under the home's reports folder.

    Gives its path; the file appears whole.
    """
    folder = Path(settings.HOME) / "reports"
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"network-{report.version}.csv"
    temporary = path.with_suffix(f".{os.getpid()}.tmp")
    with temporary.open("w", newline="", encoding="utf-8-sig") as handle:
        writer = csv.writer(handle)
        writer.writerow(["outcome", "reason", "file", "line", "id", "value"])
        writer.writerows(
            ("refused", row.reason, row.file, row.line, row.row_id, row.value)
            for row in report.refused
        )
        writer.writerows(
            ("flagged", flag.reason, "", "", flag.row_id, flag.value)
            for flag in sorted(report.flags, key=lambda flag: (flag.reason, flag.row_id))
        )
    os.replace(temporary, path)
    return path
