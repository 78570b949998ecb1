"""Passages of a cleared day that paid more than their path costs, out of the run's kept results."""

from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from tollcentre.core.dated import value_at
from tollcentre.lake.queries import connect, paths
from tollcentre.messages.queries import event_partition, landed

from ..rules import overcharges_of
from ..terms import Overcharge, PaidPassage, RefundParameters

PARAMETERS = Path(__file__).parent.parent / "parameters" / "refund.yaml"
RELATIONS = ("passage", "unit_fee", "difference", "held")

_ABOVE = """
SELECT p.pass_key, p.pass_id, x.record_id AS transaction_id, p.issuer_id, p.media_type,
  p.medium_no, p.multi_province = 1 AS multi_province, p.collected, p.own_fee, p.expected_fee,
  p.confidence_ppm, coalesce(d.repeated_fee, 0)::BIGINT AS repeated_fee,
  coalesce(d.not_driven_fee, 0)::BIGINT AS not_driven_fee
FROM read_parquet({passage}) AS p
JOIN ({exits}) AS x ON x.record_key = p.exit_record_key AND x.content_digest = p.exit_digest
JOIN (
  SELECT pass_key FROM read_parquet({unit_fee}) GROUP BY pass_key HAVING min(tariff_fee) > 0
) AS f ON f.pass_key = p.pass_key
LEFT JOIN (
  SELECT pass_key, -sum(CASE WHEN kind = 'repeated_trade' THEN amount ELSE 0 END) AS repeated_fee,
    -sum(CASE WHEN kind = 'charged_not_driven' THEN amount ELSE 0 END) AS not_driven_fee
  FROM read_parquet({difference}) GROUP BY pass_key
) AS d ON d.pass_key = p.pass_key
WHERE p.exit_kind = 'own' AND p.queued = 0 AND p.held_reason = '' AND p.own_fee > p.expected_fee
ORDER BY p.pass_key
"""
_TWICE = """
SELECT p.pass_key, p.pass_id, x.transaction_id, x.issuer_id, h.media_type, p.medium_no,
  p.multi_province = 1 AS multi_province, h.fee AS collected, 0 AS own_fee, 0 AS expected_fee,
  p.confidence_ppm, x.transaction_id AS second_transaction, h.fee AS second_fee
FROM read_parquet({held}) AS h
JOIN read_parquet({passage}) AS p ON p.pass_key = h.pass_key
JOIN (
  SELECT record_key, min(record_id) AS transaction_id, min(issuer_id) AS issuer_id
  FROM ({exits}) AS e GROUP BY record_key
) AS x ON x.record_key = h.record_key
WHERE h.reason = 'second_exit_record' AND h.fee > 0
ORDER BY p.pass_key, x.transaction_id
"""


def overcharges(run_key: str, day: date) -> list[Overcharge]:
    """Every overcharge of a cleared day's run, by the rules; in order of passage."""
    files = {name: paths(name, run_key=run_key) for name in RELATIONS}
    exits = landed("exit_record", [event_partition(day)])
    con = connect()
    try:
        rows: list[dict[str, Any]] = [
            row
            for sql in (_ABOVE, _TWICE)
            for row in con.sql(sql.format(exits=exits, **files)).to_arrow_table().to_pylist()
        ]
    finally:
        con.close()
    parameters = parameters_at(day)
    return [found for row in rows for found in overcharges_of(PaidPassage(**row), parameters)]


def parameters_at(day: date) -> RefundParameters:
    """What the search goes by on the day."""
    return RefundParameters(
        **{name: value_at(entries, day) for name, entries in _parameters().items()}
    )


@lru_cache
def _parameters() -> dict[str, Any]:
    content: dict[str, Any] = yaml.safe_load(PARAMETERS.read_text(encoding="utf-8"))
    return content
