"""Every write to the road network: an import is whole or nothing."""

import csv
import hashlib
import json
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from datetime import date
from pathlib import Path

import pyarrow as pa
from django.conf import settings
from django.db import transaction

from tollcentre.access.actions import record_trail
from tollcentre.core.refusal import Refusal
from tollcentre.lake.actions import write_table
from tollcentre.participants.actions import register_ownership, register_parties
from tollcentre.participants.terms import Owned, PartyInfo, PartyKind

from . import rules
from .files import read_csv
from .models import NetworkVersion
from .schemas import SCHEMAS
from .terms import (
    DAY_TAKEN,
    NOTHING_USABLE,
    VERSION_WITH_OTHER_CONTENT,
    ImportReport,
    RefusedRow,
)

UNIT_COLUMNS = ("id", "length", "ownerid", "roadtype", "feeKtype", "feeHtype")
RELATION_COLUMNS = ("enroadnodeid", "enroadnodetype", "exroadnodeid", "exroadnodetype", "miles")


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
    usable row, and a version or date that stands for other content.
    """
    began = time.perf_counter()
    unit_rows = rules.read_units(units.name, read_csv(units, UNIT_COLUMNS))
    relation_rows = rules.read_relations(
        "relations", read_csv(relations, RELATION_COLUMNS) if relations else []
    )
    station_rows = rules.read_stations("stations", read_csv(stations, ("id",)) if stations else [])
    rate_rows, prices, bad_prices = rules.read_rates(rates.name, read_csv(rates, ()))
    gantry_rows = rules.read_gantries("gantries", read_csv(gantries, ("id",)) if gantries else [])
    road_rows = rules.read_roads(
        "roads", read_csv(roads, ("收费路段编号", "所属业主编号")) if roads else []
    )
    discount_rows = rules.read_discounts(
        "discounts", read_csv(discounts, ("factor",)) if discounts else []
    )
    for rows, path in ((unit_rows, units), (relation_rows, relations)):
        if path is not None and not rows.taken:
            raise Refusal(NOTHING_USABLE, path.name, path=path)
    assembled = rules.assemble(
        unit_rows.taken, relation_rows.taken, station_rows.taken, gantry_rows.taken,
        {road.section_id: road.owner_id for road in road_rows.taken}, valid_from,
    )  # fmt: skip
    tables = {
        "network_nodes": assembled.nodes,
        "network_edges": assembled.edges,
        "network_gantries": assembled.gantries,
        "network_stations": assembled.stations,
        "network_rates": _columns(rate_rows.taken),
        "network_prices": _columns(prices),
        "network_discounts": _columns(discount_rows.taken),
    }
    all_rows = (unit_rows, relation_rows, station_rows, rate_rows, gantry_rows, road_rows,
                discount_rows)  # fmt: skip
    refused = [row for rows in all_rows for row in rows.refused] + bad_prices
    counts = {name.removeprefix("network_"): len(next(iter(columns.values()), []))
              for name, columns in tables.items()}  # fmt: skip
    counts["units"], counts["roads"] = len(unit_rows.taken), len(road_rows.taken)
    report = ImportReport(version, valid_from, False, counts, tuple(refused), assembled.flagged)
    unchanged = _keep(report, tables, road_rows.taken, unit_rows.taken, actor)
    seconds = time.perf_counter() - began
    return ImportReport(version, valid_from, unchanged, counts, tuple(refused), assembled.flagged,
                        seconds)  # fmt: skip


def _columns(rows: Sequence[object]) -> dict[str, list[object]]:
    """Rows of one dataclass as columns."""
    if not rows:
        return {}
    names = asdict(rows[0]).keys()  # type: ignore[call-overload]
    return {name: [getattr(row, name) for row in rows] for name in names}


def _keep(
    report: ImportReport,
    tables: dict[str, dict[str, list[object]]],
    roads: Sequence[rules.RoadRow],
    units: Sequence[rules.UnitRow],
    actor: str,
) -> bool:
    """Write the version, or find that it stands already; true where nothing changed."""
    content = json.dumps(
        [report.valid_from.isoformat(), tables, [asdict(r) for r in roads]],
        sort_keys=True, ensure_ascii=False, default=str,
    )  # fmt: skip
    fingerprint = hashlib.sha256(content.encode()).hexdigest()
    standing = NetworkVersion.objects.filter(version=report.version).first()
    if standing is not None:
        if standing.fingerprint != fingerprint:
            raise Refusal(VERSION_WITH_OTHER_CONTENT, "--version", version=report.version)
        return True
    taken = NetworkVersion.objects.filter(valid_from=report.valid_from).first()
    if taken is not None:
        raise Refusal(DAY_TAKEN, "--valid-from", day=report.valid_from, version=taken.version)
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
    with transaction.atomic():
        register_parties(parties=_owners(roads, units))
        register_ownership(
            owned=[Owned(r.section_id, r.owner_id, report.valid_from) for r in roads],
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
            },  # fmt: skip
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
    """Write the refused rows as a CSV under the home's reports folder; gives its path."""
    folder = Path(settings.HOME) / "reports"
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"network-{report.version}-refused.csv"
    with path.open("w", newline="", encoding="utf-8-sig") as handle:
        writer = csv.writer(handle)
        writer.writerow(["file", "line", "id", "reason", "value"])
        writer.writerows(_cells(row) for row in report.refused)
    return path


def _cells(row: RefusedRow) -> tuple[object, ...]:
    return (row.file, row.line, row.row_id, row.reason, row.value)
