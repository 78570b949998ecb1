"""Money in dispute: held once, then posted or voided once, never both, never lost."""

from dataclasses import replace
from datetime import date

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from tollcentre.access.terms import SHELL_VIEWER, Role, Viewer
from tollcentre.core.refusal import Refusal
from tollcentre.ledger import actions, queries
from tollcentre.ledger.models import Hold, HoldClosing, PostingBatch
from tollcentre.ledger.terms import HoldOpening, HoldRuling, HoldState, PostingLine

pytestmark = pytest.mark.django_db

D1, D2, D3 = (date(2026, 11, day) for day in (21, 22, 23))
OWNER = Viewer("owner", frozenset({Role.ROAD_OWNER}), frozenset({"41"}))
NOBODY = Viewer("admin", frozenset({Role.SYSTEM_ADMINISTRATOR}), None)


def line(account: str, side: str, fen: int, owner: str = "") -> PostingLine:
    issuer = "" if account.startswith("payable.prov") else "620101"
    return PostingLine(account, side, fen, owner, issuer, media_type=1)


def opening(fen: int = 300, owner: str = "40") -> list[PostingLine]:
    return [
        line("disputed.issuer.620101", "debit", fen),
        line("receivable.issuer.620101", "credit", fen),
        line(f"payable.owner.{owner}", "debit", fen, owner),
        line("held.dispute", "credit", fen, owner),
    ]


def ruling(fen: int = 300, owner: str = "40") -> list[PostingLine]:
    """The issuer is right: the receivable falls away, and with it the owner's claim."""
    return [
        line("held.dispute", "debit", fen, owner),
        line("disputed.issuer.620101", "credit", fen),
    ]


def hold(key: str = "d1", fen: int = 300, owner: str = "40", memo: str = "") -> object:
    return actions.open_hold(
        hold_key=key, clear_date=D1, lines=opening(fen, owner), actor="clerk", memo=memo
    )


def pay(key: str = "d1", lines: list[PostingLine] | None = None, day: date = D2) -> object:
    return actions.post_hold(
        hold_key=key, clear_date=day, lines=lines or ruling(), actor="judge", reason="paid twice"
    )


def void(key: str = "d1", day: date = D2, reason: str = "withdrawn") -> object:
    return actions.void_hold(hold_key=key, clear_date=day, actor="judge", reason=reason)


def balances(at: date | None = None) -> dict[str, int]:
    rows = queries.trial_balance(at, viewer=SHELL_VIEWER).rows
    return {row.account: row.balance_fen for row in rows if row.balance_fen}


def every_law_holds() -> bool:
    return [law for law in queries.verify_ledger() if not law.holds] == []


def refused(act: object, code: str) -> Refusal:
    before = PostingBatch.objects.count(), Hold.objects.count(), HoldClosing.objects.count()
    with pytest.raises(Refusal) as caught:
        act()  # type: ignore[operator]
    assert caught.value.code == code
    assert caught.value.field
    assert caught.value.text_zh()
    assert caught.value.text_en()
    assert (
        PostingBatch.objects.count(),
        Hold.objects.count(),
        HoldClosing.objects.count(),
    ) == before
    return caught.value


def test_money_is_held_then_paid_as_ruled() -> None:
    opened = hold(memo="重复收费")
    assert (opened.state, opened.opened.batch_key, opened.closed) == (
        HoldState.OPEN,
        "hold:d1",
        None,
    )
    assert balances() == {
        "disputed.issuer.620101": 300, "held.dispute": 300,
        "payable.owner.40": -300, "receivable.issuer.620101": -300,
    }  # fmt: skip
    posted = pay()
    assert (posted.state, posted.closed.batch_key) == (HoldState.POSTED, "posted:d1")
    assert balances() == {"payable.owner.40": -300, "receivable.issuer.620101": -300}
    assert balances(D1)["held.dispute"] == 300
    assert every_law_holds()


def test_a_void_is_the_exact_mirror_on_its_own_clear_date() -> None:
    hold()
    voided = void(day=D3)
    assert (voided.state, voided.closed.batch_key) == (HoldState.VOIDED, "voided:d1")
    assert balances() == {}
    assert balances(D2)["held.dispute"] == 300
    assert every_law_holds()


def test_each_act_is_done_once_whatever_is_repeated() -> None:
    first, again = hold(), hold()
    assert (first.opened.repeated, again.opened.repeated) == (False, True)
    assert again.opened.hash == first.opened.hash
    hold("d2", 5)
    paid, repeated = pay(), pay(lines=ruling()[::-1])
    assert (paid.closed.repeated, repeated.closed.repeated) == (False, True)
    assert void("d2").closed.repeated is False
    assert void("d2").closed.repeated is True
    assert hold().state is HoldState.POSTED
    assert hold("d2", 5).closed.batch_key == "voided:d2"
    assert (Hold.objects.count(), HoldClosing.objects.count()) == (2, 2)
    assert every_law_holds()


def test_a_hold_is_refused_for_the_first_reason() -> None:
    for key in ("", "k" * 90):
        assert refused(lambda key=key: hold(key), "hold_key_missing").field == "hold_key"
    assert hold("k" * 89).opened.batch_key == "hold:" + "k" * 89
    assert void("k" * 89).closed.batch_key == "voided:" + "k" * 89

    def bad(*lines: PostingLine) -> object:
        return actions.open_hold(hold_key="d", clear_date=D1, lines=lines, actor="clerk")

    plain = [
        line("receivable.issuer.620101", "debit", 5),
        line("payable.owner.1", "credit", 5, "1"),
    ]
    nothing = [line("held.dispute", "credit", 5), line("held.dispute", "debit", 5)]
    refused(lambda: bad(*plain), "hold_holds_nothing")
    refused(lambda: bad(*plain, line("held.dispute", "credit", 0)), "hold_holds_nothing")
    refused(lambda: bad(*nothing), "hold_holds_nothing")
    refused(lambda: bad(*opening(), plain[0]), "batch_is_unbalanced")
    refused(lambda: bad(*opening(), line("nowhere", "debit", 0)), "account_family_is_unknown")
    hold()
    refused(lambda: hold(fen=301), "batch_key_with_other_content")
    refused(lambda: hold(memo="other"), "batch_key_with_other_content")


def test_a_closing_is_refused_for_the_first_reason() -> None:
    refused(pay, "no_such_hold")
    refused(void, "no_such_hold")
    hold()
    assert refused(lambda: void(day=date(2026, 11, 20)), "hold_closed_before_opened").field
    refused(lambda: pay(day=date(2026, 11, 20)), "hold_closed_before_opened")
    refused(lambda: pay(lines=ruling()[:1]), "batch_is_unbalanced")
    for wrong in (ruling(299), ruling(301), ruling(owner="41"), opening()):
        assert refused(lambda wrong=wrong: pay(lines=wrong), "hold_not_cleared").field == "lines"
    other_medium = [replace(one, media_type=2) for one in ruling()]
    told = refused(lambda: pay(lines=other_medium), "hold_not_cleared")
    assert told.text_en() == (
        "hold d1 holds 300 fen on disputed.issuer.620101 (620101 1), "
        "but the ruling clears 0 fen (debits are positive)"
    )
    pay()
    refused(void, "hold_already_posted")
    refused(lambda: pay(day=D3), "batch_key_with_other_content")
    hold("d2")
    void("d2")
    refused(lambda: pay("d2"), "hold_already_voided")
    refused(lambda: void("d2", reason="other"), "batch_key_with_other_content")
    assert every_law_holds()


def test_no_other_act_touches_what_is_held() -> None:
    hold()
    pay()

    def reverse(key: str) -> object:
        return actions.reverse_batch(batch_key=key, reversal_key="r", actor="x", reason="")

    refused(lambda: reverse("hold:d1"), "batch_belongs_to_hold")
    refused(lambda: reverse("posted:d1"), "batch_belongs_to_hold")
    refused(
        lambda: actions.post_batch(batch_key="b", clear_date=D1, lines=opening(), actor="x"),
        "account_is_for_holds",
    )


def test_the_database_itself_forbids_a_second_closing() -> None:
    hold()
    closed = void()
    other = actions.post_batch(
        batch_key="b", clear_date=D1, actor="x",
        lines=[line("receivable.collector", "debit", 5), line("held.review", "credit", 5)],
    )  # fmt: skip
    opened = Hold.objects.get(hold_key="d1")
    for row in (
        HoldClosing(hold=opened, batch_id=other.seq, outcome="posted"),
        HoldClosing(hold_id=other.seq, batch_id=closed.closed.seq, outcome="posted"),
        HoldClosing(hold_id=other.seq, batch_id=1, outcome="posted"),
        HoldClosing(hold_id=other.seq, batch_id=99, outcome="paid"),
        Hold(opened_id=other.seq, hold_key="d1"),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            row.save(force_insert=True)


def test_many_at_once_all_or_none_in_few_statements() -> None:
    count = 1_200
    openings = [HoldOpening(f"d{n}", D1, opening(n + 1), "clerk") for n in range(count)]
    with CaptureQueriesContext(connection) as asked:
        found = actions.open_holds([*openings, openings[0]])
    assert len(asked) < 25
    assert [one.opened.repeated for one in found] == [False] * count + [True]
    rulings = [
        HoldRuling(f"d{n}", D2, "judge", "ruled", ruling(n + 1) if n % 2 else None)
        for n in range(count)
    ]
    wrong = HoldRuling("d1", D2, "judge", "ruled")
    refused(lambda: actions.close_holds([*rulings, wrong]), "hold_already_posted")
    with CaptureQueriesContext(connection) as asked:
        done = actions.close_holds([*rulings, rulings[0]])
    assert len(asked) < 25
    assert [one.state.value for one in done[:2]] == ["voided", "posted"]
    assert done[-1].closed.repeated
    assert HoldClosing.objects.count() == count
    assert balances().get("held.dispute") is None
    assert actions.open_holds([]) == actions.close_holds([]) == []
    assert every_law_holds()


def test_holds_by_state_key_and_day_with_what_they_hold() -> None:
    hold("a1", 300)
    hold("a2", 500, "41")
    hold("b3", 7)
    pay("a1")
    void("b3")

    def keys(**wanted: object) -> list[str]:
        return [row.hold_key for row in queries.holds(viewer=SHELL_VIEWER, **wanted)]

    assert keys() == ["b3", "a2", "a1"]
    assert (keys(state="open"), keys(state="posted"), keys(state="voided")) == (
        ["a2"],
        ["a1"],
        ["b3"],
    )
    assert (keys(hold_key="A"), keys(start=D2), keys(end=D1, state="open")) == (
        ["a2", "a1"], [], ["a2"],
    )  # fmt: skip
    row = queries.holds(viewer=SHELL_VIEWER).get(hold_key="a2")
    assert (row.state, row.receivable_fen, row.payable_fen) == ("open", 500, 500)
    assert queries.hold("a1", viewer=SHELL_VIEWER).state is HoldState.POSTED
    assert queries.hold_entries("a1", viewer=SHELL_VIEWER).count() == 6
    with pytest.raises(Refusal, match="no_such_hold"):
        queries.hold("zz", viewer=SHELL_VIEWER)


def test_a_road_owner_sees_the_own_holds_and_others_without_permission_none() -> None:
    hold("a1", 300)
    hold("a2", 500, "41")
    row = queries.holds(viewer=OWNER).get()
    assert (row.hold_key, row.receivable_fen, row.payable_fen) == ("a2", 0, 500)
    seen = queries.hold_entries("a2", viewer=OWNER).values_list("account__code", flat=True)
    assert sorted(seen) == ["held.dispute", "payable.owner.41"]
    assert not queries.hold_entries("a1", viewer=OWNER).exists()
    with pytest.raises(Refusal, match="no_such_hold"):
        queries.hold("a1", viewer=OWNER)
    assert not queries.holds(viewer=NOBODY).exists()
    assert [b.account for b in queries.accounts(viewer=OWNER)] == [
        "held.dispute",
        "payable.owner.41",
    ]
