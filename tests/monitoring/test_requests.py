"""A dropped hour batch is missed, asked for, fetched by its sender, delivered and answered."""

from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from tests.messages.roadside import NOW, trades
from tests.monitoring.test_completeness import DAY, GANTRY, TakeIn, declared, take_in
from tollcentre.access.models import TrailRow
from tollcentre.core.refusal import Refusal
from tollcentre.messages import actions as messages
from tollcentre.messages.terms import RecordKind
from tollcentre.monitoring.actions import chase, close_request
from tollcentre.monitoring.models import BatchRequest
from tollcentre.monitoring.queries import completeness, source_board
from tollcentre.monitoring.terms import Chased, CompletenessState, SourceBoard

__all__ = ["take_in"]
LATER = NOW + 86_400
HOUR = 3600


def fetched(token: str) -> list[dict[str, Any]]:
    answer = Client().get("/api/requests", headers={"authorization": f"Bearer {token}"})
    assert answer.status_code == 200
    return answer.json()  # type: ignore[no-any-return]


def test_a_dropped_batch_is_chased_fetched_delivered_and_answered(
    take_in: TakeIn, tmp_path: Path, settings: Any
) -> None:
    settings.CLOCK_FILE = str(tmp_path / "clock")
    Path(settings.CLOCK_FILE).write_text(str(LATER))
    mine = messages.create_sender(name="station", actor="t", devices="G00996200|X")
    other = messages.create_sender(name="elsewhere", actor="t", devices="G0030")
    take_in(RecordKind.GANTRY_TRADE, *trades(1))
    take_in(RecordKind.BATCH_SUM, declared(4, 988))
    assert chase(LATER) == Chased(1, 0, 0)
    assert chase(LATER) == Chased(0, 0, 0)
    (asked,) = fetched(mine)
    assert (asked["device_id"], asked["hour_batch_no"], asked["missing"], asked["asks"]) == (
        GANTRY, "2026112208", 3, 1,
    )  # fmt: skip
    assert fetched(other) == []
    assert chase(LATER + HOUR) == Chased(0, 1, 0)
    assert chase(LATER + 2 * HOUR) == Chased(0, 0, 0)
    assert chase(LATER + 3 * HOUR) == Chased(0, 1, 0)
    take_in(RecordKind.GANTRY_TRADE, *trades(4))
    assert chase(LATER + 4 * HOUR) == Chased(0, 0, 1)
    request = BatchRequest.objects.get()
    assert (request.state, request.asks, request.answered_at) == ("answered", 3, LATER + 4 * HOUR)
    assert request.fetched_at == LATER
    assert fetched(mine) == []
    assert TrailRow.objects.filter(act="monitoring.chase").count() == 4


def test_nothing_is_asked_for_before_its_hour_has_been_over_for_a_while(take_in: TakeIn) -> None:
    take_in(RecordKind.GANTRY_TRADE, *trades(1))
    take_in(RecordKind.BATCH_SUM, declared(4, 988))
    assert chase(1_795_305_600 + HOUR) == Chased(0, 0, 0)


def test_a_person_gives_a_batch_up_with_a_reason(take_in: TakeIn) -> None:
    take_in(RecordKind.GANTRY_TRADE, *trades(1))
    take_in(RecordKind.BATCH_SUM, declared(4, 988))
    chase(LATER)
    number = BatchRequest.objects.get().pk
    with pytest.raises(Refusal, match="close_reason_missing"):
        close_request(number=number, reason=" ", actor="t", now=LATER)
    close_request(number=number, reason="gantry burnt", actor="t", now=LATER)
    with pytest.raises(Refusal, match="no_such_request"):
        close_request(number=number, reason="again", actor="t", now=LATER)
    assert chase(LATER + 9 * HOUR) == Chased(0, 0, 0)
    assert BatchRequest.objects.get().state == "closed"


def test_the_board_sums_a_source_and_says_what_came_late(take_in: TakeIn) -> None:
    sent = trades(3)
    sent[2] |= {"receive_time": "2026-11-22 13:00:00"}
    take_in(RecordKind.GANTRY_TRADE, *sent)
    take_in(RecordKind.BATCH_SUM, declared(4, 988))
    (row,) = source_board(completeness(DAY))
    assert row == SourceBoard(GANTRY, "gantry_trade", 1, 1, 4, 3, 1, 1, 247)


def test_a_gantry_that_says_nothing_of_an_hour_is_asked_until_it_declares(
    take_in: TakeIn, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    others = [f"G009962001001{n}20130" for n in (4, 5)]
    monkeypatch.setattr("tollcentre.monitoring.queries._gantries", lambda day: [GANTRY, *others])
    take_in(RecordKind.BATCH_SUM, *(
        declared(0, 0, hour_batch_no=f"20261122{hour:02d}", device_id=device,
                 collect_id=f"{device}{hour}")
        for device in others for hour in (0, 1)
    ), declared(0, 0, hour_batch_no="2026112202", collect_id="A"))  # fmt: skip
    # Hours 0 and 1 are owed; of hour 2 most have not said anything yet.
    assert chase(LATER) == Chased(2, 0, 0)
    silent = [row for row in completeness(DAY).rows if row.owes_declaration]
    assert {row.state for row in silent} == {CompletenessState.SILENT}
    (summary,) = completeness(DAY).summary
    assert (summary.silent_hours, summary.missing_count) == (2, 0)
    take_in(RecordKind.BATCH_SUM, declared(0, 0, hour_batch_no="2026112200", collect_id="B"))
    take_in(RecordKind.BATCH_SUM, declared(2, 494, hour_batch_no="2026112201", collect_id="C"))
    assert chase(LATER + HOUR) == Chased(0, 1, 1)
    (asked,) = BatchRequest.objects.filter(state="open")
    assert (asked.hour, asked.declared_count, asked.missing_count) == ("2026112201", 2, 2)
