"""The bank: what is taken is paid, refused or pending; its statements are its book."""

import csv
import random
from collections import Counter, defaultdict
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta

import pytest

from tests.simulation.bank.conftest import BANK, FIRST, OWN, Crash, balances, make_world
from tollcentre.core.clock import day_of
from tollcentre.messages.codecs import exchange
from tollcentre.simulation.bank.terms import Booking, Receiving, Sending
from tollcentre.simulation.counterpart.chance import MILLION
from tollcentre.simulation.counterpart.store import Store

REFUSALS = {
    "account_closed_ppm": 100_000, "name_disagrees_ppm": 100_000, "rejected_ppm": 100_000,
    "return_ppm": 200_000,
}  # fmt: skip
ALL_FAULTS = {
    "sending": dict.fromkeys(Sending, 200_000), "booking": dict.fromkeys(Booking, 200_000),
    "receiving": dict.fromkeys(Receiving, 150_000), "delay_s": (600, 20_000),
}  # fmt: skip


def states(w):
    found = defaultdict(lambda: [0, 0])
    for row in w.report()["payments"]:
        found[row["state"]][0] += row["count"]
        found[row["state"]][1] += row["amount_fen"]
    return found


def test_what_was_taken_is_paid_refused_returned_or_pending(world):
    w = world(**REFUSALS)
    w.customer.pay(200, w.moment)
    w.customer.step(w.moment)
    for hours in (2, 10, 96):
        w.live(hours)
        taken = w.report()["payment_files"]
        found = states(w)
        assert sum(count for count, _ in found.values()) == taken["count"] == 200
        assert sum(fen for _, fen in found.values()) == taken["amount_fen"]
    assert set(found) == {"paid", "refused", "returned"}
    results = w.customer.records("payment_result")
    assert len({r["instruction_id"] for r in results}) == len(results) == 200
    assert Counter(r["result"] > 0 for r in results) == {
        False: found["paid"][0] + found["returned"][0], True: found["refused"][0],
    }  # fmt: skip
    assert {r["result"] for r in results} == {0, 1, 2, 3}
    assert len(w.customer.records("payment_return")) == found["returned"][0]


def test_statements_chain_and_hold_each_movement_once(world):
    w = world(**REFUSALS)
    cash = w.slips(30)
    paid_out = w.credits("road", f"credits_{BANK}_20261122.csv", 3)
    others = w.credits("incoming", "ministry_2026-11-22.csv", 2)
    w.customer.pay(80, w.moment)
    w.customer.step(w.moment)
    w.live(24 * 6)
    found = balances(w.customer.statements())
    assert len(found["opening"]) == 6
    assert found["opening"][0] == w.plan.opening_fen
    assert found["opening"][1:] == found["closing"][:-1]
    movements = w.customer.records("statement")
    assert len({m["serial"] for m in movements}) == len(movements)
    for opening, closing, moved in zip(*found.values(), strict=True):
        assert closing == opening + moved
    paid = states(w)["paid"][1]
    assert found["closing"][-1] == w.plan.opening_fen + cash + paid_out + others - paid
    days = w.report()["days"]
    assert [row["closing_fen"] for row in days] == found["closing"]


def test_references_say_what_a_movement_is(world):
    w = world(**REFUSALS | {"refused_after_debit_ppm": MILLION})
    w.slips(10)
    w.customer.pay(60, w.moment)
    w.customer.step(w.moment)
    w.live(24 * 6)
    by_reference = defaultdict(list)
    for m in w.customer.records("statement"):
        by_reference[m["reference"]].append((m["side"], m["amount_fen"]))
    results = {r["instruction_id"]: r for r in w.customer.records("payment_result")}
    back = {r["instruction_id"] for r in w.customer.records("payment_return")}
    for name, result in results.items():
        fen = result["amount_fen"]
        both = result["result"] > 0 or name in back
        assert by_reference.pop(name) == [("D", fen), ("C", fen)][: 1 + both]
    slips = {r["slip_no"]: r["amount_fen"] for r in w.customer.records("deposit_slip")}
    assert by_reference == {name: [("C", fen)] for name, fen in slips.items()}


def test_slips_are_credited_together_in_parts_or_without_a_name_and_the_truth_says_so(world):
    w = world(booking=dict.fromkeys(Booking, 250_000))
    total = w.slips(80)
    w.live(48)
    movements = w.customer.records("statement")
    assert sum(m["amount_fen"] for m in movements) == total
    told = {r["slip_no"]: r["amount_fen"] for r in w.customer.records("deposit_slip")}
    assert (len(told), sum(told.values())) == (80, total)
    blank = {row["serial"]: row["true_reference"] for row in w.report()["references"]}
    credited = defaultdict(int)
    for m in movements:
        assert (m["serial"] in blank) is not bool(m["reference"])
        credited[m["reference"] or blank[m["serial"]]] += m["amount_fen"]
    for names, fen in credited.items():
        assert fen == sum(told[name] for name in names.split(";"))
    assert any(";" in names for names in credited)
    assert len(movements) > len(credited)
    assert set(w.report()["faults"]) == set(Booking)


@pytest.mark.parametrize("fault", Sending)
def test_every_fault_of_delivery_ends_with_every_file_taken_once(world, fault):
    w = world(sending={**dict.fromkeys(Sending, 0), fault: 500_000}, delay_s=(600, 9000))
    w.slips(20)
    w.customer.pay(20, w.moment)
    w.customer.step(w.moment)
    w.live(24 * 4, step_s=1800)
    found = w.report()
    assert found["faults"][fault] > 0
    assert not found["findings"]
    # Of the last statement's day its copy may still be on its way.
    assert len(found["unacknowledged"]) <= 1
    assert len(w.customer.records("deposit_slip")) == 20
    assert len(w.customer.records("payment_result")) == 20
    chain = balances(w.customer.statements())
    assert chain["opening"][1:] == chain["closing"][:-1]
    for number, parcel in enumerate(w.customer.statements()):
        assert day_of(parcel.envelope.sent_at) == FIRST + timedelta(days=number)


def test_payment_files_that_are_wrong_change_nothing_and_are_answered(world):
    w = world()
    _, body = w.customer.encode("payment", [instruction("X1")], w.moment)
    right = exchange.bank_file_name(body.split(b"|")[3].decode())
    wrong = {
        "rubbish": (b"rubbish", 3), right: (body.replace(b"X1", b"X2"), 4),
        "other_name.txt": (body, 2), "version.txt": (b"H|9" + body[3:], 7),
    }  # fmt: skip
    _, elsewhere = w.customer.encode("payment", [instruction("X1")], w.moment, receiver="bank-b")
    wrong[exchange.bank_file_name(elsewhere.split(b"|")[3].decode())] = (elsewhere, 6)
    for name, (content, result) in wrong.items():
        w.customer.put(name if name.endswith(".txt") else f"{name}.txt", content)
        w.round()
        w.customer.step(w.moment)
        assert w.customer.answers.pop()[1] == result
    assert w.report()["payment_files"]["count"] == 0
    w.customer.put(right, body)
    w.round()
    w.customer.put(right, body)
    w.round()
    _, again = w.customer.encode("payment", [instruction("X1")], w.moment)
    w.customer.put(exchange.bank_file_name(again.split(b"|")[3].decode()), again)
    w.round()
    w.customer.step(w.moment)
    assert sorted(result for _, result in w.customer.answers) == [1, 4, 5]
    assert w.report()["payment_files"]["count"] == 1


def instruction(name):
    return {"instruction_id": name, "payee_account": "A", "payee_name": "N", "payee_bank": "B",
            "amount_fen": 700, "voucher_no": "", "purpose": ""}  # fmt: skip


def test_files_of_the_road_are_taken_once_whenever_they_appear(world):
    w = world()
    w.live(30)
    total = w.slips(5)
    w.live(2)
    w.slips(5)
    w.live(50)
    (first, second, third) = w.customer.statements()
    assert not first.records
    assert sum(m["amount_fen"] for m in second.records) == total
    assert all(day_of(m["booked_at"]) > FIRST for m in second.records)
    assert not third.records


def test_what_we_pay_to_others_is_written_by_day(world):
    w = world(**REFUSALS)
    w.customer.pay(60, w.moment)
    w.customer.step(w.moment)
    w.live(24 * 6)
    found = Counter()
    for path in sorted((w.folder / "state" / "outgoing").glob(f"{BANK}_*.csv")):
        with path.open(encoding="utf-8", newline="") as stream:
            for row in csv.DictReader(stream):
                found[row["what"]] += int(row["amount_fen"])
    ruled = states(w)
    assert found == {
        "paid": ruled["paid"][1] + ruled["returned"][1], "returned": ruled["returned"][1],
    }  # fmt: skip


class FallibleStore(Store):
    """A store whose process is killed around some commits, before or after them."""

    lives = random.Random(4)
    rate = 0.0

    @contextmanager
    def writing(self):
        killed = self.lives.random()
        with super().writing() as db:
            yield db
            if killed < self.rate:
                raise Crash
        if killed > 1 - self.rate:
            raise Crash


def books(w):
    """What must be the same whatever was killed."""
    found = w.report()
    kept = {name: found[name] for name in ("days", "book", "payments", "slips", "references")}
    return kept, sorted(p.envelope.digest for p in w.customer.taken.values())


def test_kills_at_any_moment_leave_the_same_books(tmp_path):
    found = []
    for rate in (0.0, 0.08):
        FallibleStore.rate = rate
        w = make_world(tmp_path / str(rate), store=FallibleStore, **REFUSALS)
        w.plan = replace(w.plan, **ALL_FAULTS | {"receiving": dict.fromkeys(Receiving, 0)})
        FallibleStore.rate = rate
        w.start()
        w.slips(40)
        w.credits("road", f"credits_{BANK}_20261122.csv", 3)
        for turn in range(4):
            if turn < 2:
                w.customer.pay(25, w.moment)
                w.customer.step(w.moment)
            w.live(30)
        FallibleStore.rate = 0.0
        found.append((books(w), w.crashes))
    (calm, none), (killed, crashes) = found
    assert none == 0
    assert crashes > 20
    assert killed[0] == calm[0]
    assert killed[1] == calm[1]


def test_with_all_faults_both_sides_agree_in_the_end(world):
    w = world(**REFUSALS | ALL_FAULTS)
    total = w.slips(40)
    for _ in range(3):
        w.customer.pay(25, w.moment)
        w.live(20)
    w.live(24 * 5)
    assert not w.customer.waiting
    assert w.crashes > 0
    results = w.customer.records("payment_result")
    assert len({r["instruction_id"] for r in results}) == len(results) == 75
    assert sum(r["amount_fen"] for r in w.customer.records("deposit_slip")) == total
    found = w.report()
    assert not found["findings"]
    last = {row["day"]: row["closing_fen"] for row in found["days"]}
    told = {str(day_of(p.envelope.sent_at)): p for p in w.customer.statements()}
    assert len(last) - len(told) <= 2
    closings = [p.fields["closing_fen"] for p in w.customer.statements()]
    assert set(closings) <= set(last.values())
    assert (w.report()["bank"], OWN) == (BANK, "620201")
