"""The trail: chained, insert-only, equal in content whatever the times and actors."""

import json
from datetime import date

import pytest
from django.db import IntegrityError, transaction

from tollcentre.access import actions, queries, rules
from tollcentre.access.models import TrailHead, TrailRow
from tollcentre.access.terms import SHELL_VIEWER, Role, Viewer

pytestmark = pytest.mark.django_db


def record(act: str = "test.act", actor: str = "clerk", **detail: object) -> int:
    return actions.record_trail(actor=actor, act=act, subject="it", detail=detail)


@transaction.atomic
def record_and_fail() -> float:
    return record(n=2) / 0


def test_rows_are_numbered_from_one_and_chained() -> None:
    assert [record(n=1), record(n=2), record(day=date(2026, 11, 22))] == [1, 2, 3]
    rows = list(TrailRow.objects.order_by("seq"))
    assert rows[0].previous_hash == rules.FIRST_PREVIOUS_HASH
    assert [row.previous_hash for row in rows[1:]] == [row.hash for row in rows[:-1]]
    assert json.loads(rows[2].detail) == {"day": "2026-11-22"}
    law = queries.verify_trail()
    assert (law.name, law.holds, law.detail) == ("trail_chain", True, "3 行 / rows")


def test_an_empty_trail_holds() -> None:
    assert queries.verify_trail().holds


@pytest.mark.parametrize(
    ("changed", "row"),
    [
        ({"detail": '{"n":9}'}, 2),
        ({"actor": "somebody else"}, 2),
        ({"at": 1}, 2),
        ({"subject": "another"}, 2),
        ({"hash": "f" * 64}, 2),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
def test_a_changed_row_breaks_the_chain(changed: dict[str, object], row: int) -> None:
    for n in range(3):
        record(n=n)
    TrailRow.objects.filter(seq=2).update(**changed)
    law = queries.verify_trail()
    assert not law.holds
    assert law.detail == f"第 {row} 行 / row {row}"


def test_a_row_cut_out_or_off_breaks_the_chain() -> None:
    for n in range(3):
        record(n=n)
    last = TrailRow.objects.filter(seq=3)
    kept = last.get()
    last.delete()
    assert queries.verify_trail().detail == "链尾应为第 3 行 / the chain should end at row 3"
    kept.save(force_insert=True)
    TrailRow.objects.filter(seq=1).delete()
    assert not queries.verify_trail().holds
    TrailRow.objects.all().delete()
    assert not queries.verify_trail().holds


def test_the_database_refuses_a_fork_and_a_second_head() -> None:
    record()
    with pytest.raises(IntegrityError), transaction.atomic():
        TrailRow.objects.create(
            seq=2, at=0, actor="", act="", subject="", detail="{}",
            previous_hash=rules.FIRST_PREVIOUS_HASH, hash="a" * 64,
        )  # fmt: skip
    with pytest.raises(IntegrityError), transaction.atomic():
        TrailHead.objects.create(pk=2, seq=0, hash="")


def test_a_failed_transaction_leaves_no_row() -> None:
    record()
    with pytest.raises(ZeroDivisionError):
        record_and_fail()
    assert TrailRow.objects.count() == 1
    assert queries.verify_trail().holds


def test_content_leaves_out_times_actors_and_order() -> None:
    record(n=1, seconds=0.5, finished_at=10)
    record(n=2, actor="a")
    first = queries.trail_content_digest()
    TrailRow.objects.all().delete()
    TrailHead.objects.all().delete()
    record(n=2, actor="b")
    record(n=1, seconds=9.5, finished_at=99)
    assert queries.trail_content_digest() == first
    record(n=1)
    assert queries.trail_content_digest() != first


def test_a_detail_that_is_no_plain_value_is_refused() -> None:
    with pytest.raises(TypeError, match="plain JSON"):
        record(value={1, 2})
    with pytest.raises(ValueError, match="JSON"):
        record(value=float("nan"))


def test_only_who_may_reads_the_trail() -> None:
    record(n=1)
    record(act="other.act", n=2)
    owner = Viewer("owner", frozenset({Role.ROAD_OWNER}), frozenset())
    assert [row.seq for row in queries.trail(viewer=SHELL_VIEWER)] == [2, 1]
    assert [row.seq for row in queries.trail(viewer=SHELL_VIEWER, act="test.act")] == [1]
    assert list(queries.trail(viewer=owner)) == []
    assert [entry.detail for entry in queries.trail_of("other.act")] == [{"n": 2}]
