from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from tests.messages.roadside import NOW, csv_of, record, trades
from tollcentre.messages import actions
from tollcentre.messages.terms import RecordKind
from tollcentre.monitoring.queries import completeness
from tollcentre.monitoring.terms import CompletenessState, DeviceHour

DAY = date(2026, 11, 22)
GANTRY = "G009962001001320130"
TakeIn = Callable[..., None]


@pytest.fixture
def take_in(tmp_path: Path, settings: Any, db: None) -> TakeIn:
    settings.HOME = tmp_path / "home"
    settings.LAKE_ROOT = settings.HOME / "lake"
    settings.HOME.mkdir()

    def act(kind: RecordKind, *records: dict[str, Any]) -> None:
        path = tmp_path / f"{kind}.csv"
        path.write_bytes(csv_of(kind, *records))
        report = actions.take_in_paths(paths=[path], now=NOW)
        assert report.quarantined == 0, report.reasons

    return act


def declared(count: int, fee: int, **changes: Any) -> dict[str, Any]:
    """The batch sum of the gantry's hour 8."""
    return record(
        RecordKind.BATCH_SUM,
        **{"count": count, "pay_fee": fee, "fee": fee, "discount_fee": 0, "etc_success_count": 0,
           "etc_fail_count": 0, "etc_success_fee": 0, **changes},
    )  # fmt: skip


def hours(kind: str = "gantry_trade") -> list[DeviceHour]:
    return [row for row in completeness(DAY).rows if row.record_kind == kind]


def test_what_is_missing_is_counted_once_whatever_arrived_twice(take_in: TakeIn) -> None:
    sent = trades(5)
    take_in(RecordKind.GANTRY_TRADE, *sent[:4], sent[0], {**sent[1], "axle_count": "3"})
    take_in(RecordKind.BATCH_SUM, declared(5, 5 * 247))
    (row,) = hours()
    assert row == DeviceHour(
        GANTRY, "2026112208", "gantry_trade", 5, 1235, 4, 988, 1, 247, 0, False,
        CompletenessState.MISSING,
    )  # fmt: skip
    (summary,) = completeness(DAY).summary
    assert (summary.declared_count, summary.arrived_count, summary.missing_count) == (5, 4, 1)


def test_late_records_complete_the_hour(take_in: TakeIn) -> None:
    take_in(RecordKind.BATCH_SUM, declared(3, 741))
    take_in(RecordKind.GANTRY_TRADE, *trades(2))
    assert hours()[0].state == CompletenessState.MISSING
    take_in(RecordKind.GANTRY_TRADE, *trades(3))
    assert hours()[0].state == CompletenessState.COMPLETE
    assert completeness(DAY).missing_count == 0


def test_the_two_computers_of_a_gantry_add_up_and_the_latest_version_counts(
    take_in: TakeIn,
) -> None:
    take_in(
        RecordKind.BATCH_SUM,
        declared(2, 494, computer_order=1, collect_id="A1"),
        declared(9, 2223, computer_order=2, collect_id="A2", receive_time="2026-11-22 09:00:00"),
        declared(1, 247, computer_order=2, collect_id="A3", receive_time="2026-11-22 09:30:00"),
    )
    take_in(RecordKind.GANTRY_TRADE, *trades(3))
    (row,) = hours()
    assert (row.declared_count, row.arrived_count, row.state) == (3, 3, CompletenessState.COMPLETE)


def test_undeclared_surplus_and_differing_hours_are_told(take_in: TakeIn) -> None:
    take_in(RecordKind.GANTRY_TRADE, *trades(2))
    assert hours()[0].state == CompletenessState.UNDECLARED
    take_in(RecordKind.BATCH_SUM, declared(1, 247))
    assert hours()[0].state == CompletenessState.SURPLUS
    take_in(RecordKind.BATCH_SUM, declared(2, 500, receive_time="2026-11-22 10:00:00"))
    assert hours()[0].state == CompletenessState.FEE_DIFFERS


def test_an_hour_batch_that_runs_past_midnight_keeps_its_records(take_in: TakeIn) -> None:
    late = {
        **trades(1)[0],
        "trade_id": f"{GANTRY}2026112223000001",
        "hour_batch_no": "2026112223",
        "trans_time": "2026-11-23 00:00:04",
        "receive_time": "2026-11-23 00:00:20",
    }
    take_in(RecordKind.GANTRY_TRADE, late)
    take_in(
        RecordKind.BATCH_SUM,
        declared(1, 247, hour_batch_no="2026112223", receive_time="2026-11-23 00:05:00"),
    )
    (row,) = hours()
    assert (row.hour, row.state) == ("2026112223", CompletenessState.COMPLETE)


def test_lanes_and_cameras_declare_too(take_in: TakeIn) -> None:
    take_in(RecordKind.ENTRY_RECORD, record(RecordKind.ENTRY_RECORD))
    take_in(RecordKind.PLATE_READ, record(RecordKind.PLATE_READ))
    take_in(
        RecordKind.BATCH_SUM,
        declared(2, 0, record_kind="entry_record", device_id="G00996200100101010020"),
        declared(1, 0, record_kind="plate_read", collect_id="P1"),
    )
    (entry,) = hours("entry_record")
    assert (entry.device_id, entry.missing_count) == ("G00996200100101010020", 1)
    assert hours("plate_read")[0].state == CompletenessState.COMPLETE
