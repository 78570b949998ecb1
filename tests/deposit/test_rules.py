"""Pure decisions: reports as they are read, deadlines, which slip pays for which shift."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tollcentre.core.refusal import Refusal
from tollcentre.deposit.queries.parameters import deposit_by
from tollcentre.deposit.rules import allocate, cash_lines, cash_position, reported
from tollcentre.deposit.terms import ReportedShift, ShiftFacts, ShiftKey, SlipFacts

DAY = date(2026, 11, 18)
ROW = {
    "station_id": "G0030620010010", "shift_day": "2026-11-18", "shift": "1", "operator_id": "7",
    "cash_fen": "100", "mobile_fen": "0", "slips": "S2;S1;S1", "closed_at": "1795000000",
}  # fmt: skip


def test_a_report_is_read_and_a_slip_named_twice_is_named_once() -> None:
    found = reported(ROW)
    assert isinstance(found, ReportedShift)
    assert found.slips == ("S1", "S2")
    assert found.key == ShiftKey("G0030620010010", DAY, "1")


@pytest.mark.parametrize(
    ("name", "value"),
    [("station_id", "G003"), ("shift_day", "18.11."), ("shift", ""), ("cash_fen", "-1"),
     ("cash_fen", "1.5"), ("mobile_fen", ""), ("slips", "a b"), ("closed_at", "noon")],
)  # fmt: skip
def test_a_report_that_cannot_be_read_names_its_field(name: str, value: str) -> None:
    found = reported(ROW | {name: value})
    assert isinstance(found, Refusal)
    assert found.field == name


@pytest.mark.parametrize(
    ("day", "by"),
    [("2026-11-18", "2026-11-19"), ("2026-11-20", "2026-11-23"), ("2026-09-30", "2026-10-08"),
     ("2026-10-09", "2026-10-10"), ("2027-01-01", "2027-01-04")],
)  # fmt: skip
def test_cash_is_due_at_the_bank_on_the_next_working_day(day: str, by: str) -> None:
    assert deposit_by(date.fromisoformat(day)) == date.fromisoformat(by)


KEYS = [ShiftKey("G0030620010010", DAY + timedelta(n // 3), str(n % 3 + 1)) for n in range(4)]
NUMBERS = ["S1", "S2", "S3", "S4"]
FEN = st.integers(0, 10_000)
SHIFTS = st.dictionaries(
    st.sampled_from(KEYS),
    st.builds(
        ShiftFacts,
        FEN,
        st.none() | FEN,
        st.lists(st.sampled_from(NUMBERS), unique=True).map(lambda names: tuple(sorted(names))),
    ),
    min_size=1,
)
SLIPS = st.lists(
    st.builds(
        SlipFacts, st.sampled_from(NUMBERS), st.sampled_from(KEYS), st.integers(1, 20_000),
        st.integers(0, 5), st.booleans(),
    ),
    unique_by=lambda slip: slip.slip_no,
)  # fmt: skip


@given(SHIFTS, SLIPS, st.randoms())
def test_every_fen_of_a_slip_pays_once_whatever_the_order(shifts, slips, chance) -> None:
    shares = allocate(shifts, slips)
    for slip in slips:
        assert sum(s.fen for s in shares if s.slip_no == slip.slip_no) == slip.amount_fen
    assert all(share.fen > 0 for share in shares)
    shuffled, keys = list(slips), list(shifts)
    chance.shuffle(shuffled)
    chance.shuffle(keys)
    assert allocate({key: shifts[key] for key in keys}, shuffled) == shares


@given(FEN, st.none() | FEN, FEN, FEN)
def test_every_fen_of_lane_cash_is_credited_on_its_way_or_short(
    lane: int, declared: int | None, deposited: int, credited: int
) -> None:
    deposited = max(deposited, credited)
    at = cash_position(ShiftFacts(lane, declared), deposited, credited)
    assert at.paid_fen + at.bank_fen + at.station_fen + at.short_fen == lane
    assert at.paid_fen + at.over_fen == credited
    assert min(at.paid_fen, at.bank_fen, at.station_fen, at.short_fen, at.over_fen) >= 0


@given(FEN, st.none() | FEN, FEN, st.none() | FEN, FEN, FEN)
def test_what_is_posted_besides_the_bank_is_what_the_bank_shows(
    lane: int, declared: int | None, lane_then: int, declared_then: int | None, one: int, two: int
) -> None:
    before = cash_position(ShiftFacts(lane, declared), one, one)
    after = cash_position(ShiftFacts(lane_then, declared_then), two, two)
    lines = cash_lines([(KEYS[0], before, after)])
    signed = sum(x.amount_fen if x.side == "credit" else -x.amount_fen for x in lines)
    assert signed == two - one
