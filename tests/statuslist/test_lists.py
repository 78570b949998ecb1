"""The status lists: who was listed when, whatever came first."""

from pathlib import Path
from typing import Any

import pytest
from django.db import transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.statuslist.oracle import listed_slowly
from tollcentre.access.models import TrailRow
from tollcentre.core.clock import epoch_of
from tollcentre.core.refusal import FileReport, Refusal
from tollcentre.statuslist.actions import import_status_list, take_in_entries
from tollcentre.statuslist.models import StatusListRow
from tollcentre.statuslist.queries import listed_at
from tollcentre.statuslist.terms import CardListType, ListStatus, ObuListType, StatusListEntry

CARD, OBU = "62011901230214248571", "6201022222656653"
ENTER, LEAVE = ListStatus.ENTER, ListStatus.LEAVE
HEADER = "medium_no,list_type,status,version,creation_time"


def tell(*entries: StatusListEntry) -> int:
    return take_in_entries(entries=entries, source="test", actor="clerk")


def types(medium_no: str, text: str) -> set[int]:
    moment = epoch_of(text)
    return set(listed_at([(medium_no, moment)])[medium_no, moment])


@pytest.mark.django_db
def test_a_card_is_listed_from_its_version_until_it_leaves() -> None:
    tell(StatusListEntry(CARD, CardListType.LOST, ENTER, 202611221005))
    tell(StatusListEntry(CARD, CardListType.LOST, LEAVE, 202611231200))
    found = [
        types(CARD, "2026-11-22 10:04:59"),
        types(CARD, "2026-11-22 10:05:00"),
        types(CARD, "2026-11-23 11:59:59"),
        types(CARD, "2026-11-23 12:00:00"),
    ]
    assert found == [set(), {1}, {1}, set()]


@pytest.mark.django_db
def test_an_older_entry_that_comes_late_changes_only_the_past() -> None:
    tell(StatusListEntry(CARD, CardListType.OVERDRAWN, LEAVE, 202611231200))
    tell(StatusListEntry(CARD, CardListType.OVERDRAWN, ENTER, 202611221005))
    assert types(CARD, "2026-11-22 12:00:00") == {4}
    assert types(CARD, "2026-11-24 12:00:00") == set()


@pytest.mark.django_db
def test_leaving_one_list_leaves_the_others() -> None:
    tell(
        StatusListEntry(OBU, ObuListType.LOST, ENTER, 202611221005),
        StatusListEntry(OBU, ObuListType.OVERDRAWN, ENTER, 202611221005),
        StatusListEntry(OBU, ObuListType.LOST, LEAVE, 202611221010),
    )
    assert types(OBU, "2026-11-22 10:05:00") == {1, 104}
    assert types(OBU, "2026-11-22 10:10:00") == {104}


@pytest.mark.django_db
def test_within_a_version_the_later_creation_decides_and_then_entering() -> None:
    tell(
        StatusListEntry(CARD, CardListType.LOST, ENTER, 202611221005, 100),
        StatusListEntry(CARD, CardListType.LOST, LEAVE, 202611221005, 200),
        StatusListEntry(CARD, CardListType.PARTNER_LISTED, LEAVE, 202611221005, 100),
        StatusListEntry(CARD, CardListType.PARTNER_LISTED, ENTER, 202611221005, 100),
    )
    assert types(CARD, "2026-11-22 10:05:00") == {CardListType.PARTNER_LISTED}


@pytest.mark.django_db
def test_many_moments_are_one_query(django_assert_num_queries: Any) -> None:
    numbers = [f"6201{number:016d}" for number in range(2_000)]
    tell(*(StatusListEntry(number, 1, ENTER, 202611221005) for number in numbers[::2]))
    moment = epoch_of("2026-11-22 11:00:00")
    with django_assert_num_queries(1):
        found = listed_at((number, moment) for number in numbers)
    assert sum(1 for kinds in found.values() if kinds) == 1_000
    assert len(found) == 2_000


MEDIA = st.sampled_from([CARD, OBU])
MINUTES = st.integers(202611221000, 202611221006)
ENTRIES = st.lists(
    st.builds(
        StatusListEntry, MEDIA, st.integers(1, 3), st.sampled_from(ListStatus), MINUTES,
        st.integers(0, 2),
    ),
    max_size=24,
)  # fmt: skip
BEGIN = epoch_of("2026-11-22 09:59:00")
MOMENTS = [(medium_no, BEGIN + 30 * step) for medium_no in (CARD, OBU) for step in range(20)]


@pytest.mark.django_db
@settings(max_examples=60)
@given(entries=ENTRIES, data=st.data())
def test_any_order_of_arrival_gives_the_same_answers(
    entries: list[StatusListEntry], data: st.DataObject
) -> None:
    arrived = data.draw(st.permutations(entries + entries[:3]))
    cut = data.draw(st.integers(0, len(arrived)))
    with transaction.atomic():
        new = tell(*arrived[:cut]) + tell(*arrived[cut:])
        found = listed_at(MOMENTS)
        transaction.set_rollback(True)
    assert new == len(set(entries))
    assert found == {at: frozenset(listed_slowly(entries, *at)) for at in MOMENTS}


def take_in(folder: Path, *lines: str) -> FileReport:
    path = folder / "list.csv"
    path.write_text("\n".join((HEADER, *lines)), encoding="utf-8")
    return import_status_list(path=path, actor="clerk")


@pytest.mark.django_db
def test_a_file_is_taken_in_once(tmp_path: Path) -> None:
    lines = (
        f"{CARD},4,1,202611221005,2026-11-22 10:01:00",
        f"{OBU},104,1,202611221005,",
        f"{OBU},104,1,202611221005,",
    )
    first = take_in(tmp_path, *lines)
    assert (first.rows, first.new, first.known) == (3, 2, 1)
    assert types(OBU, "2026-11-22 10:05:00") == {104}
    trailed = TrailRow.objects.count()
    again = take_in(tmp_path, *lines)
    assert (again.new, again.known) == (0, 3)
    assert (StatusListRow.objects.count(), TrailRow.objects.count()) == (2, trailed)


BAD_LINES = {
    "listed_medium_malformed": f"{CARD}1,1,1,202611221005,",
    "list_type_unknown": f"{CARD},101,1,202611221005,",
    "list_status_unknown": f"{CARD},1,3,202611221005,",
    "list_version_malformed": f"{CARD},1,1,202611222505,",
    "creation_time_malformed": f"{CARD},1,1,202611221005,yesterday",
}


@pytest.mark.django_db
@pytest.mark.parametrize("code", BAD_LINES)
def test_a_bad_line_is_refused_by_name_and_the_others_are_taken(tmp_path: Path, code: str) -> None:
    report = take_in(tmp_path, BAD_LINES[code], f"{OBU},4,1,202611221005,")
    assert (report.rows, report.new) == (2, 1)
    assert [(r.line, r.refusal.code) for r in report.refused] == [(2, code)]


@pytest.mark.django_db
def test_a_file_without_versions_is_refused_whole(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_text(f"medium_no,list_type,status\n{CARD},1,1\n", encoding="utf-8")
    with pytest.raises(Refusal) as refused:
        import_status_list(path=path, actor="clerk")
    assert refused.value.code == "csv_columns_missing"
    assert not StatusListRow.objects.exists()
