"""Refusals, rulings by two persons, and laws that are found broken."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction

from tests.deposit.stories import (
    STATION,
    STORIES,
    Scene,
    differing,
    keep_lanes,
    ledger,
    parcel,
)
from tollcentre.access.actions import approve
from tollcentre.access.terms import SHELL_VIEWER, Role, Viewer
from tollcentre.core.refusal import Refusal
from tollcentre.deposit import actions, queries
from tollcentre.deposit.models import (
    ChannelBill,
    DepositSlip,
    LaneDue,
    ReportedSlip,
    ShiftCash,
    ShiftReport,
)
from tollcentre.deposit.terms import DepositRulingKind

pytestmark = pytest.mark.django_db
CLERK = Viewer("clerk", frozenset({Role.CLEARING_CLERK}), None)
MANAGER = Viewer("manager", frozenset({Role.MANAGER}), None)
BY_NAME = {story["name"]: story for story in STORIES}
HEADER = "station_id,shift_day,shift,operator_id,cash_fen,mobile_fen,slips,closed_at\n"


def told(name: str) -> Scene:
    scene = Scene(BY_NAME[name])
    scene.tell(scene.facts)
    return scene


def test_a_file_of_reports_is_taken_line_by_line(tmp_path: Path) -> None:
    path = tmp_path / "shifts.csv"
    path.write_text(
        HEADER + f"{STATION},2026-11-18,1,7,100,0,S1,1795000000\n"
        f"{STATION},2026-11-18,2,7,1.5,0,,1795000000\n", encoding="utf-8"
    )  # fmt: skip
    report = actions.take_shift_reports(source=path, actor="t")
    assert (report.rows, report.new) == (2, 1)
    assert [(line.line, line.refusal.field) for line in report.refused] == [(3, "cash_fen")]
    again = actions.take_shift_reports(source=path, actor="t")
    assert (again.new, again.known) == (0, 1)
    assert ShiftReport.objects.count() == 1


def test_a_slip_with_other_content_is_refused_with_its_whole_parcel() -> None:
    scene = told("一班现金分两张单缴")
    new = {"number": "S9", "shift": "1", "amount": 5, "paid_in": scene.day}
    with pytest.raises(Refusal, match="deposit_slip_differs"):
        scene.tell([{"slip": new}, {"slip": new | {"amount": 6}}])
    assert DepositSlip.objects.filter(slip_no="S9").get().amount_fen == 500


def test_a_second_bill_of_a_day_is_refused() -> None:
    scene = told("账单少五元")
    other = parcel("bill", "alipay", [], scene.day)
    with pytest.raises(Refusal, match="channel_bill_known_otherwise"):
        actions.take_bill(other, scene.now)


def test_a_credit_is_given_once_and_by_one_cause() -> None:
    scene = told("一班现金分两张单缴")
    assert [one.key for one in queries.expected_credits("bank1")] == ["slip:S2"]
    assert queries.expected_credits("bank2") == []
    with transaction.atomic():
        lines = actions.credit_expected(["slip:S2"], scene.day, "a")
    assert sum(line.amount_fen for line in lines) == 20_000
    assert actions.credit_expected(["slip:S2"], scene.day, "a") == []
    with pytest.raises(Refusal, match="credited_otherwise"):
        actions.credit_expected(["slip:S2"], scene.day, "b")
    with pytest.raises(Refusal, match="no_such_expected_credit"):
        actions.credit_expected(["slip:S7"], scene.day, "b")


def test_a_lane_record_ruled_as_paid_in_cash_takes_up_the_overage() -> None:
    scene = Scene(BY_NAME["长款二十元，待查"])
    keep_lanes(
        scene.day, [{"shift": "1", "cash": 400}, {"shift": "1", "mobile": 20, "order": "A9"}]
    )
    scene.tell(scene.facts[1:])
    scene.tell([{"bill": {"channel": "alipay", "orders": [{"number": "A1", "amount": 1}]}}])
    found = {row.kind: row for row in queries.differences(viewer=SHELL_VIEWER)}
    asked = actions.propose_ruling(
        difference_key=found["lane_only"].key, kind=DepositRulingKind.PAID_IN_CASH,
        reason="监控可见付现", maker=CLERK,
    )  # fmt: skip
    actions.carry_out(asked.approval_key, scene.now)
    assert differing()["over"] == 2000
    approve(approval_key=asked.approval_key, checker=MANAGER, reason="")
    for _ in range(2):
        actions.carry_out(asked.approval_key, scene.now)
    assert differing() == {"bill_only": 100}
    assert ledger() == {"held.bank": 42_000, "receivable.channel.alipay": 100,
                        "held.overage": -100}  # fmt: skip
    assert all(law.holds for law in queries.verify_deposits())


def test_an_order_without_lane_record_is_given_to_the_passage_that_it_paid() -> None:
    scene = Scene(BY_NAME["流水有单而账单没有"])
    scene.tell(scene.facts[:1])
    orders = [{"number": "A1", "amount": 25}, {"number": "A8", "amount": 60}]
    scene.tell([{"bill": {"channel": "alipay", "orders": orders}}])
    found = {row.kind: row for row in queries.differences(viewer=SHELL_VIEWER)}
    ruling = {"difference_key": found["lane_only"].key, "maker": CLERK, "reason": "订单号抄错",
              "kind": DepositRulingKind.PAID_BY_ORDER}  # fmt: skip
    with pytest.raises(Refusal, match="deposit_ruling_does_not_fit"):
        actions.propose_ruling(order_no="A1", **ruling)
    asked = actions.propose_ruling(order_no="A8", **ruling)
    approve(approval_key=asked.approval_key, checker=MANAGER, reason="")
    actions.carry_out(asked.approval_key, scene.now)
    assert differing() == {}
    assert ledger() == {"receivable.channel.alipay": 8500}
    assert all(law.holds for law in queries.verify_deposits())


def test_an_overage_that_is_kept_stays_held_and_is_open_no_longer() -> None:
    now = told("支付宝账单多一笔").now
    key = queries.differences(viewer=SHELL_VIEWER).get().key
    ruling: dict[str, Any] = {"difference_key": key, "kind": DepositRulingKind.KEPT}
    with pytest.raises(Refusal, match="permission_missing"):
        actions.propose_ruling(**ruling, reason="x", maker=MANAGER)
    with pytest.raises(Refusal, match="reason_missing"):
        actions.propose_ruling(**ruling, reason=" ", maker=CLERK)
    asked = actions.propose_ruling(**ruling, reason="无人认领", maker=CLERK)
    assert actions.propose_ruling(**ruling, reason="无人认领", maker=CLERK) == asked
    approve(approval_key=asked.approval_key, checker=MANAGER, reason="")
    actions.carry_out(asked.approval_key, now)
    assert differing() == {}
    assert ledger()["held.overage"] == -4000
    with pytest.raises(Refusal, match="deposit_ruling_waits"):
        actions.propose_ruling(**ruling, reason="再来", maker=CLERK)


def test_the_passages_behind_a_figure_sum_to_it() -> None:
    scene = told("流水有单而账单没有")
    rows, total = queries.payments(
        viewer=SHELL_VIEWER,
        day=scene.day,
        station_id=STATION,
        shift="1",
        means="mobile",
        size=10,
        skip=0,
    )
    assert (total, sum(row["fee"] for row in rows)) == (2, 8500)
    assert [row["kind"] for row in rows if row["order_no"] == "A9"] == ["lane_only"]
    orders, _ = queries.orders(day=scene.day, channel="alipay", size=10, skip=0)
    assert [(row["order_no"], row["matched"]) for row in orders] == [("A1", 2500)]
    found = queries.channel_days()
    assert [(row["payout_fen"], row["matched_fen"]) for row in found] == [(2500, 2500)]


def lost_due() -> None:
    LaneDue.objects.filter(means="cash").update(due_fen=1)


def moved_cash() -> None:
    ShiftCash.objects.update(station_fen=1)


def waits_no_longer() -> None:
    LaneDue.objects.filter(means="mobile").update(waiting_fen=0)


def slip_used_twice() -> None:
    DepositSlip.objects.filter(slip_no="S1").update(amount_fen=1)


def slip_not_named() -> None:
    ReportedSlip.objects.filter(slip_no="S1").delete()


def bill_posted_otherwise() -> None:
    ChannelBill.objects.create(
        channel="wechat", bill_day=Scene(STORIES[0]).day, message_id="x", digest="x", count=0,
        paid_fen=5, fee_fen=0, taken_at=0, over_fen=5,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("change", "law"),
    [
        (lost_due, "lane_payments_are_what_clearing_collected"),
        (moved_cash, "lane_cash_is_credited_waiting_or_short"),
        (waits_no_longer, "mobile_payments_are_matched_waiting_or_differ"),
        (slip_used_twice, "deposit_slips_and_orders_pay_once"),
        (slip_not_named, "deposit_slips_and_orders_pay_once"),
        (bill_posted_otherwise, "deposit_accounts_are_where_money_stands"),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_a_broken_law_is_found(change: Callable[[], None], law: str) -> None:
    scene = Scene(BY_NAME["一班现金分两张单缴"])
    keep_lanes(scene.day, [{"shift": "1", "cash": 500}, {"shift": "1", "mobile": 9, "order": "A1"}])
    scene.tell(scene.facts[1:])
    assert all(found.holds for found in queries.verify_deposits())
    change()
    assert law in {found.name for found in queries.verify_deposits() if not found.holds}
