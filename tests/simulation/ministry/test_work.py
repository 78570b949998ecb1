"""What the ministry's centre does with what it is told, day by day."""

import csv
from dataclasses import replace

import pytest

from tests.simulation.ministry.centre import ISSUER, OWN, START, message
from tollcentre.core.clock import day_of
from tollcentre.messages.codecs import exchange
from tollcentre.simulation.ministry.terms import Planted


@pytest.fixture(scope="module")
def worked(worlds):
    """Five days of uploads, and eight more until all is ruled."""
    w = worlds(dispute_ppm=60_000, faulty_ppm=200_000, booking_after_s=(60, 90_000))
    for _ in range(5):
        for issuer in ("610101", "630101", ISSUER):
            w.centre.upload(25, w.moment, issuer)
        w.live(24, step_s=7200)
    w.live(8 * 24, step_s=7200)
    w.centre.send(w.post)
    return w


def test_both_sides_end_with_the_same_figures(worked):
    w = worked
    found = w.report()
    closed = found["closed_through"]
    own = {name: figure for name, figure in w.centre.settled.items() if name[2] <= closed}
    assert w.centre.said_statistics() == own
    assert {name[0] for name in own} == {"receivable", "payable"}
    assert set(w.centre.states.values()) == {"confirmed", "paid", "bad_debt", "disputed"}
    assert not found["findings"]
    assert not found["unacknowledged"]
    assert not w.centre.refused
    assert not w.centre.outbox


def test_the_report_counts_what_the_other_side_counted(worked):
    found = worked.report()
    counted = {
        (side, row["counterparty"], row["clear_date"]): [
            row["confirmed_count"] + row["ruled_pay_count"],
            row["confirmed_fen"] + row["ruled_pay_fen"],
        ]
        for side, rows in found["days"].items() for row in rows
        if row["confirmed_count"] + row["ruled_pay_count"]
    }  # fmt: skip
    assert counted == dict(worked.centre.settled)


def test_a_right_issuer_finds_everything_that_was_planted(worked):
    truth = [row for row in worked.report()["booking_truth"] if row["verdict"] != "open"]
    assert {row["verdict"] for row in truth} == {"right"}
    assert {row["planted"] for row in truth} == {"", *Planted}


def test_trades_of_our_own_issuer_come_back_to_be_booked_and_are_answered_once(world):
    w = world(media=())
    exit_id = w.centre.upload(5, w.moment, ISSUER)
    w.live(2)
    kinds = [parcel.envelope.kind for parcel in w.centre.taken.values()]
    assert kinds == ["trades_to_book", "booking_result"]
    passed, answer = w.centre.taken.values()
    assert passed.envelope.receiver_id == ISSUER
    assert passed.records == w.centre.sent[exit_id].records
    assert passed.fields["toll_province_id"] == OWN
    assert answer.fields["of_message_id"] == exit_id
    assert (answer.fields["count"], answer.fields["disputed_count"]) == (5, 0)


def test_a_trade_that_came_before_is_disputed_as_the_same(world):
    w = world(media=(), dispute_ppm=0)
    w.centre.upload(3, w.moment)
    w.centre.number -= 2
    second = w.centre.upload(3, w.moment)
    w.live(30)
    disputed = {
        parcel.fields["of_message_id"]: [record["reason"] for record in parcel.records]
        for parcel in w.centre.taken.values() if parcel.envelope.kind == "booking_result"
    }  # fmt: skip
    assert disputed[second] == [2, 2]
    assert sum(len(reasons) for reasons in disputed.values()) == 2


def serving(number, toll_party, fee):
    return {
        "pass_id": f"01{number:034d}", "toll_province_id": toll_party, "count": 3,
        "pay_fee": fee + 10, "discount_fee": 10, "fee": fee,
        "unit_group": ("G003062001001320",), "fee_group": (fee,),
    }  # fmt: skip


def test_journeys_that_paid_elsewhere_are_split_as_we_say_but_for_a_share(world):
    w = world(media=(), split_differs_ppm=100_000, split_after_days=(1, 2))
    records = [serving(n, OWN if n % 4 == 0 else "610201", 100 + n) for n in range(200)]
    w.centre.queue("serving_sum", "62-sum-1", {"clear_date": day_of(START)}, records)
    w.live(4 * 24, step_s=3600)
    split = {
        record["pass_id"]: record["fee"]
        for parcel in w.centre.taken.values() if parcel.envelope.kind == "split_result"
        for record in parcel.records
    }  # fmt: skip
    ours = {r["pass_id"]: r["fee"] for r in records if r["toll_province_id"] != OWN}
    assert split.keys() == ours.keys()
    differ = {name: fee for name, fee in split.items() if fee != ours[name]}
    assert 5 <= len(differ) <= 30
    truth = {row["pass_id"]: row["split_fee"] for row in w.report()["split_truth"]}
    assert truth == differ


def test_a_sum_that_comes_after_the_split_is_found(world):
    w = world(media=(), split_after_days=(1, 1))
    for number, fee in enumerate((100, 120, 140)):
        record = serving(1, "610201", fee)
        w.centre.queue("serving_sum", f"62-sum-{number}", {"clear_date": day_of(START)}, [record])
        w.live(20)
    (row,) = w.report()["splits"]
    assert (row["fee"], row["split_fee"]) == (120, 120)
    assert [row["what"] for row in w.report()["findings"]] == ["sum_after_split"]


def test_holdings_are_listed_each_day_and_compared(world):
    w = world()
    exit_id = w.centre.upload(4, w.moment)
    w.live(48)
    listed = {
        record["message_id"]
        for parcel in w.centre.taken.values() if parcel.envelope.kind == "holdings"
        for record in parcel.records
    }  # fmt: skip
    assert exit_id in listed
    assert listed <= set(w.centre.sent) | set(w.centre.taken)
    said = w.centre.sent[exit_id].envelope
    held = [
        {"message_id": exit_id, "kind": said.kind, "count": 4, "amount": said.amount_fen + 1,
         "digest": said.digest},
        {"message_id": "62-unknown", "kind": "exit_upload", "count": 1, "amount": 1,
         "digest": "0" * 64},
    ]  # fmt: skip
    w.centre.queue("holdings", "62-held", {"day": day_of(w.moment)}, held, at=w.moment)
    w.step(60)
    found = w.report()
    assert [(row["message_id"], row["how"]) for row in found["held_there_only"]] == [
        ("62-unknown", "not here"), (exit_id, "differs"),
    ]  # fmt: skip
    never_listed = {row["message_id"] for row in found["held_here_only"]}
    assert never_listed
    assert exit_id not in never_listed


def test_a_confirmation_after_the_day_was_closed_counts_on_the_first_open_day(world):
    w = world()
    w.live(3)
    kept = dict(w.centre.outbox)
    w.centre.outbox.clear()
    w.live(48)
    (booking_id, body), *_ = kept.items()
    assert exchange.decode_receipt(w.post(body)).result == 1
    (finding,) = w.report()["findings"]
    assert finding["what"] == "confirmed_late"
    said = w.centre.sent[booking_id]
    assert finding["subject"] == said.fields["of_message_id"]
    assert finding["detail"] == "2026-11-01 counted on 2026-11-03"


def decisions(w):
    """What the seed decided: reasons, rulings, splits, planted faults, by name."""
    with w.ministry.store.reading() as db:
        return [
            [tuple(row) for row in db.execute(query)]
            for query in (
                "SELECT transaction_id, planted, reason, state FROM trade ORDER BY 1",
                "SELECT pass_id, split_fee FROM journey ORDER BY 1",
                "SELECT name, subject FROM fault ORDER BY 1, 2",
                "SELECT cause, message_id, fault FROM outgoing ORDER BY 1",
            )
        ]


@pytest.mark.slow
def test_the_same_seed_decides_the_same_at_another_pace_and_another_seed_otherwise(world):
    found = []
    for seed, step_s in ((5, 3600), (5, 7200), (6, 14_400)):
        w = world(
            seed=seed, dispute_ppm=100_000, faulty_ppm=100_000,
            split_differs_ppm=100_000, ruling_after_days=(1, 2), split_after_days=(1, 2),
            delay_s=(60, 600),
        )  # fmt: skip
        w.change(sending=dict.fromkeys(w.plan.sending, 50_000))
        w.centre.upload(40, w.moment)
        records = [serving(n, "610201", 100 + n) for n in range(50)]
        w.centre.queue("serving_sum", "62-sum-1", {"clear_date": day_of(START)}, records)
        w.live(4 * 24, step_s=step_s)
        w.live(2, step_s=600)
        found.append(decisions(w))
    assert found[0] == found[1]
    assert all(one != other for one, other in zip(found[0], found[2], strict=True))


def test_a_message_refused_changes_nothing_and_its_id_stays_free(world):
    w = world(media=())
    fields = {"clear_date": day_of(START), "split_no": 1}
    wrong = message("exit_upload", "62-free", fields, [], receiver="620101")
    assert exchange.decode_receipt(w.post(wrong)).result == 2
    assert (
        exchange.decode_receipt(w.post(message("exit_upload", "62-free", fields, []))).result == 1
    )


def test_a_positive_net_is_paid_through_the_bank_once_and_a_negative_one_is_told(world):
    w = world(dispute_ppm=0, booking_after_s=(60, 600))
    folder = w.folder.parent / "incoming"
    w.ministry = replace(w.ministry, bank_folder=folder)
    w.centre.upload(3000, w.moment)
    w.live(60)
    nets = {row["clear_date"]: row for row in w.report()["nets"]}
    said = w.centre.said_statistics()
    for day, row in nets.items():
        sides = {"receivable": 0, "payable": 0}
        for (side, _, of), (_, fen) in said.items():
            sides[side] += fen if of == day else 0
        assert (row["receivable"], row["payable"]) == (sides["receivable"], sides["payable"])
    assert {row["net"] > 0 for row in nets.values()} == {True, False}
    paid = {}
    for path in folder.iterdir():
        (line,) = csv.DictReader(path.read_text(encoding="utf-8").splitlines())
        paid[line["reference"]] = int(line["amount_fen"])
    assert paid == {f"000000:{day}": row["net"] for day, row in nets.items() if row["net"] > 0}
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    with w.ministry.store.writing() as db:
        db.execute("UPDATE net SET file = NULL")
    w.ministry.work()
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before
    negative = next(row for row in nets.values() if row["net"] < 0)
    w.ministry = replace(w.ministry, paid_folders=(w.folder.parent / "outgoing",))
    for number, (what, times) in enumerate((("paid", 1), ("returned", 0), ("paid", 1))):
        listed(w.folder.parent / "outgoing" / f"bank-a_{number}.csv", negative, what)
        w.ministry.work()
        w.ministry.work()
        paid_in = {row["clear_date"]: row["paid_in"] for row in w.report()["nets"]}
        assert paid_in.pop(negative["clear_date"]) == -negative["net"] * times
        assert not any(paid_in.values())
    assert not w.report()["findings"]
    listed(w.folder.parent / "outgoing" / "bank-a_4.csv", negative, "paid")
    w.ministry.work()
    assert [one["what"] for one in w.report()["findings"]] == ["payment_misfit"]


def listed(path, net, what):
    """A bank lists that a day's net was paid to the ministry, or came back."""
    path.parent.mkdir(exist_ok=True)
    day = net["clear_date"].replace("-", "")
    path.write_text(
        "instruction_id,amount_fen,serial,what\n"
        f"000000-{day}-1,{-net['net']},1,{what}\n"
        f"620301-{day}-1,{-net['net']},2,paid\n",
        encoding="utf-8",
    )


def evidence_on(of_message, names, fees, **given):
    return [
        {"transaction_id": name, "of_message_id": of_message, "fee": fees[name], "position": 0,
         "reason": "reads are whole", "evidence_digest": "0" * 64, "facts": ("reads=3",)} | given
        for name in names
    ]  # fmt: skip


def test_evidence_before_the_ruling_makes_being_paid_likelier(world):
    paid = []
    for speaks in (False, True):
        w = world(media=(), dispute_ppm=1_000_000, ruling_after_days=(2, 2), booking_after_s=(1, 1),
                  bad_debt_ppm=1_000_000, bad_debt_with_evidence_ppm=0)  # fmt: skip
        exit_id = w.centre.upload(20, w.moment)
        w.live(2)
        fees = {r["transaction_id"]: r["fee"] for r in w.centre.sent[exit_id].records}
        if speaks:
            records = evidence_on(exit_id, list(fees)[:12], fees)
            w.centre.queue(
                "dispute_evidence", "62-evidence", {"clear_date": day_of(START)}, records
            )
        w.live(4 * 24)
        found = [
            record["result"]
            for parcel in w.centre.taken.values()
            if parcel.envelope.kind == "dispute_result"
            for record in parcel.records
        ]
        assert len(found) == 20
        paid.append(found.count(0))
    assert paid == [0, 12]


def test_evidence_on_a_trade_that_is_none_of_the_message_is_refused(world):
    w = world(media=())
    records = evidence_on("62-none", ["x"], {"x": 100})
    body = message("dispute_position", "62-position", {"clear_date": day_of(START)}, records)
    assert exchange.decode_receipt(w.post(body)).result == 4
