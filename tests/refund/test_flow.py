"""From the finding to the customer's money: who decides, what is sent, what the books say."""

from dataclasses import replace
from datetime import date
from itertools import permutations
from typing import Any

import pytest

from tests.dispute.scenes import CARD_NO, RECEIVED_AT, signed, stage
from tollcentre.access.actions import approve, refuse
from tollcentre.access.queries import approvals_by_key
from tollcentre.access.terms import SHELL_VIEWER, Viewer
from tollcentre.clearing.actions import take_statistics
from tollcentre.core.refusal import Refusal
from tollcentre.dispute.actions import book_trades
from tollcentre.dispute.rules.money import trade_key
from tollcentre.dispute.terms import Direction
from tollcentre.ledger.queries import account_nets
from tollcentre.messages import actions as messages
from tollcentre.messages.codecs import exchange as codec
from tollcentre.messages.models import ReceivedMessage, SentMessage
from tollcentre.messages.queries import parcel_of, peer, received_due
from tollcentre.messages.terms import Protocol
from tollcentre.refund import actions, queries
from tollcentre.refund.actions import deciding, drafting
from tollcentre.refund.models import CustomerCredit, TollChange
from tollcentre.refund.rules import overcharges_of
from tollcentre.refund.terms import ENGINE, NOT_ACCEPTED_YET, ChangeState, Overcharge

from .scenes import SCENES, passage_of, shares_of, title

NOW = 1_795_000_000
DAY = date(2026, 11, 18)
RUN = "20261118-run"
CLERK = Viewer("clerk", SHELL_VIEWER.roles, None)
MANAGER = Viewer("manager", SHELL_VIEWER.roles, None)
ACTS = {
    "toll_change_result": actions.take_toll_change_result,
    "clearing_statistics": take_statistics,
    "toll_change_to_credit": actions.take_toll_change_to_credit,
}
FOUND = [scene for scene in SCENES if "finds" in scene]
LOCAL, ABROAD = FOUND[0], FOUND[3]


class Road:
    """What runs of a day find, in place of their files."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.found: list[Overcharge] = []
        self.shares: dict[str, Any] = {}
        monkeypatch.setattr(drafting, "overcharges", lambda run_key, day: self.found)
        monkeypatch.setattr(drafting, "province_of", lambda version: "62")
        monkeypatch.setattr(
            drafting, "shares_of_overcharges", lambda run_key, found, own: self.shares
        )
        monkeypatch.setattr(
            deciding, "messages_of_trades", lambda day, names: dict.fromkeys(names, "upload-1")
        )

    def finds(self, scene: dict[str, Any], **changes: Any) -> None:
        passage = replace(passage_of(scene), **changes)
        self.found = overcharges_of(passage, queries.parameters_at(DAY))
        self.shares = {one.name: shares_of(scene["shares"]) for one in self.found}

    def search(self, run_key: str = RUN) -> Any:
        return actions.draft_refunds(run_key=run_key, day=DAY, version="v", now=NOW)


@pytest.fixture
def road(monkeypatch: pytest.MonkeyPatch, settings: Any, tmp_path: Any, db: None) -> Road:
    settings.HOME, settings.LAKE_ROOT = tmp_path, tmp_path / "lake"
    messages.add_peer(code="000000", own_code="620201", address="http://x", actor="t", now=NOW)
    return Road(monkeypatch)


def only() -> Any:
    (found,) = queries.changes(viewer=SHELL_VIEWER)
    return found


def accept(change_id: str) -> None:
    """One person proposes, another approves."""
    actions.propose(change_ids=[change_id], reason="核实", maker=CLERK, now=NOW)
    approve(approval_key=actions.approval_key(change_id), checker=MANAGER)
    actions.carry_out(NOW)


def says(kind: str, name: str, fields: dict[str, Any], records: list[dict[str, Any]]) -> bytes:
    return codec.encode(
        protocol=Protocol.TRUNK, kind=kind, version="1.0", message_id=name, sender_id="000000",
        receiver_id="620101" if kind == "toll_change_to_credit" else "620201", sent_at=NOW,
        fields={"clear_date": DAY} | fields, records=records,
    )  # fmt: skip


def take(content: bytes) -> None:
    """A message comes; then everything that waits is tried, as a turn does."""
    messages.take_message(sender=peer("000000"), body=content, check=lambda _: None, now=NOW)
    for row in received_due(NOW + 10**6, 99):
        kind = ReceivedMessage.objects.get(pk=row).kind
        messages.act_on(
            row=row, act=ACTS[kind], waits_for=frozenset({NOT_ACCEPTED_YET.code}), now=NOW
        )


def word(change: Any, result: int) -> bytes:
    """What the ministry says of a change."""
    record = {"change_id": change.change_id, "result": result, "fee": change.fee}
    return says("toll_change_result", f"r{result}", {}, [record])


@pytest.mark.parametrize("scene", FOUND, ids=title)
def test_a_scene_ends_with_its_ledger(road: Road, scene: dict[str, Any]) -> None:
    road.finds(scene)
    assert road.search().drafted == 1
    change = only()
    assert (change.state, change.raised_by) == ("drafted", ENGINE)
    assert account_nets(list(scene["ledger"])) == {}
    accept(change.change_id)
    for result in scene.get("word", ()):
        take(word(change, result))
    if "paid_out" in scene:
        actions.pay_out(
            change_id=change.change_id, reference=scene["paid_out"], maker=CLERK, now=NOW
        )
    actions.carry_out(NOW)
    assert only().state == ("closed" if scene["ledger"] else "rejected")
    nets = account_nets([*scene["ledger"], "payable.owner.62030010", "payable.owner.62030020"])
    assert nets == scene["ledger"]
    assert all(law.holds for law in queries.verify_refunds())
    assert actions.carry_out(NOW) == 0


def test_the_ministry_is_told_what_the_trade_was_and_who_gives_back(road: Road) -> None:
    road.finds(ABROAD)
    road.search()
    accept(only().change_id)
    parcel = parcel_of(SentMessage.objects.get(kind="toll_change"))
    (record,) = parcel.records
    assert (record["of_message_id"], record["original_fee"], record["fee"]) == (
        "upload-1", 9000, 999,
    )  # fmt: skip
    assert dict(zip(record["party_group"], record["fee_group"], strict=True)) == {
        "owner:62030010": 749, "owner:62030020": 250,
    }  # fmt: skip


@pytest.mark.parametrize("order", list(permutations((1, 3))))
def test_in_whatever_order_the_ministry_speaks_the_money_ends_the_same(
    road: Road, order: tuple[int, ...]
) -> None:
    road.finds(ABROAD)
    road.search()
    accept(only().change_id)
    for result in (*order, *order):
        take(word(only(), result))
    assert account_nets(["payable.ministry"]) == {"payable.ministry": -999}
    assert set(ReceivedMessage.objects.values_list("state", flat=True)) == {"done"}
    assert only().clear_date == DAY


def told(*records: dict[str, Any]) -> None:
    """The ministry counts changes of the day."""
    fees = {side: sum(r["fee"] for r in records if r["side"] == side)
            for side in ("receivable", "payable")}  # fmt: skip
    fields = {"count": sum(r["count"] for r in records), "amount": sum(fees.values()), **fees}
    take(says("clearing_statistics", "statistics", fields, list(records)))


def test_a_refund_is_in_the_net_of_the_day_on_which_it_was_credited(road: Road) -> None:
    road.finds(ABROAD | {"shares": {"62030010": 749, "province:61": 250}})
    road.search()
    accept(only().change_id)
    take(word(only(), 1))
    assert queries.compared_changes(DAY) == []
    take(word(only(), 3))
    # What we credited and nobody counts yet stands on the day without the ministry's figure.
    ours = {(row.side, row.party): (row.our_fee, row.their_count)
            for row in queries.compared_changes(DAY)}  # fmt: skip
    assert ours == {("payable", only().issuer_id): (999, 0), ("receivable", "610201"): (250, 0)}
    assert not any(row.booked_fee for row in queries.compared_changes(DAY))
    counted = [
        {"side": "payable", "kind": "change", "party_id": only().issuer_id, "count": 1,
         "fee": 999, "message_ids": ("r3",), "file_ids": ()},
        {"side": "receivable", "kind": "change", "party_id": "610201", "count": 1, "fee": 249,
         "message_ids": ("r3",), "file_ids": ()},
    ]  # fmt: skip
    told(*counted)
    rows = {row.party: row.booked_fee - row.their_fee for row in queries.compared_changes(DAY)}
    assert rows == {only().issuer_id: 0, "610201": 1}
    nets = account_nets(["payable.ministry", "receivable.ministry", "payable.province.61"])
    assert nets == {"payable.ministry": -999, "receivable.ministry": 250, "payable.province.61": 0}
    assert all(law.holds for law in queries.verify_refunds())


def test_what_was_found_is_drafted_once(road: Road) -> None:
    road.finds(LOCAL)
    assert [road.search().drafted, road.search().drafted, road.search("again").drafted] == [1, 0, 0]
    assert TollChange.objects.count() == 1


def test_a_restatement_withdraws_a_draft_whose_ground_is_gone_and_drafts_what_stands(
    road: Road,
) -> None:
    road.finds(LOCAL)
    road.search()
    road.finds(LOCAL, expected_fee=5000)
    assert road.search("second").withdrawn == 1
    states = queries.changes(viewer=SHELL_VIEWER).values_list("state", "fee")
    assert sorted(states) == [("drafted", 735), ("withdrawn", 1235)]
    road.found = []
    assert road.search("third").withdrawn == 1
    assert not queries.changes_in(ChangeState.DRAFTED)


def test_a_request_that_waits_is_taken_back_with_its_ground(road: Road) -> None:
    road.finds(LOCAL)
    road.search()
    key = actions.approval_key(only().change_id)
    actions.propose(change_ids=[only().change_id], reason="核实", maker=CLERK, now=NOW)
    road.found = []
    road.search("second")
    assert approvals_by_key([key])[key].state == "refused"
    assert only().state == "withdrawn"


def test_what_was_approved_stands_whatever_is_found_later(road: Road) -> None:
    road.finds(LOCAL)
    road.search()
    accept(only().change_id)
    road.found = []
    assert road.search("second").withdrawn == 0
    assert only().state == "closed"


def test_what_a_person_declined_is_not_drafted_again(road: Road) -> None:
    road.finds(LOCAL)
    road.search()
    actions.decline(change_ids=[only().change_id], reason="已另行退还", maker=CLERK, now=NOW)
    assert road.search("second").drafted == 0
    assert only().state == "withdrawn"


def test_nobody_approves_the_own_proposal_and_a_refused_one_is_withdrawn(road: Road) -> None:
    road.finds(LOCAL)
    road.search()
    key = actions.approval_key(only().change_id)
    actions.propose(change_ids=[only().change_id], reason="核实", maker=CLERK, now=NOW)
    with pytest.raises(Refusal, match="maker_may_not_approve"):
        approve(approval_key=key, checker=CLERK)
    refuse(approval_key=key, checker=MANAGER, reason="证据不足")
    actions.carry_out(NOW)
    assert only().state == "withdrawn"
    assert account_nets(["payable.refund.620101"]) == {}


def test_a_change_waits_until_its_trade_has_gone_up(
    road: Road, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deciding, "messages_of_trades", lambda day, names: {})
    road.finds(ABROAD)
    road.search()
    accept(only().change_id)
    assert only().state == "approved"
    assert not SentMessage.objects.filter(kind="toll_change").exists()


def test_our_issuer_credits_once_and_refuses_with_its_reason(road: Road) -> None:
    stage({})
    name = trade_key(Direction.ISSUER, "trades-1", "T9")
    assert not book_trades(
        trades=[signed(trade_key=name)], received_at=RECEIVED_AT, source="s", actor="t"
    )
    right = {"change_id": "c1", "kind": "refund", "transaction_id": "T9",
             "of_message_id": "trades-1", "medium_no": CARD_NO, "original_fee": 4500,
             "fee": 3000}  # fmt: skip
    said = [
        ([right, right | {"change_id": "c2", "medium_no": "62010000000000000000"}], [0, 1]),
        ([right, right | {"change_id": "c3", "transaction_id": "T8"}], [4, 2]),
        ([right | {"change_id": "c4", "fee": 1501}], [3]),
        ([right | {"change_id": "c5", "fee": 1500}], [0]),
    ]
    for number, (records, results) in enumerate(said):
        message = f"credit-{number}"
        take(says("toll_change_to_credit", message, {"toll_province_id": "610201"}, records))
        answer = SentMessage.objects.get(cause=f"credited:{message}")
        found = {r["change_id"]: r["result"] for r in parcel_of(answer).records}
        assert found == dict(zip((r["change_id"] for r in records), results, strict=True))
    assert account_nets(["receivable.ministry", "receivable.issuer.620101"]) == {
        "receivable.ministry": 4500, "receivable.issuer.620101": -4500,
    }  # fmt: skip
    assert all(law.holds for law in queries.verify_refunds())
    CustomerCredit.objects.filter(change_id="c5").update(fee=1499)
    assert not all(law.holds for law in queries.verify_refunds())


@pytest.mark.parametrize(
    ("change", "law"),
    [
        (lambda row: row.lines.filter(code="62030010").update(fee=740), 0),
        (lambda row: TollChange.objects.update(original_fee=1000), 1),
        (lambda row: row.steps.filter(state__in=["credited", "closed"]).delete(), 2),
    ],
)
def test_a_broken_law_is_found(road: Road, change: Any, law: int) -> None:
    road.finds(LOCAL)
    road.search()
    accept(only().change_id)
    change(only())
    broken = {found.name for found in queries.verify_refunds() if not found.holds}
    assert queries.LAWS[law] in broken


def test_an_owners_reader_sees_what_touches_own_shares(road: Road) -> None:
    road.finds(LOCAL)
    road.search()
    mine = Viewer("owner", frozenset(), frozenset({"62030020"}))
    (row,) = queries.changes(viewer=mine)
    assert [line.fee for line in queries.lines_of(row, viewer=mine)] == [494]
    other = Viewer("owner", frozenset(), frozenset({"62030099"}))
    assert not queries.changes(viewer=other)


def test_bad_figures_change_nothing(road: Road) -> None:
    road.finds(ABROAD)
    road.search()
    accept(only().change_id)
    wrong = {"change_id": only().change_id, "result": 1, "fee": 998}
    take(says("toll_change_result", "bad", {}, [wrong]))
    assert ReceivedMessage.objects.get().state == "failed"
    assert only().state == "sent"


def test_no_one_is_paid_out_what_an_issuer_credits(road: Road) -> None:
    road.finds(ABROAD)
    road.search()
    accept(only().change_id)
    with pytest.raises(Refusal, match="issuer_credits_itself"):
        actions.pay_out(change_id=only().change_id, reference="1", maker=CLERK, now=NOW)
