"""What went up to the ministry of each run, and how a trade of it was split."""

from collections.abc import Sequence
from datetime import date

from tollcentre.lake.queries import connect, paths
from tollcentre.messages.queries import outbox_message

from ..models import ClearingStatistic
from ..terms import TRADES, Route, TradeShare

_SHARES = """
WITH wanted AS (
  SELECT transaction_id, pass_key, fee FROM read_parquet({trades})
  WHERE list_contains($names, transaction_id)
)
SELECT w.transaction_id, 'owner' AS party, s.owner_id AS code, sum(s.fee)::BIGINT AS fee
FROM read_parquet({splits}) AS s
JOIN wanted AS w ON w.pass_key = s.pass_key
WHERE s.owner_id <> ''
GROUP BY w.transaction_id, s.owner_id
UNION ALL
SELECT transaction_id, 'province' AS party, left(part, 2) AS code,
  sum(split_part(part, ':', 2)::BIGINT)::BIGINT AS fee
FROM (
  SELECT w.transaction_id, unnest(string_split(p.province_trans_group, '|')) AS part
  FROM read_parquet({passages}) AS p
  JOIN wanted AS w ON w.pass_key = p.pass_key
  WHERE p.multi_province = 1 AND p.held_reason <> 'province_parts_misfit'
) AS parts
WHERE part <> '' AND left(part, 2) <> $own
GROUP BY transaction_id, left(part, 2)
UNION ALL
SELECT transaction_id, '' AS party, '' AS code, fee FROM wanted
ORDER BY transaction_id, party, code
"""


def shares_of_upload(message_id: str, names: Sequence[str]) -> dict[str, list[TradeShare]]:
    """How trades that went up were split by the run that sent them: owners, provinces, held.

    By transaction id; the shares of each sum to its fee. Refuses a message that was not sent.
    """
    run_key = outbox_message(message_id).cause.partition("/")[0]
    files = {"trades": TRADES, "splits": "unit_split", "passages": "passage"}
    con = connect()
    try:
        rows = con.execute(
            _SHARES.format(**{name: paths(of, run_key=run_key) for name, of in files.items()}),
            {"names": list(names), "own": message_id[:2]},
        ).fetchall()
    finally:
        con.close()
    shares: dict[str, list[TradeShare]] = {name: [] for name in names}
    held: dict[str, int] = {}
    for name, party, code, fee in rows:
        if party:
            shares[name].append(TradeShare(party, code, fee))
        # The trade's whole fee comes first; what none of its shares takes is held.
        held[name] = held[name] - fee if party else fee
    return {
        name: [*(share for share in found if share.fee),
               *([TradeShare("held", "", held[name])] if held[name] else [])]
        for name, found in shares.items()
    }  # fmt: skip


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
