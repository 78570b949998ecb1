"""Every read of the road network for others."""

import os
from collections import Counter
from datetime import date
from functools import lru_cache
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from django.conf import settings

from tollcentre.core.codes import ROAD_WIDTH, UNIT_WIDTH, NodeKind
from tollcentre.core.refusal import Refusal
from tollcentre.lake.queries import paths

from .kernels.paths import least_paths
from .models import NetworkVersion
from .terms import (
    NO_NETWORK,
    NO_SUCH_VERSION,
    BorderUnit,
    DiscountRow,
    GantryLookup,
    GivenPrice,
    NetworkSnapshot,
    PathTable,
    Rate,
    VersionInfo,
)

PATH_BOUND_M = 3_000_000
PATH_FORM = 2
"""Raised when the same network would give another path table."""
ENDS_ONLY = (NodeKind.STATION, NodeKind.BORDER)


def versions() -> list[VersionInfo]:
    """Every imported version, the latest first."""
    return [
        VersionInfo(row.version, row.valid_from, row.fingerprint, row.counts | row.flagged)
        for row in NetworkVersion.objects.order_by("-valid_from", "-version")
    ]


def version_at(day: date) -> str:
    """The version valid on the day: the last to begin, of equal days the higher number.

    Refusal where none is.
    """
    standing = NetworkVersion.objects.filter(valid_from__lte=day)
    row = standing.order_by("-valid_from", "-version").first()
    if row is None:
        raise Refusal(NO_NETWORK, "DATE", day=day)
    return row.version


def fingerprint(version: str) -> str:
    """The digest of a version's content; Refusal where there is no such version."""
    row = NetworkVersion.objects.filter(version=version).first()
    if row is None:
        raise Refusal(NO_SUCH_VERSION, "--network-version", version=version)
    return row.fingerprint


def _table(relation: str, version: str) -> pa.Table:
    return _cached_table(relation, version, fingerprint(version), str(settings.LAKE_ROOT))


@lru_cache(maxsize=64)
def _cached_table(relation: str, version: str, digest: str, root: str) -> pa.Table:
    """One relation of a version; a version never changes, so its content names it."""
    found = paths(relation, partitions=[f"version={version}"], run_key=digest[:16])
    return pq.ParquetFile(found[0]).read()


def snapshot(version: str) -> NetworkSnapshot:
    """The version's nodes, edges, gantries and stations as Arrow tables."""
    return NetworkSnapshot(
        version,
        _table("network_nodes", version),
        _table("network_edges", version),
        _table("network_gantries", version),
        _table("network_stations", version),
    )


def rates(version: str) -> list[Rate]:
    """The version's rates by road type, fee type and class."""
    return [Rate(**row) for row in _table("network_rates", version).to_pylist()]


def given_prices(version: str) -> list[GivenPrice]:
    """The version's own price table; empty where it brought none."""
    return [GivenPrice(**row) for row in _table("network_prices", version).to_pylist()]


def discounts(version: str) -> list[DiscountRow]:
    """The version's own discounts; empty where it brought none."""
    return [DiscountRow(**row) for row in _table("network_discounts", version).to_pylist()]


@lru_cache(maxsize=16)
def _province(digest: str, version: str) -> str:
    codes = Counter(
        node_id[ROAD_WIDTH - 2 : ROAD_WIDTH]
        for node_id, is_unit in zip(
            *(snapshot(version).nodes[name].to_pylist() for name in ("node_id", "is_unit")),
            strict=True,
        )
        if is_unit and len(node_id) == UNIT_WIDTH
    )
    return min(codes, key=lambda code: (-codes[code], code)) if codes else ""


def province_of(version: str) -> str:
    """The two-digit province that most of the version's toll units lie in; empty if none says."""
    return _province(fingerprint(version), version)


def unit_names(version: str) -> dict[int, tuple[str, str]]:
    """Node index → (id, name)."""
    nodes = snapshot(version).nodes
    columns = (nodes[name].to_pylist() for name in ("node_idx", "node_id", "name"))
    return {index: (node_id, name) for index, node_id, name in zip(*columns, strict=True)}


def gantry_lookup(version: str) -> GantryLookup:
    """Where a read lies, by the gantry's number or by its HEX in the gantry master."""
    rows = snapshot(version).gantries.select(["gantry_id", "hex", "unit_idx"]).to_pylist()
    located = [row for row in rows if row["unit_idx"] >= 0]
    units_of_hex: dict[str, set[int]] = {}
    for row in located:
        if row["hex"]:
            units_of_hex.setdefault(row["hex"], set()).add(row["unit_idx"])
    return GantryLookup(
        by_id={row["gantry_id"]: row["unit_idx"] for row in located},
        by_hex={hex_: next(iter(units)) for hex_, units in units_of_hex.items() if len(units) == 1},
        ambiguous_hex=frozenset(hex_ for hex_, units in units_of_hex.items() if len(units) > 1),
    )


def border_units(version: str) -> list[BorderUnit]:
    """The units that enter (1) or leave (2) the province, with the HEX of their gantries."""
    snap = snapshot(version)
    hexes: dict[int, set[str]] = {}
    for row in snap.gantries.select(["unit_idx", "hex"]).to_pylist():
        hexes.setdefault(row["unit_idx"], set()).add(row["hex"])
    names = ["node_idx", "node_id", "boundary", "is_unit"]
    return [
        BorderUnit(
            row["node_idx"], row["node_id"], row["boundary"],
            tuple(sorted(hexes.get(row["node_idx"], set()) - {""})),
        )
        for row in snap.nodes.select(names).to_pylist()
        if row["is_unit"] and row["boundary"]
    ]  # fmt: skip


def path_table(version: str) -> PathTable:
    """Least ways by miles between all nodes, stations and outer borders never driven through.

    Built once a version in seconds and kept beside the lake; ties go to fewer nodes, then to the
    lower index.
    """
    folder = Path(settings.LAKE_ROOT) / "network_paths" / f"version={version}"
    folder /= f"{fingerprint(version)[:16]}-{PATH_FORM}"
    files = {name: folder / f"{name}.npy" for name in ("dist_m", "pred")}
    if not all(path.exists() for path in files.values()):
        snap = snapshot(version)
        kind = snap.nodes["kind"].to_numpy()
        is_unit = snap.nodes["is_unit"].to_numpy(zero_copy_only=False)
        dist_m, pred = least_paths(
            np.isin(kind, ENDS_ONLY) & ~is_unit,
            snap.edges["from_idx"].to_numpy(),
            snap.edges["to_idx"].to_numpy(),
            snap.edges["miles_m"].to_numpy(),
            PATH_BOUND_M,
        )
        folder.mkdir(parents=True, exist_ok=True)
        for name, values in (("dist_m", dist_m), ("pred", pred)):
            temporary = folder / f"{name}.{os.getpid()}.npy"
            np.save(temporary, values)
            os.replace(temporary, files[name])
    return PathTable(*(np.load(files[name], mmap_mode="r") for name in ("dist_m", "pred")))


def least_path(version: str, start: str, end: str) -> list[str]:
    """The ids of the toll units on the least way from node to node, by miles; empty if none."""
    nodes = snapshot(version).nodes
    index = {node_id: i for i, node_id in enumerate(nodes["node_id"].to_pylist())}
    if start not in index or end not in index:
        return []
    table = path_table(version)
    at, first = index[end], index[start]
    if table.dist_m[first, at] < 0:
        return []
    is_unit = nodes["is_unit"].to_pylist()
    ids = nodes["node_id"].to_pylist()
    way = []
    while at != first:
        if is_unit[at]:
            way.append(ids[at])
        at = int(table.pred[first, at])
    if is_unit[first]:
        way.append(ids[first])
    return way[::-1]
