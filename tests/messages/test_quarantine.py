from collections.abc import Callable
from pathlib import Path

import pytest

from tests.messages.encode import encode_json
from tests.messages.roadside import NOW, csv_of, rows_of, trades
from tollcentre.messages import actions, queries
from tollcentre.messages.codecs import definitions
from tollcentre.messages.terms import IntakeReport, RecordKind

TakeIn = Callable[..., IntakeReport]
TRADE = RecordKind.GANTRY_TRADE


@pytest.fixture
def medium_7() -> dict[str, object]:
    return {**trades(1)[0], "media_type": "7"}


@pytest.mark.parametrize("shape", ["csv", "json"])
def test_replay_lands_what_a_new_rule_allows(
    shape: str, take_in: TakeIn, medium_7: dict[str, object], monkeypatch: pytest.MonkeyPatch
) -> None:
    bad = [medium_7, {**trades(2)[1], "fee": "x"}]
    content = csv_of(TRADE, *bad) if shape == "csv" else encode_json(TRADE, bad)
    assert take_in(content, f"a.{shape}").quarantined == 2
    assert queries.quarantine_counts() == {
        "amount_identity": 1, "bad_code:mediaType": 1, "not_a_number:fee": 1,
    }  # fmt: skip
    still = actions.replay_quarantine(now=NOW)
    assert (still.accepted, still.quarantined) == (0, 2)
    assert queries.quarantined().count() == 2

    codes = {**definitions.codes(), "media_type": definitions.codes()["media_type"] | {"7"}}
    monkeypatch.setattr("tollcentre.messages.kernels.prepare.codes", lambda: codes)
    passed = actions.replay_quarantine(now=NOW)
    assert (passed.accepted, passed.quarantined) == (1, 1)
    assert rows_of("gantry_trade", "media_type") == [(7,)]
    released = queries.quarantined(released=True).get()
    assert released.released_by == passed.batches[0]
    assert queries.quarantined().count() == 1


def test_the_same_bad_row_is_kept_once(take_in: TakeIn, medium_7: dict[str, object]) -> None:
    content = csv_of(TRADE, medium_7)
    assert take_in(content, "a.csv").quarantined == 1
    assert take_in(content, "b.csv").quarantined == 1
    assert queries.quarantined().count() == 1


def test_a_broken_line_is_shown_as_text(take_in: TakeIn) -> None:
    content = csv_of(TRADE, *trades(2)).replace("甘".encode(), b"\xff", 1)
    take_in(content)
    row = queries.quarantined(reason="undecodable_bytes").get()
    assert "\\xff" in queries.quarantined_text(row)


def test_replay_of_an_empty_quarantine_is_nothing(home: Path) -> None:
    assert actions.replay_quarantine(now=NOW).rows_read == 0
