"""Journeys that the ministry split otherwise than we did: a claim for each, drafted by passage."""

from tollcentre.lake.queries import connect, paths

from ..terms import SPLIT_RESULTS, SplitClaim
from .counting import served_sql
from .records import files_of

_CLAIMS = """
WITH ours AS ({ours})
SELECT coalesce(o.day, s.clear_date)::DATE, s.pass_id, s.toll_province_id, coalesce(o.fee, 0),
  s.fee, s.message_id
FROM (
  SELECT pass_id, toll_province_id, fee, clear_date,
    regexp_extract(filename, '([^/]+)[.]parquet$', 1) AS message_id
  FROM read_parquet({splits}, filename = true, hive_partitioning = true)
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
    if not splits:
        return []
    con = connect()
    try:
        rows = con.execute(_CLAIMS.format(ours=served_sql(), splits=files_of(splits))).fetchall()
    finally:
        con.close()
    return [SplitClaim(*row) for row in rows]
