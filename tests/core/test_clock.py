"""Time is Asia/Shanghai in whole epoch seconds."""

from datetime import date

import pytest

from tollcentre.core.clock import DAY_SECONDS, day_from, day_of, day_start, epoch_of, local_text

MORNING = 1795305600
"""2026-11-22 08:00:00 in Shanghai, midnight in Greenwich."""


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-22T08:00:00",
        "2026-11-22 08:00:00",
        "20261122080000",
        "2026-11-22T00:00:00Z",
        "2026-11-22T09:00:00+09:00",
        " 2026-11-22T08:00:00 ",
    ],
)
def test_every_form_of_one_moment(text: str) -> None:
    assert epoch_of(text) == MORNING


@pytest.mark.parametrize("text", ["", "2026-13-01", "yesterday", "20261122256100"])
def test_other_texts_are_no_time(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - the words are Python's own
        epoch_of(text)


def test_a_day_starts_at_shanghai_midnight() -> None:
    day = date(2026, 11, 22)
    start = day_start(day)
    assert local_text(start) == "2026-11-22 00:00:00"
    assert (day_of(start), day_of(start - 1)) == (day, date(2026, 11, 21))
    assert day_start(date(2026, 11, 23)) - start == DAY_SECONDS


def test_days_are_read_in_both_forms() -> None:
    assert day_from("2026-11-22") == day_from(" 20261122 ") == date(2026, 11, 22)
