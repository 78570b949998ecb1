"""Decisions on paths in review: asked by one, approved by another, taken over by the clear day."""

import json
import re
from pathlib import Path

import pyarrow as pa
import pytest

from tests.network.files import B_BACK, SOUTH
from tollcentre.access import actions as access
from tollcentre.access.models import ApprovalDecision, ApprovalRequest, TrailRow
from tollcentre.core.refusal import Refusal
from tollcentre.lake.queries import duck_engine
from tollcentre.passage import queries
from tollcentre.passage.actions import propose_path
from tollcentre.passage.models import PathDecision
from tollcentre.passage.queries import (
    candidates,
    decided_units,
    decisions,
    relations,
    verify_decisions,
)

from .review import (
    AUDITOR,
    CLERK,
    DAY,
    KEY,
    LONG_WAY,
    MANAGER,
    RUN,
    SHORT_WAY,
    SURE_KEY,
    VERSION,
    A,
    B,
    C,
    T,
    make_day,
    node,
)

pytestmark = pytest.mark.django_db
UNDECIDED = ([], "")
OBJECTS = re.compile(r"PathDecision\.objects\.(\w+)")


@pytest.fixture
def day(settings: object, tmp_path: Path) -> Path:
    settings.LAKE_ROOT = tmp_path / "lake"  # type: ignore[attr-defined]
    return tmp_path


def propose(units: tuple[str, ...] = LONG_WAY, **changes: object):
    asked = {"day": DAY, "run_key": RUN, "version": VERSION, "pass_key": KEY, "units": units,
             "reason": "seen on camera", "maker": AUDITOR}  # fmt: skip
    return propose_path(**{**asked, **changes})


def decide(units: tuple[str, ...] = LONG_WAY, **changes: object) -> str:
    """A decision asked and approved; its key."""
    key = propose(units, **changes).approval_key
    access.approve(approval_key=key, checker=MANAGER)
    return key


def taken_over(version: str = VERSION) -> tuple[list[tuple], str]:
    table, digest = decided_units(DAY, version)
    return [tuple(row.values()) for row in table.to_pylist()], digest


def test_candidates_are_both_ways_the_shorter_likelier(day):
    make_day(day)
    found = candidates(RUN, DAY, VERSION, KEY)
    assert [one.units for one in found] == [SHORT_WAY, LONG_WAY]
    assert [one.length_m for one in found] == [7190, 8320]
    assert sum(one.share_ppm for one in found) in (999_999, 1_000_000)


def test_a_read_makes_its_way_the_candidate(day):
    make_day(day, reads=((B, T + 300),))
    first = candidates(RUN, DAY, VERSION, KEY)[0]
    assert (first.units, first.seen, first.left_out) == (LONG_WAY, 1, 0)


def test_a_decision_counts_once_another_person_has_approved_it(day):
    make_day(day)
    asked = propose()
    assert taken_over() == UNDECIDED
    assert [(one.state, one.stands) for one in decisions(AUDITOR, day=DAY)] == [("waiting", False)]
    access.approve(approval_key=asked.approval_key, checker=MANAGER, reason="agreed")
    rows, digest = taken_over()
    # 8,320 m in 900 s: the middles lie at 845, 3,755 and 7,070 m.
    assert rows == [
        (KEY, 0, node(A), T + 91), (KEY, 256, node(B), T + 406), (KEY, 512, node(C), T + 764),
    ]  # fmt: skip
    assert len(digest) == 64
    found = decisions(MANAGER, day=DAY, pass_key=KEY)[0]
    assert (found.maker, found.checker, found.state, found.stands) == (
        "li", "wang", "approved", True,
    )  # fmt: skip
    assert [row.act for row in TrailRow.objects.order_by("seq")][-2:] == [
        "access.request_approval",
        "access.decide_approval",
    ]


def test_reads_entry_and_exit_give_the_times(day):
    make_day(day, reads=((B, T + 300), (C, T + 9_000)))
    decide()
    assert [time for *_, time in taken_over()[0]] == [T + 67, T + 300, T + 735]


def test_a_refused_decision_changes_nothing_and_leaves_room_for_another(day):
    make_day(day)
    access.refuse(approval_key=propose().approval_key, checker=MANAGER, reason="no camera there")
    assert taken_over() == UNDECIDED
    decide(SHORT_WAY)
    assert [row[2] for row in taken_over()[0]] == [node(unit) for unit in SHORT_WAY]
    assert [one.state for one in decisions(AUDITOR, day=DAY)] == ["approved", "refused"]


def test_a_later_decision_supersedes_and_keeps_the_earlier(day):
    make_day(day)
    first = decide()
    digest = taken_over()[1]
    waiting = propose(SHORT_WAY)
    assert taken_over()[1] == digest
    access.approve(approval_key=waiting.approval_key, checker=MANAGER)
    rows, later = taken_over()
    assert [row[2] for row in rows] == [node(unit) for unit in SHORT_WAY]
    assert later != digest
    assert [(one.approval_key, one.stands) for one in decisions(AUDITOR, day=DAY)] == [
        (waiting.approval_key, True),
        (first, False),
    ]


def test_a_decision_holds_for_its_network_version_alone(day):
    make_day(day)
    decide()
    assert taken_over("V2") == UNDECIDED


def test_asking_twice_is_asking_once_and_a_second_opinion_waits(day):
    make_day(day)
    assert propose() == propose()
    assert PathDecision.objects.count() == ApprovalRequest.objects.count() == 1
    for changes in ({"units": SHORT_WAY}, {"maker": CLERK}):
        with pytest.raises(Refusal, match="path_decision_waits"):
            propose(**changes)
    assert PathDecision.objects.count() == 1


@pytest.mark.parametrize(
    ("changes", "code", "named"),
    [
        ({"maker": MANAGER}, "permission_missing", "review_passages"),
        ({"reason": "  "}, "decision_reason_missing", ""),
        ({"pass_key": SURE_KEY}, "passage_not_in_review", str(SURE_KEY)),
        ({"pass_key": 1}, "passage_not_in_review", ""),
        ({"run_key": "no-such-run"}, "passage_not_in_review", ""),
        ({"units": ()}, "path_has_no_unit", ""),
        ({"units": (A, "G000000000000000", C)}, "path_unit_unknown", "G000000000000000"),
        ({"units": (A, B, C, SOUTH)}, "path_unit_unknown", SOUTH),
        ({"units": (A, C)}, "path_units_not_joined", C),
        ({"units": (A, A)}, "path_units_not_joined", A),
        ({"units": (C, B_BACK)}, "path_units_not_joined", B_BACK),
    ],
)
def test_what_cannot_be_decided_is_refused_in_both_languages(day, changes, code, named):
    make_day(day)
    with pytest.raises(Refusal, match=code) as refused:
        propose(**changes)
    assert named in refused.value.text_zh()
    assert named in refused.value.text_en()
    assert not PathDecision.objects.exists()
    assert not TrailRow.objects.filter(act="access.request_approval").exists()


def test_a_passage_that_a_person_decided_may_be_decided_again(day):
    make_day(day, queued=0, restored_by=4)
    assert propose().state == "waiting"


def test_the_maker_never_approves(day):
    make_day(day)
    both = type(AUDITOR)("li", AUDITOR.roles | MANAGER.roles, None)
    key = propose(maker=both).approval_key
    with pytest.raises(Refusal, match="maker_may_not_approve"):
        access.approve(approval_key=key, checker=both)
    assert taken_over() == UNDECIDED


def test_the_law_names_a_decision_that_is_not_what_was_asked(day):
    make_day(day)
    key = decide()
    assert verify_decisions().holds
    row = PathDecision.objects.get()
    PathDecision.objects.update(units=[[unit, time] for unit, time in row.units[:-1]])
    assert (verify_decisions().holds, verify_decisions().detail) == (False, key)
    PathDecision.objects.all().delete()
    assert not verify_decisions().holds


def test_the_law_names_an_approval_that_nobody_gave(day):
    make_day(day)
    key = propose().approval_key
    request = ApprovalRequest.objects.get(approval_key=key)
    ApprovalDecision.objects.create(request=request, state="approved", checker="x", decided_at=1)
    assert taken_over() != UNDECIDED
    assert (verify_decisions().holds, verify_decisions().detail) == (False, key)


def test_the_trail_holds_what_was_asked(day):
    make_day(day)
    propose()
    told = json.loads(TrailRow.objects.get(act="access.request_approval").detail)
    assert (told["act"], told["reason"]) == ("passage.decide_path", "seen on camera")
    assert told["detail"]["units"] == list(LONG_WAY)


def test_the_sources_insert_and_read_decisions_and_never_change_one():
    sources = Path(queries.__file__).resolve().parents[1].rglob("*.py")
    calls = {call for path in sources for call in OBJECTS.findall(path.read_text("utf-8"))}
    assert calls == {"create", "filter", "order_by"}


def test_units_of_the_day_s_passages_are_taken_over_with_their_sign():
    decided = {"pass_key": [1, 1, 1, 2], "position": [0, 256, 512, 0], "node_idx": [5, 6, 7, 5],
               "unit_time": [10, 20, 25, 30]}  # fmt: skip
    engine = duck_engine()
    engine.from_table("decided_path", pa.table(decided))
    engine.from_table("passage_base", pa.table({"pass_key": [1]}))
    reads = {"pass_key": [1, 1, 1], "node_idx": [6, 6, 7], "stage": [1, 1, 0]}
    engine.from_table("passage_read", pa.table(reads))
    plates = {"pass_key": pa.array([1], pa.int64()), "node_idx": pa.array([5], pa.int64())}
    engine.from_table("plate_of_passage", pa.table(plates))
    engine.build(relations()["decided_pass"])
    engine.build(relations()["decided_unit"])
    rows = engine.rows(
        "SELECT pass_key, position, node_idx, sign, unit_time FROM decided_unit ORDER BY position"
    )
    engine.con.close()
    assert rows == [(1, 0, 5, 1, 10), (1, 256, 6, 1, 20), (1, 512, 7, 0, 25)]


def test_a_decided_passage_is_sure_and_neither_plain_nor_searched():
    engine = duck_engine(compiled=False)

    def name(table: str, **columns: list[int]) -> None:
        engine.from_table(table, pa.table({k: pa.array(v, pa.int64()) for k, v in columns.items()}))

    name("passage_base", pass_key=[1, 2, 3], exit_fee_type=[1, 1, 1])
    name("decided_path", pass_key=[1], position=[0], node_idx=[5], unit_time=[10])
    name("plain_step", pass_key=[1, 2, 3], plain=[1, 1, 0])
    ends = {"stage": [0, 0, 0], "read_time": [1, 1, 1], "node_idx": [5, 5, 5], "source": [3, 3, 3]}
    name("passage_read", pass_key=[1, 2, 3], **ends, record_key=[0, 0, 0])
    name("plate_of_passage", pass_key=[1, 3], read_time=[4, 4], node_idx=[5, 5], record_key=[8, 9])
    name("open_unit", pass_key=[])
    name("hard_sure", pass_key=[3], confidence_ppm=[400_000], queued=[1], dropped=[0])
    name("plain_model", confidence_ppm=[999_500])
    for relation in ("decided_pass", "plain_pass", "hard_read", "passage_sure"):
        engine.build(relations()[relation])
    assert engine.rows("SELECT pass_key FROM plain_pass") == [(2,)]
    assert engine.rows("SELECT pass_key, source FROM hard_read ORDER BY ALL") == [(3, 2), (3, 3)]
    assert engine.rows(
        "SELECT pass_key, restored_by, queued, confidence_ppm FROM passage_sure ORDER BY ALL"
    ) == [(1, 4, 0, 1_000_000), (2, 1, 0, 999_500), (3, 2, 1, 400_000)]
    engine.con.close()
