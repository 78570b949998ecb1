"""The register of media: who holds what, and how an account stood at a moment."""

from dataclasses import replace
from datetime import date
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest

from tollcentre.access.models import TrailRow
from tollcentre.core.clock import epoch_of
from tollcentre.core.refusal import FileReport, Refusal
from tollcentre.issuing.actions import change_account_states, import_media, register_media
from tollcentre.issuing.models import EtcAccountHistory, Medium
from tollcentre.issuing.queries import account_states_at, media_of
from tollcentre.issuing.terms import EtcAccountChange, EtcAccountState, MediumInfo, MediumKind

pytestmark = pytest.mark.django_db
CARD_NO, OBU_NO = "62011901230214248571", "6201022222656653"
CARD = MediumInfo(CARD_NO, "620101", 23, "甘A12345_0", 1, date(2024, 1, 1), date(2033, 12, 31))
OBU = replace(CARD, medium_no=OBU_NO, card_type=0)
HEADER = (
    "medium_no,issuer_id,card_type,vehicle_id,vehicle_type,enabled_from,enabled_to,"
    "account_state,state_from"
)
CARD_LINE = f"{CARD_NO},620101,23,甘A12345_0,1,2024-01-01,2033-12-31"
OBU_LINE = f"{OBU_NO},620101,,甘A12345_0,1,2024-01-01,2033-12-31"


def moment(text: str) -> int:
    return epoch_of(text)


def became(state: EtcAccountState, text: str) -> EtcAccountChange:
    return EtcAccountChange(CARD_NO, moment(text), state)


def state(text: str) -> EtcAccountState:
    return account_states_at([(CARD_NO, moment(text))])[CARD_NO, moment(text)]


def take_in(folder: Path, *lines: str, encoding: str = "utf-8") -> FileReport:
    path = folder / "media.csv"
    path.write_text("\n".join((HEADER, *lines)), encoding=encoding)
    return import_media(path=path, actor="clerk")


def test_a_medium_says_its_kind_and_network_by_its_number() -> None:
    assert register_media(media=[CARD, OBU], actor="clerk") == 2
    found = media_of([CARD_NO, OBU_NO, "62010000000000000000"])
    assert found == {CARD_NO: CARD, OBU_NO: OBU}
    assert (found[CARD_NO].kind, found[OBU_NO].kind) == (MediumKind.CARD, MediumKind.OBU)
    assert found[CARD_NO].network_no == "6201"


def test_registering_again_changes_nothing_and_leaves_no_trail() -> None:
    register_media(media=[CARD], actor="clerk")
    trailed = TrailRow.objects.count()
    assert register_media(media=[CARD], actor="clerk") == 0
    assert (Medium.objects.count(), TrailRow.objects.count()) == (1, trailed)


def test_a_registered_medium_keeps_its_vehicle() -> None:
    register_media(media=[CARD], actor="clerk")
    with pytest.raises(Refusal) as refused:
        register_media(media=[OBU, replace(CARD, vehicle_id="甘A99999_0")], actor="clerk")
    assert refused.value.code == "medium_differs"
    assert refused.value.details["fields"] == "vehicle_id"
    assert media_of([CARD_NO, OBU_NO]) == {CARD_NO: CARD}


CHANGES = (
    became(EtcAccountState.OVERDRAWN, "2026-11-01 10:00:00"),
    became(EtcAccountState.NORMAL, "2026-11-03 10:00:00"),
    became(EtcAccountState.CANCELLED, "2026-11-20 10:00:00"),
)


@pytest.mark.parametrize("order", list(permutations(CHANGES)), ids=lambda order: "")
def test_changes_may_be_learnt_in_any_order(order: tuple[EtcAccountChange, ...]) -> None:
    register_media(media=[CARD], actor="clerk")
    for change in order:
        assert change_account_states(changes=[change], actor="clerk") == 1
    found = [
        state("2026-11-01 09:59:59"),
        state("2026-11-01 10:00:00"),
        state("2026-11-03 10:00:00"),
        state("2026-11-21 00:00:00"),
    ]
    assert found == ["normal", "overdrawn", "normal", "cancelled"]
    assert change_account_states(changes=order, actor="clerk") == 0


def test_two_states_of_one_moment_are_refused() -> None:
    register_media(media=[CARD], actor="clerk")
    change_account_states(changes=[CHANGES[0]], actor="clerk")
    lost = replace(CHANGES[0], state=EtcAccountState.LOST)
    with pytest.raises(Refusal) as refused:
        change_account_states(changes=[CHANGES[1], lost], actor="clerk")
    assert refused.value.code == "account_state_differs"
    assert EtcAccountHistory.objects.count() == 1


def test_an_unknown_medium_has_no_account() -> None:
    with pytest.raises(Refusal) as refused:
        change_account_states(changes=[CHANGES[0]], actor="clerk")
    assert refused.value.code == "no_such_medium"


def test_many_moments_are_one_query(django_assert_num_queries: Any) -> None:
    media = [replace(CARD, medium_no=f"6201{number:016d}") for number in range(2_000)]
    register_media(media=media, actor="clerk")
    moments = [(medium.medium_no, moment("2026-11-22")) for medium in media]
    with django_assert_num_queries(1):
        states = account_states_at(moments)
    with django_assert_num_queries(1):
        found = media_of(medium_no for medium_no, _ in moments)
    assert set(states.values()) == {EtcAccountState.NORMAL}
    assert len(states) == len(found) == 2_000


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_a_file_of_media_is_taken_in_once(tmp_path: Path, encoding: str) -> None:
    lines = (f"{CARD_LINE},overdrawn,2026-11-01 10:00:00", f"{OBU_LINE},,")
    first = take_in(tmp_path, *lines, encoding=encoding)
    assert (first.rows, first.new, first.known, first.refused) == (2, 2, 0, [])
    assert media_of([CARD_NO, OBU_NO]) == {CARD_NO: CARD, OBU_NO: OBU}
    assert state("2026-11-22") == EtcAccountState.OVERDRAWN
    trailed = TrailRow.objects.count()
    again = take_in(tmp_path, *lines, encoding=encoding)
    assert (again.rows, again.new, again.known) == (2, 0, 2)
    assert TrailRow.objects.count() == trailed


def test_a_later_file_may_tell_a_change_of_a_known_medium(tmp_path: Path) -> None:
    take_in(tmp_path, f"{CARD_LINE},,")
    report = take_in(tmp_path, f"{CARD_LINE},lost,2026-11-05 08:00:00")
    assert (report.new, report.known) == (1, 0)
    assert state("2026-11-05 08:00:00") == EtcAccountState.LOST


BAD_LINES = {
    "medium_no_malformed": CARD_LINE[1:] + ",,",
    "issuer_id_malformed": CARD_LINE.replace(",620101,", ",62010,") + ",,",
    "card_type_unknown": CARD_LINE.replace(",23,", ",24,") + ",,",
    "vehicle_id_malformed": CARD_LINE.replace("_0", "_8") + ",,",
    "vehicle_type_unknown": CARD_LINE.replace(",1,", ",5,") + ",,",
    "enabled_days_malformed": CARD_LINE.replace("2033", "2023") + ",,",
    "account_state_unknown": CARD_LINE + ",broke,2026-11-01",
    "state_from_malformed": CARD_LINE + ",lost,yesterday",
}


@pytest.mark.parametrize("code", BAD_LINES)
def test_a_bad_line_is_refused_by_name_and_the_others_are_taken(tmp_path: Path, code: str) -> None:
    report = take_in(tmp_path, BAD_LINES[code], OBU_LINE)
    assert (report.rows, report.new) == (2, 1)
    assert [(r.line, r.refusal.code) for r in report.refused] == [(2, code)]
    assert report.as_json()["reasons"] == {code: 1}
    assert list(media_of([CARD_NO, OBU_NO])) == [OBU_NO]


def test_lines_that_contradict_are_refused_singly(tmp_path: Path) -> None:
    report = take_in(
        tmp_path,
        f"{CARD_LINE},lost,2026-11-05",
        CARD_LINE.replace("12345", "54321"),
        f"{CARD_LINE},normal,2026-11-05",
        OBU_LINE,
    )
    refused = [(r.line, r.refusal.code) for r in report.refused]
    assert refused == [(3, "medium_differs"), (4, "account_state_differs")]
    assert (report.rows, report.new, report.known) == (4, 2, 0)
    assert state("2026-11-06") == EtcAccountState.LOST


def test_a_file_that_is_no_register_is_refused_whole(tmp_path: Path) -> None:
    path = tmp_path / "media.csv"
    path.write_text("medium_no,plate\n1,2\n", encoding="utf-8")
    with pytest.raises(Refusal) as refused:
        import_media(path=path, actor="clerk")
    assert refused.value.code == "csv_columns_missing"
    assert "issuer_id" in refused.value.text_zh()
    with pytest.raises(Refusal) as refused:
        import_media(path=tmp_path / "absent.csv", actor="clerk")
    assert refused.value.code == "csv_unreadable"
