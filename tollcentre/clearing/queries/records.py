"""Which records of a cleared day go up to the ministry, and as what."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from tollcentre.lake.queries import file_counts, paths_of_runs
from tollcentre.messages.queries import event_partition

from ..models import Upload, UploadDay
from ..terms import TRADES, Route, UploadKind, UploadParameters

PARAMETERS = Path(__file__).parent.parent / "parameters" / "uploads.yaml"


@dataclass(frozen=True)
class _Source:
    """A landed relation as a message's columns.

    Without an order its rows go up as their files hold them, which is much faster.
    """

    relation: str
    select: str
    order: str = ""


_HEAD = "record_key, content_digest, original_flag, receive_time"
SOURCES = {
    UploadKind.OTHER_EXIT: _Source("exit_record", """
        SELECT x.record_key, x.content_digest, original_flag, receive_time,
          record_id AS transaction_id, x.pass_id, issuer_id, x.media_type, pay_type,
          trans_pay_type, card_no AS card_id, obu_id, vehicle_id, ex_vehicle_type AS vehicle_type,
          ex_vehicle_class AS vehicle_class, en_station_id, en_time, station_id AS ex_station_id,
          ex_time, exit_fee_type, x.pay_fee, x.discount_fee, x.fee, free_type, x.multi_province,
          CASE WHEN k.content_digest = x.content_digest AND k.fee = x.fee
            THEN k.province_trans_group ELSE '' END AS province_trans_group, modify_flag, source_id,
          (x.media_type = 1 AND x.fee > 0) AND k.record_key IS NULL AS undecided
        FROM ({landed}) AS x
        LEFT JOIN ({known}) AS k ON k.record_key = x.record_key
        WHERE (toll_province_id = '' OR left(toll_province_id, 2) = '{own}')
          AND x.record_key NOT IN ({trades})""", "ORDER BY transaction_id"),
    UploadKind.ENTRY: _Source("entry_record", f"""
        SELECT {_HEAD}, record_id AS transaction_id, pass_id, media_type, card_no AS card_id,
          obu_id, vehicle_id, vehicle_type, vehicle_class, station_id AS en_station_id,
          lane_id AS en_lane_id, en_time, en_weight, en_axle_count AS axle_count, special_type,
          false AS undecided
        FROM ({{landed}})"""),
    UploadKind.GANTRY: _Source("gantry_trade", f"""
        SELECT {_HEAD}, trade_id, gantry_id, hour_batch_no, trans_time, pass_id, media_type,
          vehicle_id, vehicle_type, vehicle_class, toll_interval_id, pay_fee, discount_fee, fee,
          pay_fee_group, discount_fee_group, fee_group, last_gantry_hex, trade_result,
          false AS undecided
        FROM ({{landed}})"""),
    UploadKind.BATCH_SUM: _Source("batch_sum", f"""
        SELECT {_HEAD}, collect_id, device_id AS gantry_id, hour_batch_no,
          CASE WHEN record_kind = '' THEN 'gantry_trade' ELSE record_kind END AS record_kind,
          computer_order, count, pay_fee, discount_fee, fee, etc_success_count, etc_fail_count,
          cpc_success_count, cpc_fail_count, false AS undecided
        FROM ({{landed}})"""),
}  # fmt: skip
"""What each kind of upload says of a landed record.

`undecided`: an electronic exit that no run has cleared yet, which may become a trade to be booked.
"""


def days_to_hand_up(runs: Mapping[date, str], today: date) -> list[date]:
    """The days, of these with their standing runs, of which records are to go up, in order.

    That is what was planned and not queued, and days of which more has landed since the last look,
    as long as they take supplements.
    """
    open_days = {
        day for day in runs
        if (today - day).days <= upload_parameters(day).supplement_days
    }  # fmt: skip
    partitions = {day: event_partition(day) for day in open_days}
    relations = [source.relation for source in SOURCES.values()]
    counts = file_counts(relations, list(partitions.values()))
    before = {
        (row.clear_date, row.kind): row.seen
        for row in UploadDay.objects.filter(clear_date__in=open_days)
    }
    found = set(Upload.objects.filter(queued=False).values_list("clear_date", flat=True))
    for day, partition in partitions.items():
        for kind in upload_parameters(day).kinds:
            count = counts.get((SOURCES[kind].relation, partition), 0)
            if seen_text(kind, count, runs[day]) != before.get((day, kind), ""):
                found.add(day)
    return sorted(found & set(runs))


def seen_text(kind: UploadKind, count: int, run_key: str) -> str:
    """What a look at a day finds: how many files have landed and, of exits, by which run."""
    return f"{count}/{run_key}" if kind is UploadKind.OTHER_EXIT else str(count)


def known_sql(run_key: str, runs: Sequence[str]) -> dict[str, str]:
    """SQL of the exits that a run has cleared, and of those that went up as trades of any run.

    A second exit record of a passage is known too; nothing is split by it.
    """
    passages, held = (files_of(paths_of_runs(name, [run_key])) for name in ("passage", "held"))
    trades = files_of(paths_of_runs(TRADES, list(runs)))
    return {
        "known": f"""
            SELECT exit_record_key AS record_key, exit_digest AS content_digest, fee,
              CASE WHEN multi_province = 1 AND held_reason <> 'province_parts_misfit'
                THEN province_trans_group ELSE '' END AS province_trans_group
            FROM read_parquet({passages}) WHERE exit_kind = 'own'
            UNION ALL
            SELECT record_key, 0 AS content_digest, fee, '' AS province_trans_group
            FROM read_parquet({held}) WHERE reason = 'second_exit_record'""",
        "trades": f"""
            SELECT record_key FROM read_parquet({trades}) WHERE route = {Route.MINISTRY.value}""",
    }


def chosen_sql(select: str, fits: tuple[str, str], went: Sequence[str]) -> str:
    """SQL that makes `chosen`: each record once, whether it fits a message, whether it is new.

    `fits` is SQL of whether a row fits, and of its fen; `went` are the files of what went up.
    """
    does, fee = fits
    before = f"SELECT record_key, fee FROM read_parquet({files_of(went)})"
    none = "SELECT -1::BIGINT AS record_key, 0::BIGINT AS fee"
    return f"""
        CREATE TEMP TABLE chosen AS
        WITH landed AS MATERIALIZED (
          SELECT record_key, content_digest, {fee} AS fee, {does} AS fits, undecided,
            original_flag, receive_time
          FROM ({select})
        ),
        repeated AS (
          SELECT record_key FROM landed GROUP BY record_key HAVING count(*) > 1
        ),
        once AS (
          SELECT l.* FROM landed AS l ANTI JOIN repeated AS r ON r.record_key = l.record_key
          UNION ALL
          SELECT * FROM (
            SELECT l.* FROM landed AS l SEMI JOIN repeated AS r ON r.record_key = l.record_key
            QUALIFY row_number() OVER (
              PARTITION BY l.record_key
              ORDER BY l.original_flag, l.receive_time DESC, l.content_digest
            ) = 1
          )
        )
        SELECT o.record_key, o.content_digest, coalesce(w.fee, o.fee)::BIGINT AS fee, o.fits,
          o.fits AND NOT o.undecided AND w.record_key IS NULL AS fresh
        FROM once AS o
        LEFT JOIN ({before if went else none}) AS w ON w.record_key = o.record_key"""


def files_of(found: Sequence[str]) -> str:
    """Files as DuckDB takes a list."""
    return "[" + ", ".join(f"'{path}'" for path in found) + "]"


def uploaded_partition(day: date, kind: UploadKind) -> str:
    """Where the keys of what went up of a day and kind are kept."""
    return f"clear_date={day}/kind={kind}"


@cache
def _parameters() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = yaml.safe_load(PARAMETERS.read_text(encoding="utf-8"))["uploads"]
    return sorted(found, key=lambda row: row["from"])


def upload_parameters(day: date) -> UploadParameters:
    """What goes up of a clear day."""
    standing = [row for row in _parameters() if row["from"] <= day][-1]
    return UploadParameters(standing["gantry"] == "raw", standing["supplement_days"])
