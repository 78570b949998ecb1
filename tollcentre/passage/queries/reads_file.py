"""Restoration of a file of reads."""

from datetime import date
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tollcentre.core.refusal import Refusal
from tollcentre.lake.queries import DuckEngine, connect
from tollcentre.network.queries import snapshot

from ..kernels.journeys import UnitColumns
from ..terms import (
    READS_COLUMNS_MISSING,
    READS_FILE_UNREADABLE,
    RestorationModel,
    RestoreReport,
    Unrestored,
)
from .roads import Roads, model, roads
from .searching import clock_offsets, search_reads

READS_COLUMNS = ("pass_id", "node_id", "time", "source")
SAME_JOURNEY_S = 12 * 3600

_PARSED = """
CREATE TEMP TABLE parsed AS
SELECT row_no, trim(coalesce(pass_id, '')) AS pass_id, trim(coalesce(vehicle_id, '')) AS vehicle_id,
  trim(coalesce(node_id, '')) AS node_id, lower(trim(coalesce(source, ''))) AS source_text,
  CASE
    WHEN regexp_matches(trim(time), '^[0-9]{14}$')
      THEN epoch(try_strptime(trim(time), '%Y%m%d%H%M%S'))::BIGINT - 28800
    WHEN regexp_matches(trim(time), '^[0-9]{9,11}$') THEN try_cast(trim(time) AS BIGINT)
    WHEN regexp_matches(trim(time), ':[0-9.]+ *([+-][0-9]{2}(:?[0-9]{2})?|[zZ])$')
      THEN epoch(try_cast(trim(time) AS TIMESTAMPTZ))::BIGINT
    ELSE epoch(try_cast(replace(trim(time), '/', '-') AS TIMESTAMP))::BIGINT - 28800
  END AS read_time
FROM raw_reads
"""
_RESOLVED = """
CREATE TEMP TABLE resolved AS
SELECT p.row_no, p.pass_id, p.vehicle_id, p.read_time, n.node_idx, n.kind,
  CASE p.source_text WHEN 'trade' THEN 1 WHEN 'plate' THEN 2 WHEN 'entry' THEN 3
    WHEN 'exit' THEN 4 ELSE 0 END AS source,
  CASE
    WHEN p.source_text NOT IN ('trade', 'plate', 'entry', 'exit') THEN 'unknown_source'
    WHEN p.read_time IS NULL THEN 'unreadable_time'
    WHEN p.pass_id = '' AND p.vehicle_id = '' THEN 'no_pass_id_and_no_vehicle_id'
    WHEN length(p.node_id) NOT IN (14, 16, 19, 21) THEN 'node_id_of_unknown_width'
    WHEN n.node_idx IS NULL THEN 'unknown_node'
    WHEN NOT n.is_place THEN 'node_is_a_ramp'
    WHEN p.source_text IN ('trade', 'plate') AND n.kind = 3 THEN 'station_cannot_read'
    ELSE ''
  END AS refused
FROM parsed AS p
LEFT JOIN place AS n ON n.node_id = CASE length(p.node_id)
  WHEN 19 THEN p.node_id[:16] WHEN 21 THEN p.node_id[:14] ELSE p.node_id END
"""
_WINDOWS = """
CREATE TEMP TABLE owned AS
WITH span AS (
  SELECT vehicle_id, pass_id, min(read_time) AS first_time, max(read_time) AS last_time
  FROM resolved WHERE refused = '' AND pass_id <> '' AND vehicle_id <> ''
  GROUP BY vehicle_id, pass_id
), matched AS (
  SELECT r.row_no, min_by(s.pass_id, (abs(r.read_time - s.first_time), s.pass_id)) AS pass_id
  FROM resolved AS r
  JOIN span AS s ON s.vehicle_id = r.vehicle_id
    AND r.read_time BETWEEN s.first_time - 300 AND s.last_time + 300
  WHERE r.refused = '' AND r.pass_id = ''
  GROUP BY r.row_no
), alone AS (
  SELECT row_no, vehicle_id, read_time,
    sum(fresh) OVER (PARTITION BY vehicle_id ORDER BY read_time, row_no) AS journey
  FROM (
    SELECT r.row_no, r.vehicle_id, r.read_time,
      CASE WHEN r.read_time - lag(r.read_time, 1, 0) OVER (
        PARTITION BY r.vehicle_id ORDER BY r.read_time, r.row_no) > $gap THEN 1 ELSE 0 END AS fresh
    FROM resolved AS r LEFT JOIN matched AS m USING (row_no)
    WHERE r.refused = '' AND r.pass_id = '' AND m.row_no IS NULL
  )
)
SELECT r.*, coalesce(nullif(r.pass_id, ''), m.pass_id,
  a.vehicle_id || '#' || a.journey) AS journey_id
FROM resolved AS r
LEFT JOIN matched AS m USING (row_no)
LEFT JOIN alone AS a USING (row_no)
"""
_READS = """
WITH usable AS (SELECT * FROM owned WHERE refused = ''),
journey AS (
  SELECT journey_id, row_number() OVER (ORDER BY journey_id) - 1 AS pass_key,
    bool_or(source = 3 AND refused = '') AS has_entry,
    bool_or(source = 4 AND refused = '') AS has_exit,
    bool_or(refused = '') AS seen,
    -- One read or two, and neither end known, are no journey across a province.
    count(*) FILTER (WHERE refused = '') < 3
      AND NOT bool_or(source IN (3, 4) AND refused = '') AS lone
  FROM owned WHERE journey_id IS NOT NULL GROUP BY journey_id
), entry_exit AS (
  SELECT journey_id, source, row_number() OVER (
    PARTITION BY journey_id, source
    ORDER BY CASE WHEN source = 3 THEN read_time ELSE -read_time END, row_no) AS n, row_no
  FROM usable WHERE source IN (3, 4)
)
SELECT j.pass_key, CASE u.source WHEN 3 THEN 0 WHEN 4 THEN 2 ELSE 1 END AS stage,
  u.read_time, u.node_idx::BIGINT AS node_idx, u.source
FROM usable AS u JOIN journey AS j USING (journey_id)
LEFT JOIN entry_exit AS e ON e.row_no = u.row_no
WHERE u.source IN (1, 2) OR e.n = 1
UNION ALL SELECT pass_key, 0, 0, $node_in, CASE WHEN lone THEN 9 ELSE 7 END
  FROM journey WHERE seen AND NOT has_entry
UNION ALL SELECT pass_key, 2, 0, $node_out, CASE WHEN lone THEN 10 ELSE 8 END
  FROM journey WHERE seen AND NOT has_exit
ORDER BY pass_key, stage, read_time, node_idx, source
"""


def restore_file(path: Path, version: str, day: date) -> tuple[pa.Table, RestoreReport]:
    """Restore the journeys of a CSV of reads: `pass_id, node_id, time, source[, vehicle_id]`.

    Gives (pass_id, seq, toll_interval_id, sign, confidence) with seq from 1, and one row with
    seq 0, no unit and the reason in `sign` for a journey that is not restored; and the counts.
    A read without pass id goes to the journey of its vehicle. Refuses a file that cannot be read
    or lacks columns; rows that cannot be used are counted by reason.
    """
    con = connect()
    _load_reads(con, path)
    roads_, model_ = roads(version, day), model(day)
    place = _places(roads_)
    con.register("place", place)
    con.execute(_PARSED)
    con.execute(_RESOLVED)
    con.execute(_WINDOWS, {"gap": SAME_JOURNEY_S})
    outsides = {"node_in": roads_.node_in, "node_out": roads_.node_out}
    reads = _clocks_set(roads_, DuckEngine(con).table_of(_READS, outsides))
    found = search_reads(roads_, reads, model_)
    ids = DuckEngine(con).table(
        "SELECT DISTINCT journey_id FROM owned WHERE journey_id IS NOT NULL ORDER BY journey_id"
    )
    refused = con.execute(
        "SELECT refused, count(*) FROM owned WHERE refused <> '' GROUP BY refused ORDER BY refused"
    ).fetchall()
    return _restored_rows(con, roads_, ids, found, model_, dict(refused))


def _clocks_set(roads_: Roads, reads: pa.Table) -> pa.Table:
    """The reads with each gantry's clock set right, in order again."""
    on_way = reads.filter(pc.equal(reads["stage"], 1))
    offsets = clock_offsets(roads_, on_way)
    if not offsets.any():
        return reads
    node = reads["node_idx"].to_numpy()
    inside = (reads["stage"].to_numpy() == 1) & (node < len(offsets))
    ahead = np.where(inside, offsets[np.where(inside, node, 0)], 0)
    set_right = reads.set_column(
        reads.schema.get_field_index("read_time"), "read_time",
        pa.array(reads["read_time"].to_numpy() - ahead),
    )  # fmt: skip
    order = ("pass_key", "stage", "read_time", "node_idx", "source")
    return set_right.sort_by([(name, "ascending") for name in order])


def _load_reads(con: duckdb.DuckDBPyConnection, path: Path) -> None:
    """The file's rows as text, numbered; a row too short or too long keeps what it has."""
    try:
        con.execute(
            "CREATE TEMP TABLE file_rows AS SELECT * FROM read_csv($path, header = true,"
            " all_varchar = true, null_padding = true, ignore_errors = true, delim = ',')",
            {"path": str(path)},
        )
    except duckdb.Error as error:
        why = str(error).splitlines()[0]
        raise Refusal(READS_FILE_UNREADABLE, "READS.csv", path=path, why=why) from error
    columns = {name.strip().lower(): name for name in con.table("file_rows").columns}
    missing = [name for name in READS_COLUMNS if name not in columns]
    if missing:
        raise Refusal(READS_COLUMNS_MISSING, "READS.csv", columns=", ".join(missing))
    chosen = ", ".join(f'"{columns[name]}" AS {name}' for name in READS_COLUMNS)
    vehicle = f'"{columns["vehicle_id"]}"' if "vehicle_id" in columns else "''"
    con.execute(
        f"CREATE TEMP TABLE raw_reads AS SELECT row_number() OVER () AS row_no, {chosen},"
        f" {vehicle} AS vehicle_id FROM file_rows"
    )


def _places(roads_: Roads) -> pa.Table:
    """Every node of the version by its id, and whether a journey can be seen there."""
    nodes = snapshot(roads_.version).nodes
    place = roads_.graph.place_of_node
    return pa.table(
        {
            "node_id": nodes["node_id"],
            "node_idx": nodes["node_idx"],
            "kind": nodes["kind"],
            "is_place": pa.array(place >= 0),
        }
    )


def _restored_rows(
    con: duckdb.DuckDBPyConnection,
    roads_: Roads,
    ids: pa.Table,
    found: UnitColumns,
    model_: RestorationModel,
    refused: dict[str, int],
) -> tuple[pa.Table, RestoreReport]:
    """The rows of the answer, in order of pass id and seq, and the counts."""
    con.register("ids", ids.append_column("pass_key", pa.array(np.arange(len(ids)))))
    con.register(
        "units",
        pa.table(
            {
                "pass_key": found.pass_key,
                "position": found.position,
                "node_idx": found.node,
                "sign": found.sign,
            }
        ),  # fmt: skip
    )
    con.register("sure", pa.table({"pass_key": found.passage, "ppm": found.passage_ppm}))
    con.register("unit_ids", snapshot(roads_.version).nodes.select(["node_idx", "node_id"]))
    rows = DuckEngine(con).table_of(
        """
        SELECT i.journey_id AS pass_id,
          row_number() OVER (PARTITION BY i.pass_key ORDER BY u.position) AS seq,
          n.node_id AS toll_interval_id, u.sign::VARCHAR AS sign,
          printf('%d.%06d', s.ppm // 1000000, s.ppm % 1000000) AS confidence
        FROM ids AS i JOIN sure AS s ON s.pass_key = i.pass_key AND s.ppm >= $queue
        JOIN units AS u ON u.pass_key = i.pass_key JOIN unit_ids AS n ON n.node_idx = u.node_idx
        UNION ALL
        SELECT i.journey_id, 0, '',
          CASE WHEN s.pass_key IS NULL THEN $no_reads WHEN s.ppm = 0 THEN $no_way
            WHEN h.pass_key IS NULL THEN $no_way ELSE $low END,
          printf('%d.%06d', coalesce(s.ppm, 0) // 1000000, coalesce(s.ppm, 0) % 1000000)
        FROM ids AS i LEFT JOIN sure AS s ON s.pass_key = i.pass_key
        LEFT JOIN (SELECT DISTINCT pass_key FROM units) AS h ON h.pass_key = i.pass_key
        WHERE coalesce(s.ppm, 0) < $queue OR h.pass_key IS NULL
        ORDER BY 1, 2
        """,
        {
            "queue": model_.queue_below_ppm,
            "no_reads": Unrestored.NO_READS.value,
            "no_way": Unrestored.NO_WAY.value,
            "low": Unrestored.LOW_CONFIDENCE.value,
        },
    )
    seq = rows["seq"].to_numpy()
    reasons = rows["sign"].to_pylist() if (seq == 0).any() else []
    failed = [reason for reason, number in zip(reasons, seq.tolist(), strict=False) if number == 0]
    queued = failed.count(Unrestored.LOW_CONFIDENCE.value)
    counted = con.execute("SELECT count(*) FROM owned").fetchone()
    report = RestoreReport(
        passages=len(ids),
        restored=len(ids) - len(failed),
        queued=queued,
        unrestored=len(failed) - queued,
        rows=counted[0] if counted else 0,
        refused=refused,
    )
    return rows, report
