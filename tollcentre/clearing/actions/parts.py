"""Other provinces' parts of exits, as the ministry is told them, by message."""

from collections.abc import Mapping
from datetime import date

import duckdb

from tollcentre.lake.actions import write_parquet
from tollcentre.messages.queries import message_stem, peer
from tollcentre.messages.terms import RECORDS_A_MESSAGE

from ..models import Upload
from ..terms import MINISTRY, PARTS

_PARTS = """
WITH told AS (
  SELECT m.stem || printf('%04d', (n - 1) // {most} + 1) AS message_id, t.transaction_id, t.fee,
    unnest(string_split(t.province_trans_group, '|')) AS part
  FROM (
    SELECT *, row_number() OVER (PARTITION BY batch ORDER BY transaction_id) AS n FROM ({rows})
  ) AS t
  JOIN (SELECT unnest({batches}) AS batch, unnest({stems}) AS stem) AS m ON m.batch = t.batch
  WHERE t.multi_province = 1 AND t.province_trans_group <> ''
    AND length(t.province_trans_group) <= 400
),
split AS (
  SELECT message_id, transaction_id, fee, left(part, 2) AS province,
    CASE WHEN regexp_matches(split_part(part, ':', 2), '^-?[0-9]{{1,15}}$')
      THEN split_part(part, ':', 2)::BIGINT ELSE 0 END AS part_fee
  FROM told WHERE part <> ''
),
whole AS (
  SELECT message_id, transaction_id FROM split
  GROUP BY message_id, transaction_id HAVING sum(part_fee) = min(fee)
)
SELECT s.message_id, s.transaction_id, s.province, sum(s.part_fee)::BIGINT AS fee
FROM split AS s
JOIN whole AS w ON w.message_id = s.message_id AND w.transaction_id = s.transaction_id
WHERE s.province <> '{own}'
GROUP BY s.message_id, s.transaction_id, s.province
HAVING sum(s.part_fee) <> 0
ORDER BY s.message_id, s.transaction_id, s.province
"""


def keep_parts(
    con: duckdb.DuckDBPyConnection, *, rows: str, kind: str, causes: Mapping[str, str], day: date,
    own: str, key: str,
) -> None:  # fmt: skip
    """Keep the parts of rows that go up as messages of `kind`; `causes` by batch, `key` the file's.

    A group whose parts do not add up to the fee is not split, here as by the ministry.
    """
    own_code = peer(MINISTRY).own_code
    batches = list(causes)
    stems = [message_stem(own_code, kind, causes[batch], day) for batch in batches]
    write_parquet(
        relation=PARTS, partition=f"clear_date={day}", run_key=key, con=con,
        select=_PARTS.format(
            rows=rows, own=own, most=RECORDS_A_MESSAGE, batches=batches or "['']",
            stems=stems or "['']",
        ),
        control_sums={"fee": "coalesce(sum(fee), 0)"},
    )  # fmt: skip


def keep_parts_of_exits(
    con: duckdb.DuckDBPyConnection, *, rows: str, upload: Upload, own: str
) -> None:
    """Keep the parts of exits of other media that went up."""
    keep_parts(
        con, rows=rows, kind=upload.kind, causes={"": upload.cause}, day=upload.clear_date,
        own=own, key=upload.cause.replace("/", "-"),
    )  # fmt: skip
