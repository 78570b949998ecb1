"""A clear day's restored paths against the truth of the simulated day that was taken in."""

from datetime import date
from pathlib import Path
from typing import Any

from tollcentre.daily_run.actions import build_day
from tollcentre.lake.queries import duck_engine
from tollcentre.network.queries import snapshot

_JUDGED = """
SELECT count(*) AS passages,
  count(*) FILTER (WHERE s.restored_by = 1) AS plain,
  count(*) FILTER (WHERE s.queued = 0 AND f.path = t.path) AS correct,
  count(*) FILTER (WHERE s.queued = 1) AS queued,
  count(*) FILTER (WHERE s.queued = 0 AND s.confidence_ppm >= 950000
    AND f.path IS DISTINCT FROM t.path) AS wrong_though_sure
FROM (
  SELECT pass_id, string_agg(toll_interval_id, '|' ORDER BY seq::INT) AS path
  FROM read_csv($truth, all_varchar = true) GROUP BY pass_id
) AS t
LEFT JOIN passage_base AS b ON b.pass_id = t.pass_id
LEFT JOIN passage_sure AS s ON s.pass_key = b.pass_key
LEFT JOIN (
  SELECT u.pass_key, string_agg(n.node_id, '|' ORDER BY u.position) AS path
  FROM path_unit AS u JOIN unit_ids AS n ON n.node_idx = u.node_idx GROUP BY u.pass_key
) AS f ON f.pass_key = b.pass_key
"""


def judge_day(day: date, version: str, truth: Path) -> dict[str, Any]:
    """Shares in percent of all passages of the truth; a queued or absent one is not right."""
    engine = duck_engine()
    try:
        for built in build_day(engine, day, version, check=False):
            if built.name == "path_unit":
                break
        engine.from_table("unit_ids", snapshot(version).nodes.select(["node_idx", "node_id"]))
        found = engine.table_of(_JUDGED, {"truth": str(truth)}).to_pylist()[0]
    finally:
        engine.con.close()
    count = found["passages"]
    return {
        "passages": count,
        "plain_percent": round(100 * found["plain"] / count, 3),
        "right_percent": round(100 * found["correct"] / count, 4),
        "queued_percent": round(100 * found["queued"] / count, 4),
        "wrong_though_sure_percent": round(100 * found["wrong_though_sure"] / count, 4),
    }
