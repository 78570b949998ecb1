"""Journeys that the ministry split otherwise than we did: a claim for each, drafted by passage."""

from tollcentre.lake.queries import connect, paths
from tollcentre.messages.queries import outbox

from ..terms import SPLIT_RESULTS, SplitClaim

_CLAIMS = """
WITH ours AS (
  SELECT p.pass_id, arg_max(p.own_fee, r.number) AS fee, arg_max(p.clear_date, r.number) AS day
  FROM read_parquet({passages}, filename = true) AS p
  JOIN (SELECT unnest({runs}) AS run_key, unnest(range({count})) AS number) AS r
    ON contains(p.filename, r.run_key)
  WHERE p.exit_kind <> 'own'
  GROUP BY p.pass_id
)
SELECT coalesce(o.day, s.clear_date)::DATE, s.pass_id, s.toll_province_id, coalesce(o.fee, 0),
  s.fee, s.message_id
FROM (
  SELECT pass_id, toll_province_id, fee, clear_date,
    regexp_extract(filename, '([^/]+)[.]parquet$', 1) AS message_id
  FROM read_parquet({splits}, filename = true)
) AS s
LEFT JOIN ours AS o ON o.pass_id = s.pass_id
WHERE coalesce(o.fee, 0) <> s.fee
ORDER BY 1 DESC, 2
"""


def split_claims() -> list[SplitClaim]:
    """Every journey of exits elsewhere of which the ministry's split is not our figure; fen.

    Ours is the figure of the last run of the journey's day that was handed up.
    """
    splits = paths(SPLIT_RESULTS)
    runs = [message.cause for message in outbox(kind="serving_sum").order_by("id")]
    passages = [
        path for run_key in dict.fromkeys(runs) for path in paths("passage", run_key=run_key)
    ]
    if not splits or not passages:
        return []
    listed = "[" + ", ".join(f"'{run_key}'" for run_key in runs) + "]"
    con = connect()
    try:
        rows = con.execute(
            _CLAIMS.format(passages=passages, runs=listed, count=len(runs), splits=splits)
        ).fetchall()
    finally:
        con.close()
    return [SplitClaim(*row) for row in rows]
