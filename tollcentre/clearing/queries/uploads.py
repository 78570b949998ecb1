"""What went up to the ministry of each run, and how a trade of it was split."""

from collections.abc import Collection, Sequence
from datetime import date
from itertools import groupby
from typing import Any

from django.db.models import Max, QuerySet

from tollcentre.lake.queries import connect, files, paths
from tollcentre.messages.queries import causes_sent, outbox, outbox_message, parcel_of

from ..models import ClearingStatistic, DayExit
from ..terms import TRADES, Route, StatisticKind, TradeShare

_SHARES = """
WITH wanted AS ({wanted})
SELECT w.transaction_id, 'owner' AS party,
  CASE WHEN s.legal_owner_id = '' THEN s.owner_id ELSE s.legal_owner_id END AS code,
  sum(s.fee)::BIGINT AS fee
FROM read_parquet({splits}) AS s
JOIN wanted AS w ON w.pass_key = s.pass_key
WHERE s.owner_id <> ''
GROUP BY w.transaction_id, code
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


_OF_TRADES = """
  SELECT transaction_id, pass_key, fee FROM read_parquet({trades})
  WHERE transaction_id IN (SELECT unnest($names))
"""
_OF_PASSAGES = """
  SELECT pass_key::VARCHAR AS transaction_id, pass_key, collected AS fee
  FROM read_parquet({passages}) WHERE pass_key::VARCHAR IN (SELECT unnest($names))
"""


def shares_of_upload(message_id: str, names: Sequence[str]) -> dict[str, list[TradeShare]]:
    """How trades that went up were split by the run that sent them; see `shares_of_run`.

    Refuses a message that was not sent.
    """
    return shares_of_run(
        outbox_message(message_id).cause.partition("/")[0], names, own=message_id[:2]
    )


def shares_of_run(run_key: str, names: Sequence[str], *, own: str) -> dict[str, list[TradeShare]]:
    """How a run split trades of its day: owners, provinces but `own`, held.

    By transaction id; the shares of each sum to its fee.
    """
    wanted = _OF_TRADES.format(trades=paths(TRADES, run_key=run_key))
    return _shares(wanted, run_key, own, names)


def shares_of_passages(
    run_key: str, pass_keys: Sequence[int], own: str
) -> dict[int, list[TradeShare]]:
    """How what these passages paid at our exits was split by a run: owners, provinces, held.

    `own` is the own province. By pass key; the shares of each sum to what it collected.
    """
    wanted = _OF_PASSAGES.format(passages=paths("passage", run_key=run_key))
    found = _shares(wanted, run_key, own, [str(key) for key in pass_keys])
    return {int(key): shares for key, shares in found.items()}


def _shares(
    wanted: str, run_key: str, own: str, names: Sequence[str]
) -> dict[str, list[TradeShare]]:
    """The shares of what `wanted` selects, by its name."""
    files = {name: paths(of, run_key=run_key)
             for name, of in (("splits", "unit_split"), ("passages", "passage"))}  # fmt: skip
    con = connect()
    try:
        rows = con.execute(
            _SHARES.format(wanted=wanted, **files), {"names": list(names), "own": own}
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
               *([TradeShare("held", "", held[name])] if held.get(name) else [])]
        for name, found in shares.items()
    }  # fmt: skip


def trades_here(run_key: str, earlier: Sequence[str]) -> dict[str, list[dict[str, Any]]]:
    """The trades of a run that clear in this centre and that none of the earlier runs had.

    By issuer, in order; each by national names, as trades go up to the ministry.
    """
    went = [path for key in earlier for path in paths(TRADES, run_key=key)]
    known = f"SELECT record_key FROM read_parquet({went})" if went else "SELECT -1"
    con = connect()
    try:
        rows = con.sql(
            "SELECT * EXCLUDE (pass_key, record_key, route)"
            f" FROM read_parquet({paths(TRADES, run_key=run_key)}, hive_partitioning = false)"
            f" WHERE route = {Route.HERE.value} AND record_key NOT IN ({known})"
            " ORDER BY issuer_id, transaction_id"
        ).to_arrow_table().to_pylist()  # fmt: skip
    finally:
        con.close()
    return {issuer: list(found) for issuer, found in groupby(rows, lambda row: row["issuer_id"])}


def handed_in_part(day: date, run_keys: Sequence[str]) -> list[str]:
    """Those of a day's runs that began to hand up and were cut short, in the order given."""
    begun = {stored.run_key for stored in files(TRADES, partitions=[f"clear_date={day}"])}
    done = causes_sent(run_keys)
    return [key for key in run_keys if key in begun and key not in done]


def messages_of_trades(day: date, names: Collection[str]) -> dict[str, str]:
    """The message that took each of these trades of a clear day up; none where none did yet."""
    found: dict[str, str] = {}
    for message in outbox(kind="exit_upload").filter(clear_date=day):
        for record in parcel_of(message).records:
            if record["transaction_id"] in names:
                found[record["transaction_id"]] = message.message_id
    return found


def day_exits(start: date, end: date) -> list[tuple[date, str, str, int, int]]:
    """(clear date, kind, party, exits, fen) of exits without a message, of these clear days.

    Kind `here`: they clear in this centre, the party is their issuer; `lane`: collected at the lane
    of the station that is the party; `free`: nothing was to be paid.
    """
    found = DayExit.objects.filter(clear_date__gte=start, clear_date__lte=end)
    return list(
        found.order_by("clear_date", "kind", "party").values_list(
            "clear_date", "kind", "party", "count", "fee"
        )
    )


def newest_day() -> date | None:
    """The newest clear day that was handed up; None where none was."""
    newest: date | None = DayExit.objects.aggregate(newest=Max("clear_date"))["newest"]
    return newest


def trades_cleared_here(start: date, end: date) -> list[tuple[date, str, int, int]]:
    """(clear date, issuer, trades, fen) of trades that clear in this centre, without a message."""
    rows = day_exits(start, end)
    return [(day, party, count, fee) for day, kind, party, count, fee in rows if kind == "here"]


def statistics_of(day: date) -> "QuerySet[ClearingStatistic]":
    """The lines of the ministry's statistics of a clear day."""
    return ClearingStatistic.objects.filter(clear_date=day).order_by("side", "kind", "party_id")


def statistic_days() -> list[date]:
    """The clear days that the ministry has told statistics of, newest first."""
    found = ClearingStatistic.objects.values_list("clear_date", flat=True).distinct()
    return sorted(found, reverse=True)


def counted_messages(kind: StatisticKind = StatisticKind.TRADE) -> set[str]:
    """The messages of trades, or of another kind, that the ministry's statistics counted."""
    return {name for row in _lists("of_messages", kind) for name in row}


def counted_files() -> set[str]:
    """The files of rulings that the ministry's statistics counted."""
    return {name for row in _lists("of_files", StatisticKind.TRADE) for name in row}


def _lists(column: str, kind: StatisticKind) -> list[list[str]]:
    found = ClearingStatistic.objects.filter(kind=kind)
    return list(found.values_list(column, flat=True))
