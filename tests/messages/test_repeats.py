import random
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from tests.messages.roadside import csv_of, rows_of, trades
from tollcentre.lake import queries as lake
from tollcentre.messages import queries
from tollcentre.messages.terms import IntakeReport, RecordKind

TakeIn = Callable[..., IntakeReport]
TRADE = RecordKind.GANTRY_TRADE
BUSINESS = ", ".join(
    column.name
    for column in queries.columns_of("gantry_trade")
    if column.name not in ("intake_key", "receive_time", "original_flag")
)


def test_a_repeat_in_the_file_and_across_files_lands_once(take_in: TakeIn) -> None:
    records = trades(10)
    first = take_in(csv_of(TRADE, *records, *records[:4]), "a.csv")
    assert (first.accepted, first.duplicates) == (10, 4)
    again = take_in(csv_of(TRADE, *records), "b.csv")
    assert (again.accepted, again.duplicates) == (0, 10)
    assert len(rows_of("gantry_trade", "record_key")) == 10


def test_delivery_does_not_make_a_record_another(take_in: TakeIn) -> None:
    (one,) = trades(1)
    take_in(csv_of(TRADE, one), "a.csv")
    changed = {**one, "receive_time": "2026-11-22 09:00:00", "original_flag": "2", "msg_id": "7"}
    report = take_in(csv_of(TRADE, changed), "b.csv")
    assert (report.duplicates, report.conflicting_versions) == (1, 0)


def test_other_content_under_one_number_lands_and_is_told(take_in: TakeIn) -> None:
    (one,) = trades(1)
    take_in(csv_of(TRADE, one), "a.csv")
    report = take_in(csv_of(TRADE, {**one, "axle_count": "3"}), "b.csv")
    assert (report.accepted, report.conflicting_versions) == (1, 1)
    from tests.messages.roadside import DAY  # noqa: PLC0415

    day = date.fromisoformat(DAY.partition("=")[2])
    assert [(kind, n) for kind, _, n in queries.conflicting_versions(day)] == [("gantry_trade", 2)]


@pytest.mark.parametrize("seed", [1, *(pytest.param(n, marks=pytest.mark.slow) for n in (2, 3))])
def test_any_order_of_files_gives_the_same_rows(seed: int, take_in: TakeIn, tmp_path: Path) -> None:
    chance = random.Random(seed)
    records = trades(60)
    records[7] = {**records[7], "axle_count": "4"}
    parts = [records[:30], records[20:50], records[45:], records[:5], trades(60)[5:9]]
    chance.shuffle(parts)
    for number, part in enumerate(parts):
        chance.shuffle(part)
        take_in(csv_of(TRADE, *part), f"{number}.csv")
    found = rows_of("gantry_trade", BUSINESS)
    assert len(found) == 61
    assert _digest(found) == _expected_digest(take_in, records)


def _digest(rows: list[tuple[object, ...]]) -> int:
    return hash(tuple(rows))


def _expected_digest(take_in: TakeIn, records: list[dict[str, object]]) -> int:
    """The same rows from one file, in a lake emptied of its registrations."""
    from tollcentre.lake.models import LakeFile  # noqa: PLC0415 - a fresh lake within one test

    LakeFile.objects.all().delete()
    take_in(csv_of(TRADE, *records, trades(60)[7]), "all.csv")
    return _digest(rows_of("gantry_trade", BUSINESS))


def test_every_landed_file_is_registered_with_its_sums(take_in: TakeIn) -> None:
    take_in(csv_of(TRADE, *trades(10)))
    (stored,) = lake.files("gantry_trade")
    assert stored.rows == 10
    assert stored.control_sums == {"pay_fee": "2600", "fee": "2470", "discount_fee": "130"}
    assert all(law.holds for law in lake.verify_files())


def test_the_batch_row_accounts_for_every_row(take_in: TakeIn) -> None:
    records = trades(6)
    report = take_in(csv_of(TRADE, *records, records[0], {**records[1], "media_type": "8"}))
    batch = queries.batches().get()
    assert (batch.rows_read, batch.accepted, batch.quarantined, batch.duplicates) == (8, 6, 1, 1)
    assert batch.done
    assert batch.key == report.batches[0]
    assert batch.reasons == {"bad_code:mediaType": 1}
