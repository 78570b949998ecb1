"""Times along a path that a person gave: by distance between what is known."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tollcentre.passage.rules import times_along

ENTRY, EXIT = (0, 1000), (100, 2000)


@pytest.mark.parametrize(
    ("known", "times"),
    [
        pytest.param([ENTRY, EXIT], [1100, 1500, 1900], id="by distance"),
        pytest.param([ENTRY, (50, 1800), EXIT], [1160, 1800, 1960], id="a read on the way"),
        pytest.param([(50, 1800)], [1800, 1800, 1800], id="one point holds everywhere"),
        pytest.param([(50, 1800), EXIT], [1800, 1800, 1960], id="before the first the nearest"),
        pytest.param([], [7, 7, 7], id="nothing known"),
        pytest.param([ENTRY, (20, 1900), (50, 1500), (60, 1600), EXIT], [1100, 1500, 1900],
                     id="a read that contradicts two is not believed"),
    ],
)  # fmt: skip
def test_times_by_distance(known, times):
    assert times_along([10, 50, 90], known, otherwise=7) == times


@given(
    known=st.lists(st.tuples(st.integers(0, 1000), st.integers(1, 10_000)), max_size=8),
    metres=st.lists(st.integers(-50, 1050), min_size=1, max_size=12),
)
def test_times_never_run_backwards_nor_beyond_what_is_known(known, metres):
    times = times_along(sorted(metres), known, otherwise=5)
    assert times == sorted(times)
    told = [time for _, time in known] or [5]
    assert min(told) <= times[0]
    assert times[-1] <= max(told)


@given(known=st.dictionaries(st.integers(0, 1000), st.integers(1, 10_000), min_size=1, max_size=8))
def test_points_that_agree_are_all_believed(known):
    metres, times = sorted(known), sorted(set(known.values()))
    points = dict(zip(metres, times, strict=False))
    assert times_along(list(points), points.items(), otherwise=5) == list(points.values())
