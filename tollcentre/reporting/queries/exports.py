"""Tables for files: what `tollcentre export` and the pages' export buttons give."""

from datetime import date

from tollcentre.access.terms import Viewer
from tollcentre.core.refusal import Refusal
from tollcentre.lake.queries import connect, paths
from tollcentre.participants.queries import party_names

from ..terms import NOT_YOURS, UNKNOWN_EXPORT, Export
from .results import source, standing_run

_TEXTS = {
    "owner-statements": (
        "SELECT legal_owner_id, owner_id, road_id, issuer_id, toll_province, media_type, exit_kind,"
        " units, pay_fee, discount_fee, fee FROM {owner_net} WHERE {scope}"
        " ORDER BY legal_owner_id, road_id, owner_id, issuer_id, toll_province, media_type,"
        " exit_kind"
    ),
    "passages": (
        "SELECT pass_id, pass_key, vehicle_id, media_type, medium_no, issuer_id, vehicle_type,"
        " vehicle_class, entry_time, exit_time, exit_kind, toll_province, exit_fee_type, pay_fee,"
        " discount_fee, fee, own_fee, others_fee, held_fee, held_reason, expected_fee,"
        " confidence_ppm, queued FROM {passage} WHERE {scope} ORDER BY exit_time, pass_key"
    ),
    "unit-fees": (
        "SELECT p.pass_id, f.pass_key, row_number() OVER (PARTITION BY f.pass_key ORDER BY"
        " f.position) AS seq, n.node_id AS toll_interval_id, f.sign, f.unit_time, f.tariff_fee,"
        " f.pay_fee, f.discount_fee, f.fee, f.confidence_ppm FROM {unit_fee} AS f"
        " JOIN {passage} AS p ON p.pass_key = f.pass_key"
        " JOIN {nodes} AS n ON n.node_idx = f.node_idx WHERE {scope} ORDER BY f.pass_key, seq"
    ),
    "splits": (
        "SELECT p.pass_id, s.pass_key, n.node_id AS toll_interval_id, s.owner_id,"
        " s.legal_owner_id, s.road_id, s.issuer_id, s.toll_province, s.media_type, s.tariff_fee,"
        " s.pay_fee, s.discount_fee, s.fee FROM {unit_split} AS s"
        " JOIN {passage} AS p ON p.pass_key = s.pass_key"
        " LEFT JOIN {nodes} AS n ON n.node_idx = s.node_idx WHERE {scope}"
        " ORDER BY s.pass_key, s.position, s.unit_key"
    ),
    "differences": (
        "SELECT p.pass_id, d.pass_key, d.kind, d.unit_key, d.expected, d.actual, d.amount"
        " FROM {difference} AS d LEFT JOIN {passage} AS p ON p.pass_key = d.pass_key"
        " WHERE {scope} ORDER BY d.kind, d.pass_key, d.unit_key"
    ),
}


def export_names() -> list[str]:
    """What can be exported."""
    return list(_TEXTS)


def export(viewer: Viewer, name: str, day: date) -> Export:
    """One export of the day as a table in a total order; amounts in fen.

    Refuses an unknown name, an uncleared day, and all but `owner-statements` to a road owner.
    """
    if name not in _TEXTS:
        raise Refusal(UNKNOWN_EXPORT, "NAME", name=name, known=", ".join(_TEXTS))
    if viewer.owner_ids is not None and name != "owner-statements":
        raise Refusal(NOT_YOURS, "NAME", what=name)
    run = standing_run(day)
    scope = "true"
    if viewer.owner_ids is not None:
        owners = ", ".join(f"'{owner}'" for owner in sorted(viewer.owner_ids)) or "''"
        scope = f"legal_owner_id IN ({owners})"
    names = ("owner_net", "passage", "unit_fee", "unit_split", "difference")
    tables = {relation: source(relation, run.run_key) for relation in names}
    con = connect()
    try:
        sql = _TEXTS[name].format(scope=scope, nodes=_nodes(run.network_version), **tables)
        found = con.execute(sql)
        columns = [column[0] for column in found.description or ()]
        rows = found.fetchall()
    finally:
        con.close()
    if name != "owner-statements":
        return Export(name, columns, rows)
    parties = party_names()
    named = [(row[0], parties.get(row[0], row[0]), *row[1:]) for row in rows]
    return Export(name, [columns[0], "legal_owner_name", *columns[1:]], named)


def _nodes(version: str) -> str:
    """SQL that reads the nodes of a network version."""
    listed = ", ".join(f"'{p}'" for p in paths("network_nodes", partitions=[f"version={version}"]))
    return f"read_parquet([{listed}])"
