"""Keep what a run built: business columns in a total order, one file a relation."""

from datetime import date

from tollcentre.lake.actions import write_parquet, write_table
from tollcentre.lake.queries import DuckEngine, Engine, connect, paths

OUTPUTS = {
    "passage": (
        "SELECT b.*, s.confidence_ppm, s.queued, s.restored_by, s.dropped, a.collected, a.own_fee,"
        " a.others_fee, a.held_fee, a.held_reason, a.split_by, a.charged_fee,"
        " coalesce(e.fee, 0) AS expected_fee, coalesce(p.is_free, 0) AS is_free"
        " FROM passage_base AS b JOIN passage_sure AS s ON s.pass_key = b.pass_key"
        " JOIN passage_amount AS a ON a.pass_key = b.pass_key"
        " LEFT JOIN expected AS e ON e.pass_key = b.pass_key"
        " LEFT JOIN priced_passage AS p ON p.pass_key = b.pass_key",
        "pass_key",
        {"fee": "sum(fee)", "own_fee": "sum(own_fee)"},
    ),
    "unit_fee": (
        "SELECT f.pass_key, f.position, f.node_idx, f.sign, f.unit_time, f.tariff_fee, f.pay_fee,"
        " f.discount_fee, f.fee, s.confidence_ppm FROM unit_fee AS f"
        " JOIN passage_sure AS s ON s.pass_key = f.pass_key",
        "pass_key, position",
        {"fee": "sum(fee)"},
    ),
    "unit_split": (
        "SELECT * FROM unit_split",
        "pass_key, position, unit_key",
        {"fee": "sum(fee)", "pay_fee": "sum(pay_fee)"},
    ),  # fmt: skip
    "owner_net": (
        "SELECT * FROM owner_net",
        "owner_id, legal_owner_id, road_id, issuer_id, toll_province, media_type, exit_kind",
        {"fee": "sum(fee)"},
    ),
    "party_net": (
        "SELECT * FROM party_net",
        "side, party, owner_id, issuer_id, toll_province, media_type",
        {},
    ),
    "held": ("SELECT * FROM held", "reason, pass_key, record_key", {"fee": "sum(fee)"}),
    "difference": ("SELECT * FROM difference", "kind, pass_key, unit_key", {}),
    "passage_trade": (
        "SELECT record_key, pass_key, gantry_key, node_idx, read_time, trade_result, is_repeat"
        " FROM trade",
        "pass_key, read_time, record_key",
        {},
    ),
    "passage_plate": ("SELECT * FROM plate_of_passage", "pass_key, read_time, record_key", {}),
}
"""Relation kept → its query, its total order, the control sums registered with its file."""

_TOTALS = {
    "passages": "SELECT count(*) FROM passage_base",
    "passages_in_review": "SELECT coalesce(sum(queued), 0) FROM passage_sure",
    "trades": "SELECT count(*) FROM trade",
    "plate_reads": "SELECT count(*) FROM plate_of_passage",
    "path_units": "SELECT count(*) FROM path_unit",
    "collected_here": "SELECT coalesce(sum(fee), 0) FROM party_net"
    " WHERE side = 'debit' AND party IN ('issuer', 'collector')",
    "receivable_from_provinces": "SELECT coalesce(sum(fee), 0) FROM party_net"
    " WHERE side = 'debit' AND party = 'province'",
    "own_units_here": "SELECT coalesce(sum(fee), 0) FROM unit_split"
    " WHERE exit_kind = 'own' AND owner_id <> ''",
    "own_units_elsewhere": "SELECT coalesce(sum(fee), 0) FROM unit_split WHERE exit_kind <> 'own'",
    "payable_to_provinces": "SELECT coalesce(sum(fee), 0) FROM party_net"
    " WHERE side = 'credit' AND party = 'other_province'",
    "held_in_review": "SELECT coalesce(sum(fee), 0) FROM held",
    "unit_shares": "SELECT coalesce(sum(fee), 0) FROM unit_split",
    "owner_shares": "SELECT coalesce(sum(fee), 0) FROM owner_net",
    "differences": "SELECT count(*) FROM difference",
}


_KEYS = "owner_id, legal_owner_id, road_id, issuer_id, toll_province, media_type, exit_kind"
_RESTATED = """
SELECT {keys}, sum(was)::BIGINT AS was_fee, sum(now)::BIGINT AS now_fee,
  (sum(now) - sum(was))::BIGINT AS change
FROM (
  SELECT {keys}, fee AS was, 0 AS now FROM {before}
  UNION ALL SELECT {keys}, 0 AS was, fee AS now FROM {after}
) AS sides
GROUP BY {keys} HAVING sum(now) <> sum(was) ORDER BY {keys}
"""


def keep_restatement(*, run_key: str, superseded: str, day: date) -> int:
    """Write what the run changes against the one it follows, owner by owner; gives the rows."""
    sides = {}
    for name, key in (("before", superseded), ("after", run_key)):
        listed = ", ".join(f"'{path}'" for path in paths("owner_net", run_key=key))
        sides[name] = f"read_parquet([{listed}])"
    con = connect()
    try:
        stored = write_parquet(
            relation="restatement",
            partition=f"clear_date={day}",
            run_key=run_key,
            con=con,
            select=_RESTATED.format(keys=_KEYS, **sides),
            control_sums={"change": "coalesce(sum(change), 0)"},
        )
    finally:
        con.close()
    return stored.rows


def keep_outputs(engine: Engine, *, run_key: str, day: date) -> dict[str, int]:
    """Write the run's relations to the lake under its key; gives the control totals."""
    partition = f"clear_date={day}"
    for relation, (select, order, sums) in OUTPUTS.items():
        ordered = f"{select} ORDER BY {order}"
        if isinstance(engine, DuckEngine):
            write_parquet(relation=relation, partition=partition, run_key=run_key,
                          con=engine.con, select=ordered, control_sums=sums)  # fmt: skip
        else:
            write_table(relation=relation, partition=partition, run_key=run_key,
                        table=engine.table(ordered))  # fmt: skip
    return {name: int(engine.rows(sql)[0][0]) for name, sql in _TOTALS.items()}
