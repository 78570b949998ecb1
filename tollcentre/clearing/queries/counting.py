"""Provinces' parts that the ministry's statistics counted, out of what passed between us."""

from collections.abc import Iterable, Sequence
from datetime import date

import pyarrow as pa

from tollcentre.lake.queries import connect, paths, paths_of_runs
from tollcentre.messages.queries import clear_dates_of_sent, outbox

from ..models import ClearingStatistic
from ..terms import PARTS, SERVED, SPLIT_RESULTS, CountedPart, StatisticKind
from .records import files_of

Trade = tuple[str, str]
"""The message that took a trade up, and its transaction id."""

_TOLD = """
SELECT count(*), coalesce(sum(p.fee), 0)::BIGINT
FROM read_parquet({parts}) AS p
WHERE p.province = $province
  AND ((list_contains($messages, p.message_id) AND NOT EXISTS (
          SELECT 1 FROM without AS w
          WHERE w.message_id = p.message_id AND w.transaction_id = p.transaction_id))
       OR EXISTS (
          SELECT 1 FROM ruled AS r
          WHERE r.message_id = p.message_id AND r.transaction_id = p.transaction_id))
"""
_SPLIT = """
WITH ours AS ({ours})
SELECT count(*), coalesce(sum(o.fee), 0)::BIGINT, coalesce(sum(s.fee), 0)::BIGINT
FROM read_parquet({splits}) AS s
LEFT JOIN ours AS o ON o.pass_id = s.pass_id
WHERE s.toll_province_id = $party
"""
_OURS = """
SELECT s.pass_id, arg_max(s.fee, r.number) AS fee, arg_max(s.clear_date, r.number) AS day,
  arg_max(s.province, r.number) AS province
FROM read_parquet({served}, filename = true, hive_partitioning = true) AS s
JOIN (SELECT unnest({runs}) AS run_key, unnest(range({count})) AS number) AS r
  ON contains(s.filename, r.run_key)
GROUP BY s.pass_id
"""
_NOTHING = "SELECT '' AS pass_id, 0::BIGINT AS fee, NULL::DATE AS day, '' AS province WHERE false"
_PARTS_WAITING = """
SELECT p.clear_date::DATE, p.province, count(*), sum(p.fee)::BIGINT
FROM read_parquet({parts}, hive_partitioning = true) AS p
LEFT JOIN counted AS c ON c.message_id = p.message_id
LEFT JOIN waiting AS w
  ON w.message_id = p.message_id AND w.transaction_id = p.transaction_id
LEFT JOIN done AS d ON d.message_id = p.message_id AND d.transaction_id = p.transaction_id
WHERE d.message_id IS NULL AND (c.message_id IS NULL OR w.message_id IS NOT NULL)
GROUP BY ALL
ORDER BY ALL
"""
_JOURNEYS_WAITING = """
WITH ours AS ({ours})
SELECT day::DATE, province, count(*), sum(fee)::BIGINT
FROM ours WHERE pass_id NOT IN (SELECT pass_id FROM ({splits}))
GROUP BY ALL
ORDER BY ALL
"""


def counted_parts(*, booked: bool) -> list[CountedPart]:
    """The lines of provinces' parts in the ministry's statistics, in order of arrival."""
    found = ClearingStatistic.objects.filter(
        kind=StatisticKind.SPLIT, booked_fee__isnull=not booked
    )
    return [
        CountedPart(
            row.pk, row.message_id, row.clear_date, row.side, row.party_id[:2], row.party_id,
            tuple(row.of_messages), tuple(row.of_files), row.booked_fee or 0,
        )
        for row in found.order_by("pk")
    ]  # fmt: skip


def parts_told(
    part: CountedPart, *, without: Iterable[Trade], ruled: Iterable[Trade]
) -> tuple[int, int]:
    """(parts, fen) of a province in the messages that a line counts, and in trades ruled payable.

    `without` are trades of those messages that are in dispute.
    """
    ruled = list(ruled)
    days = clear_dates_of_sent([*part.of_messages, *{message for message, _ in ruled}])
    found = paths(PARTS, partitions=[f"clear_date={day}" for day in days])
    if not found:
        return 0, 0
    con = connect()
    try:
        for name, trades in (("without", list(without)), ("ruled", ruled)):
            con.register(name, _table(trades))
        count, fee = con.execute(
            _TOLD.format(parts=files_of(found)),
            {"province": part.province, "messages": list(part.of_messages)},
        ).fetchall()[0]
    finally:
        con.close()
    return count, fee


def _table(trades: Sequence[Trade]) -> pa.Table:
    columns = {
        "message_id": [one[0] for one in trades],
        "transaction_id": [one[1] for one in trades],
    }
    return pa.table({name: pa.array(values, pa.string()) for name, values in columns.items()})


def parts_split(part: CountedPart) -> tuple[int, int, int] | None:
    """(journeys, our fen, the ministry's fen) of the splits that a line counts.

    None while one of its messages has not come.
    """
    found = paths_of_runs(SPLIT_RESULTS, list(part.of_messages))
    if len(found) < len(set(part.of_messages)):
        return None
    con = connect()
    try:
        count, ours, theirs = con.execute(
            _SPLIT.format(ours=served_sql(), splits=files_of(found)), {"party": part.party_id}
        ).fetchall()[0]
    finally:
        con.close()
    return count, ours, theirs


def served_sql() -> str:
    """SQL of what we earned of each journey that paid elsewhere, and its day.

    The figure is that of the last run of the journey's day that was handed up.
    """
    runs = list(dict.fromkeys(
        message.cause for message in outbox(kind="serving_sum").only("cause").order_by("id")
    ))  # fmt: skip
    served = paths_of_runs(SERVED, runs)
    if not served:
        return _NOTHING
    return _OURS.format(served=files_of(served), runs=runs, count=len(runs))


def parts_waiting(
    *, waiting: Iterable[Trade], done: Iterable[Trade]
) -> list[tuple[date, str, int, int]]:
    """(clear date, province, parts, fen) of our exits' parts that no statistic has counted yet.

    `waiting` are trades in dispute whose message may be counted without them, `done` those that
    were ruled bad debt, or payable and counted.
    """
    found = paths(PARTS)
    if not found:
        return []
    counted = [(name, "") for name in _counted_messages("payable")]
    con = connect()
    try:
        for name, trades in (
            ("counted", counted),
            ("waiting", list(waiting)),
            ("done", list(done)),
        ):
            con.register(name, _table(trades))
        return con.execute(_PARTS_WAITING.format(parts=files_of(found))).fetchall()
    finally:
        con.close()


def journeys_waiting() -> list[tuple[date, str, int, int]]:
    """(clear date, exit province, journeys, fen) of ours whose split no statistic has counted."""
    splits = paths_of_runs(SPLIT_RESULTS, sorted(_counted_messages("receivable")))
    con = connect()
    try:
        return con.execute(
            _JOURNEYS_WAITING.format(
                ours=served_sql(),
                splits=f"FROM read_parquet({files_of(splits)})" if splits else _NOTHING,
            )
        ).fetchall()
    finally:
        con.close()


def _counted_messages(side: str) -> set[str]:
    found = ClearingStatistic.objects.filter(kind=StatisticKind.SPLIT, side=side)
    lists = found.exclude(booked_fee=None).values_list("of_messages", flat=True)
    return {name for names in lists for name in names}
