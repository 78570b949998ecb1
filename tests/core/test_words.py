"""Keys, codes, formats and refusals."""

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tollcentre.core import codes, formats
from tollcentre.core.keys import intern_key, intern_key_sql
from tollcentre.core.refusal import Reason, Refusal

PASS_ID = "013701190123021424857120240117153058"


@given(st.text(max_size=60).filter(lambda text: "\x00" not in text))
def test_keys_are_the_same_in_sql_and_fit_int64(text: str) -> None:
    key = intern_key(text)
    assert 0 <= key < 2**63
    found = duckdb.execute(f"SELECT {intern_key_sql('$text')}", {"text": text}).fetchone()
    assert found == (key,)


def test_an_empty_id_has_key_zero() -> None:
    assert intern_key("") == 0
    assert intern_key(PASS_ID) == 1642534178372187558


def test_places_are_prefixes_of_each_other() -> None:
    gantry = "S003737001001320130"
    assert len(gantry) == codes.GANTRY_WIDTH
    assert codes.unit_of_gantry(gantry) == "S003737001001320"
    assert codes.section_of(gantry) == "S0037370010"
    assert codes.station_of_lane("G00223700100302010210") == "G0022370010030"


def test_the_opposite_unit_turns_the_direction_only() -> None:
    assert codes.opposite_unit("S003737001001320") == "S003737001001310"
    assert codes.opposite_unit(codes.opposite_unit("S003737001001310")) == "S003737001001310"


@pytest.mark.parametrize(
    ("fen", "shown", "plain"),
    [(123456, "¥1,234.56", "1234.56"), (-5, "-¥0.05", "-0.05"), (0, "¥0.00", "0.00")],
)
def test_amounts_are_shown_in_yuan(fen: int, shown: str, plain: str) -> None:
    assert (formats.amount_text(fen), formats.amount_plain(fen)) == (shown, plain)


def test_other_things_are_shown() -> None:
    assert formats.time_text(1795305600) == "2026-11-22 08:00:00"
    assert formats.time_text(None) == formats.time_text(0) == "—"
    assert formats.distance_text(12345) == "12.345 km"
    assert formats.count_text(1234567) == "1,234,567"
    assert formats.plate_text("甘A12345_0") == "甘A·12345"
    assert formats.plate_text("") == "—"
    assert formats.share_text(999999) == "99.99 %"


def test_a_refusal_says_what_in_both_languages() -> None:
    reason = Reason("unit_unknown", "没有收费单元 {unit}", "no toll unit {unit}")
    refusal = Refusal(reason, field="toll_interval_id", unit="G1")
    assert refusal.code == "unit_unknown"
    assert str(refusal) == "unit_unknown [toll_interval_id]: 没有收费单元 G1 / no toll unit G1"
