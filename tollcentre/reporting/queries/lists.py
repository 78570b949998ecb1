"""Lists of passages, differences and owners' earnings, cut to what the viewer may see."""

from datetime import date
from typing import Any

from tollcentre.access.terms import Viewer
from tollcentre.core.keys import intern_key
from tollcentre.core.refusal import Refusal
from tollcentre.lake.queries import paths
from tollcentre.participants.queries import party_names

from ..terms import COUNTED_UP_TO, NOT_YOURS, OwnerStatement, Page, Row
from .results import rows_of, source, standing_run

Filters = dict[str, str]


def _scope(viewer: Viewer, run_key: str, alias: str = "p") -> str:
    """SQL that keeps the passages in which the viewer's owner has a share."""
    if viewer.owner_ids is None:
        return "true"
    owners = ", ".join(f"'{owner}'" for owner in sorted(viewer.owner_ids)) or "''"
    return (
        f"{alias}.pass_key IN (SELECT s.pass_key FROM {source('unit_split', run_key)} AS s"
        f" WHERE s.legal_owner_id IN ({owners}))"
    )


def _passage_where(viewer: Viewer, run_key: str, filters: Filters) -> tuple[str, dict[str, Any]]:
    """The conditions of a passage search and their parameters."""
    where = [_scope(viewer, run_key)]
    parameters: dict[str, Any] = {}
    if filters.get("pass_id"):
        where.append("p.pass_key = $pass_key")
        parameters["pass_key"] = intern_key(filters["pass_id"].strip())
    if filters.get("vehicle_id"):
        where.append("p.vehicle_id LIKE $vehicle || '%'")
        parameters["vehicle"] = filters["vehicle_id"].strip()
    for name in ("media_type", "vehicle_type", "exit_fee_type"):
        if filters.get(name, "").lstrip("-").isdigit():
            where.append(f"p.{name} = ${name}")
            parameters[name] = int(filters[name])
    for name in ("exit_kind", "held_reason", "issuer_id"):
        if filters.get(name):
            where.append(f"p.{name} = ${name}")
            parameters[name] = filters[name]
    if filters.get("review") == "1":
        where.append("(p.queued = 1 OR p.held_fee <> 0)")
    return " AND ".join(where), parameters


def search_passages(viewer: Viewer, day: date, filters: Filters, page: int, page_size: int) -> Page:
    """One page of the passages of the clear day; filters: pass_id, vehicle_id (prefix),
    media_type, vehicle_type, exit_fee_type, exit_kind, held_reason, issuer_id, review=1.
    """
    run_key = standing_run(day).run_key
    where, parameters = _passage_where(viewer, run_key, filters)
    table = source("passage", run_key)
    rows = rows_of(
        f"SELECT p.* FROM {table} AS p WHERE {where} ORDER BY p.exit_time, p.pass_key"
        " LIMIT $size OFFSET $skip",
        {**parameters, "size": page_size, "skip": (page - 1) * page_size},
    )
    counted = rows_of(
        f"SELECT count(*) AS n FROM (SELECT 1 FROM {table} AS p WHERE {where}"
        f" LIMIT {COUNTED_UP_TO + 1}) AS head_rows",
        parameters,
    )[0]["n"]
    return Page(rows, counted if counted <= COUNTED_UP_TO else None)


def count_passages(viewer: Viewer, day: date, filters: Filters) -> int:
    """The exact number of passages that the filters find."""
    run_key = standing_run(day).run_key
    where, parameters = _passage_where(viewer, run_key, filters)
    found = rows_of(
        f"SELECT count(*) AS n FROM {source('passage', run_key)} AS p WHERE {where}", parameters
    )
    return int(found[0]["n"])


def _difference_sql(viewer: Viewer, run_key: str, filters: Filters) -> tuple[str, dict[str, Any]]:
    where = [_scope(viewer, run_key, "d")]
    parameters: dict[str, Any] = {}
    if filters.get("kind"):
        where.append("d.kind = $kind")
        parameters["kind"] = filters["kind"]
    return (
        f"FROM {source('difference', run_key)} AS d"
        f" LEFT JOIN {source('passage', run_key)} AS p ON p.pass_key = d.pass_key"
        f" WHERE {' AND '.join(where)}",
        parameters,
    )


def differences(viewer: Viewer, day: date, filters: Filters, page: int, page_size: int) -> Page:
    """One page of what does not agree on the day; filter: kind."""
    run_key = standing_run(day).run_key
    sql, parameters = _difference_sql(viewer, run_key, filters)
    rows = rows_of(
        f"SELECT d.*, p.pass_id, p.vehicle_id, p.exit_time {sql}"
        " ORDER BY abs(d.amount) DESC, d.kind, d.pass_key, d.unit_key LIMIT $size OFFSET $skip",
        {**parameters, "size": page_size, "skip": (page - 1) * page_size},
    )
    counted = rows_of(
        f"SELECT count(*) AS n FROM (SELECT 1 {sql} LIMIT {COUNTED_UP_TO + 1}) AS head_rows",
        parameters,
    )[0]["n"]
    return Page(rows, counted if counted <= COUNTED_UP_TO else None)


def count_differences(viewer: Viewer, day: date, filters: Filters) -> dict[str, int]:
    """How many differences of each kind the day has."""
    run_key = standing_run(day).run_key
    sql, parameters = _difference_sql(viewer, run_key, filters)
    found = rows_of(f"SELECT d.kind, count(*) AS n {sql} GROUP BY d.kind ORDER BY d.kind",
                    parameters)  # fmt: skip
    return {row["kind"]: row["n"] for row in found}


def held_amounts(viewer: Viewer, day: date) -> list[Row]:
    """Money held in review by reason: passages and fen."""
    run_key = standing_run(day).run_key
    return rows_of(
        f"SELECT h.reason, count(*) AS passages, sum(h.fee)::BIGINT AS fee"
        f" FROM {source('held', run_key)} AS h WHERE {_scope(viewer, run_key, 'h')}"
        " GROUP BY h.reason ORDER BY h.reason"
    )


def restatement(viewer: Viewer, run_key: str) -> list[Row]:
    """What a run changed against the one it follows, owner by owner; empty for a first run."""
    if not paths("restatement", run_key=run_key):
        return []
    rows = rows_of(f"SELECT * FROM {source('restatement', run_key)} ORDER BY ALL")
    return [row for row in rows if viewer.sees_owner(row["legal_owner_id"])]


def owner_nets(viewer: Viewer, day: date) -> list[Row]:
    """What every legal owner earned on the day, most first."""
    run_key = standing_run(day).run_key
    rows = rows_of(
        "SELECT legal_owner_id, sum(units)::BIGINT AS units, sum(pay_fee)::BIGINT AS pay_fee,"
        " sum(discount_fee)::BIGINT AS discount_fee, sum(fee)::BIGINT AS fee"
        f" FROM {source('owner_net', run_key)} WHERE legal_owner_id <> ''"
        " GROUP BY legal_owner_id ORDER BY fee DESC, legal_owner_id"
    )
    names = party_names()
    return [
        {**row, "owner_name": names.get(row["legal_owner_id"], row["legal_owner_id"])}
        for row in rows
        if viewer.owner_ids is None or row["legal_owner_id"] in viewer.owner_ids
    ]


def owners_of_day(viewer: Viewer, day: date) -> list[tuple[str, str]]:
    """(id, name) of the legal owners that earned on the day and that the viewer may see."""
    return [(row["legal_owner_id"], row["owner_name"]) for row in owner_nets(viewer, day)]


def owner_statement(viewer: Viewer, day: date, owner_id: str) -> OwnerStatement:
    """One legal owner's statement of the day; Refusal for another owner's viewer."""
    if viewer.owner_ids is not None and owner_id not in viewer.owner_ids:
        raise Refusal(NOT_YOURS, "owner_id", what=owner_id)
    run_key = standing_run(day).run_key
    lines = rows_of(
        "SELECT road_id, owner_id, issuer_id, toll_province, media_type, exit_kind,"
        " sum(units)::BIGINT AS units,"
        " sum(pay_fee)::BIGINT AS pay_fee, sum(discount_fee)::BIGINT AS discount_fee,"
        f" sum(fee)::BIGINT AS fee FROM {source('owner_net', run_key)}"
        " WHERE legal_owner_id = $owner GROUP BY ALL"
        " ORDER BY road_id, owner_id, issuer_id, toll_province, media_type, exit_kind",
        {"owner": owner_id},
    )
    return OwnerStatement(
        clear_date=day,
        owner_id=owner_id,
        owner_name=party_names().get(owner_id, owner_id),
        run_key=run_key,
        lines=lines,
        pay_fee=sum(line["pay_fee"] for line in lines),
        discount_fee=sum(line["discount_fee"] for line in lines),
        fee=sum(line["fee"] for line in lines),
    )
