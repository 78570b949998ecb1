"""What went up to the ministry of each run, and how a trade of it was split."""

from datetime import date

import duckdb

from tollcentre.lake.queries import connect, paths
from tollcentre.messages.queries import outbox_message

from ..models import ClearingStatistic
from ..terms import TRADES, Route, TradeShare

_SHARES = """
SELECT 'owner' AS party, s.owner_id AS code, sum(s.fee)::BIGINT AS fee
FROM read_parquet({splits}) AS s
WHERE s.pass_key = $pass_key AND s.owner_id <> ''
GROUP BY s.owner_id
UNION ALL
SELECT 'province' AS party, left(part, 2) AS code,
  sum(split_part(part, ':', 2)::BIGINT)::BIGINT AS fee
FROM (
  SELECT unnest(string_split(province_trans_group, '|')) AS part
  FROM read_parquet({passages})
  WHERE pass_key = $pass_key AND multi_province = 1 AND held_reason <> 'province_parts_misfit'
) AS parts
WHERE part <> '' AND left(part, 2) <> $own
GROUP BY left(part, 2)
ORDER BY party, code
"""


def shares_of_upload(message_id: str, transaction_id: str) -> list[TradeShare]:
    """How a trade that went up was split by the run that sent it: owners, provinces, held.

    The shares sum to the trade's fee. Refuses a message that was not sent.
    """
    message = outbox_message(message_id)
    run_key = message.cause.partition("/")[0]
    con = connect()
    try:
        found = con.execute(
            f"SELECT pass_key, fee FROM read_parquet({paths(TRADES, run_key=run_key)})"
            " WHERE transaction_id = ?",
            [transaction_id],
        ).fetchone()
        assert found is not None, "the run sent a trade that it did not keep"
        pass_key, fee = found
        shares = _shares(con, run_key, pass_key, message_id[:2])
    finally:
        con.close()
    held = fee - sum(share.fee for share in shares)
    return [*shares, TradeShare("held", "", held)] if held else shares


def _shares(
    con: duckdb.DuckDBPyConnection, run_key: str, pass_key: int, own: str
) -> list[TradeShare]:
    rows = con.execute(
        _SHARES.format(
            splits=paths("unit_split", run_key=run_key), passages=paths("passage", run_key=run_key)
        ),
        {"pass_key": pass_key, "own": own},
    ).fetchall()
    return [TradeShare(party, code, fee) for party, code, fee in rows if fee]


def trades_cleared_here() -> list[tuple[date, str, int, int]]:
    """(clear date, issuer, trades, fen) of trades that clear in this centre, without a message.

    A trade that several runs of its day have kept counts once.
    """
    if not paths(TRADES):
        return []
    con = connect()
    try:
        found: list[tuple[date, str, int, int]] = con.execute(
            "SELECT clear_date, issuer_id, count(*), sum(fee)::BIGINT FROM ("
            " SELECT clear_date, issuer_id, transaction_id, min(fee) AS fee"
            f" FROM read_parquet({paths(TRADES)}, hive_partitioning = true)"
            f" WHERE route = {Route.HERE.value}"
            " GROUP BY clear_date, issuer_id, transaction_id) AS trades"
            " GROUP BY clear_date, issuer_id ORDER BY clear_date, issuer_id"
        ).fetchall()
    finally:
        con.close()
    return found


def statistics_of(day: date) -> list[tuple[str, str, int, int]]:
    """(side, party, trades, fen) of the ministry's statistics of a clear day."""
    found = ClearingStatistic.objects.filter(clear_date=day).order_by("side", "party_id")
    return list(found.values_list("side", "party_id", "count", "fee"))


def statistic_days() -> list[date]:
    """The clear days that the ministry has told statistics of, newest first."""
    found = ClearingStatistic.objects.values_list("clear_date", flat=True).distinct()
    return sorted(found, reverse=True)


def counted_messages() -> set[str]:
    """The messages of trades that the ministry's statistics counted."""
    return {name for row in _lists("of_messages") for name in row}


def counted_files() -> set[str]:
    """The files of rulings that the ministry's statistics counted."""
    return {name for row in _lists("of_files") for name in row}


def _lists(column: str) -> list[list[str]]:
    return list(ClearingStatistic.objects.values_list(column, flat=True))
