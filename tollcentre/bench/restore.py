"""Restoration against the simulated truth: what share of journeys comes back unit for unit."""

import tempfile
import time
from datetime import date
from pathlib import Path
from typing import Any

from tollcentre.lake.queries import connect
from tollcentre.passage.queries import restore_file
from tollcentre.simulation.actions import simulate_day
from tollcentre.simulation.imported import imported_network
from tollcentre.simulation.terms import SimulationOptions

SETTINGS: dict[str, tuple[dict[str, float], dict[str, float]]] = {
    "2 % missed, plate reads": ({"miss_rate": 0.02}, {}),
    "10 % missed, no plate reads, least paths": (
        {"miss_rate": 0.10, "plate_reads": 0},
        {"non_least_share": 0.0, "turn_back_share": 0.0},
    ),
}
"""Name of a setting → noise and traffic that differ from the default; all other noise is on."""

# An open road's exit record names the units it is paid for; it stands for a read of each.
_READS = """
SELECT PASSID AS pass_id, GANTRYID AS node_id, TRANSTIME AS time, 'trade' AS source,
  VLP || '_' || VLPC AS vehicle_id FROM read_csv('{folder}/**/tbl_GantryWasteRec_*_[0-9]*.csv',
  all_varchar = true, union_by_name = true)
{plates}
UNION ALL SELECT PASSID, ENTOLLSTATIONID, ENTIME, 'entry', VLP || '_' || VLPC
  FROM read_csv('{folder}/**/tbl_EnWasteRec_*.csv', all_varchar = true, union_by_name = true)
UNION ALL SELECT PASSID, EXTOLLSTATIONID, EXTIME, 'exit', EXVLP || '_' || EXVLPC
  FROM read_csv('{folder}/**/tbl_ExWasteRec_*.csv', all_varchar = true, union_by_name = true)
  WHERE MODIFYFLAG <> '2' AND ACTUALFEECLASS <> '11'
UNION ALL SELECT PASSID, unnest(string_split(TOLLINTERVALSGROUP, '|')), EXTIME, 'trade',
  EXVLP || '_' || EXVLPC
  FROM read_csv('{folder}/**/tbl_ExWasteRec_*.csv', all_varchar = true, union_by_name = true)
  WHERE ACTUALFEECLASS = '11'
"""
_PLATES = """
UNION ALL SELECT '', GANTRYID, PICTIME, 'plate', IDENTIFYVLP || '_' || IDENTIFYVLPC
  FROM read_csv('{folder}/**/tbl_ETCGantryPicWaste_*.csv', all_varchar = true,
  union_by_name = true)
"""
_JUDGED = """
WITH truth AS (
  SELECT pass_id, string_agg(toll_interval_id, '|' ORDER BY seq::INT) AS path
  FROM read_csv('{folder}/truth.csv', all_varchar = true) GROUP BY pass_id
), found AS (
  SELECT pass_id, string_agg(toll_interval_id, '|' ORDER BY seq) AS path,
    max(confidence::DECIMAL(9, 6)) AS sure, bool_or(seq = 0) AS none,
    max(CASE WHEN seq = 0 THEN sign END) AS reason
  FROM answer GROUP BY pass_id
)
SELECT count(*), count(*) FILTER (WHERE f.path = t.path AND NOT f.none),
  count(*) FILTER (WHERE f.reason = 'low_confidence'),
  count(*) FILTER (WHERE f.pass_id IS NULL OR (f.none AND f.reason <> 'low_confidence')),
  count(*) FILTER (WHERE NOT f.none AND f.path <> t.path AND f.sure >= 0.95),
  count(*) FILTER (WHERE NOT f.none AND f.sure >= 0.95)
FROM truth AS t LEFT JOIN found AS f ON f.pass_id = t.pass_id
"""


def bench_restore(*, version: str, day: date, passages: int, seed: int) -> list[dict[str, Any]]:
    """One row a setting: shares in percent of all passages, queued ones counted as not right."""
    road_map, rates, discounts = imported_network(version, day)
    rows = []
    for name, (noise, traffic) in SETTINGS.items():
        with tempfile.TemporaryDirectory() as folder:
            options = SimulationOptions(
                day=day, passages=passages, seed=seed, out=Path(folder) / "records",
                noise=noise, traffic=traffic, full_columns=False,
            )  # fmt: skip
            simulate_day(options=options, road_map=road_map, rates=rates, discounts=discounts)
            plates = noise.get("plate_reads", 1) != 0
            rows.append(
                {"network": version, "setting": name, **_judge(folder, version, day, plates)}
            )
    return rows


def _judge(folder: str, version: str, day: date, plates: bool) -> dict[str, Any]:
    """Restore the records' reads and compare every path with the truth."""
    records, reads = f"{folder}/records", f"{folder}/reads.csv"
    con = connect()
    sql = _READS.format(folder=records, plates=_PLATES.format(folder=records) if plates else "")
    con.execute(f"COPY ({sql}) TO '{reads}' (HEADER)")
    began = time.perf_counter()
    answer, report = restore_file(Path(reads), version, day)
    seconds = time.perf_counter() - began
    con.register("answer", answer)
    judged = con.execute(_JUDGED.format(folder=records)).fetchone()
    assert judged is not None
    count, right, queued, unrestored, wrong_sure, sure = judged
    con.close()
    return {
        "passages": count,
        "reads": report.rows,
        "right_percent": round(100 * right / count, 3),
        "queued_percent": round(100 * queued / count, 3),
        "unrestored_percent": round(100 * unrestored / count, 3),
        "wrong_though_sure_percent": round(100 * wrong_sure / count, 4),
        "sure_percent": round(100 * sure / count, 2),
        "seconds": round(seconds, 2),
    }
