"""Plan, media, keys, clock and state are refused by name where they cannot be used."""

import pytest

from tests.simulation.ministry.conftest import MEDIA, write_keys
from tollcentre.core.refusal import Refusal
from tollcentre.simulation.counterpart.chance import MILLION, Chance
from tollcentre.simulation.counterpart.clock import Clock
from tollcentre.simulation.counterpart.store import Store
from tollcentre.simulation.ministry.media import Payment, read_media, signer
from tollcentre.simulation.ministry.plan import read_plan
from tollcentre.simulation.ministry.report import report
from tollcentre.simulation.ministry.service import FILE, SCHEMA
from tollcentre.simulation.ministry.terms import REASON_OF, Planted, Receiving, Sending


def refusal(act, *given, **named):
    with pytest.raises(Refusal) as caught:
        act(*given, **named)
    return caught.value.code, caught.value.field


def test_the_house_plan_names_every_fault_and_every_kind_that_is_planted():
    plan = read_plan()
    assert set(plan.receiving) == set(Receiving)
    assert set(plan.sending) == set(Sending)
    assert set(plan.faulty_kinds) == set(Planted) == set(REASON_OF)
    assert all(plan.receiving.values())
    assert all(plan.sending.values())
    quiet = read_plan(faults=False)
    assert not any([*quiet.receiving.values(), *quiet.sending.values()])


def test_a_file_changes_what_it_names_and_leaves_the_rest(tmp_path):
    path = tmp_path / "plan.yaml"
    path.write_text("dispute_ppm: 7\nsending: {delay: 9}\ndelay_s: [1, 2]\n", encoding="utf-8")
    plan, house = read_plan(path), read_plan()
    assert (plan.dispute_ppm, plan.sending[Sending.delay], plan.delay_s) == (7, 9, (1, 2))
    assert plan.sending[Sending.reorder] == house.sending[Sending.reorder]
    assert plan.receiving == house.receiving


@pytest.mark.parametrize(
    ("text", "code", "field"),
    [
        ("dispute_share: 1", "unknown_plan_value", "dispute_share"),
        ("sending: {explode: 1}", "unknown_plan_value", "explode"),
        ("sending: 4", "plan_value_of_wrong_shape", "sending"),
        ("sending: {delay: 0.5}", "plan_value_of_wrong_shape", "delay"),
        ("dispute_ppm: -1", "plan_value_of_wrong_shape", "dispute_ppm"),
        ("dispute_ppm: 1000001", "plan_value_of_wrong_shape", "dispute_ppm"),
        ("dispute_ppm: yes", "plan_value_of_wrong_shape", "dispute_ppm"),
        ("delay_s: [5, 4]", "plan_value_of_wrong_shape", "delay_s"),
        ("delay_s: 5", "plan_value_of_wrong_shape", "delay_s"),
        ("provinces: []", "plan_value_of_wrong_shape", "provinces"),
        ("trades_per_day: 80001", "plan_value_of_wrong_shape", "trades_per_day"),
        ("dispute_reasons: {99: 1}", "unknown_plan_value", "99"),
        ("- 1", "plan_value_of_wrong_shape", "plan.yaml"),
        ("a: [", "file_unreadable", "faults"),
    ],
)
def test_a_plan_that_cannot_be_used_is_refused(tmp_path, text, code, field):
    path = tmp_path / "plan.yaml"
    path.write_text(text, encoding="utf-8")
    assert refusal(read_plan, path) == (code, field)


def test_weights_must_leave_something_to_choose(tmp_path):
    path = tmp_path / "plan.yaml"
    weights = ", ".join(f"{kind}: 0" for kind in Planted)
    path.write_text(f"faulty_kinds: {{{weights}}}", encoding="utf-8")
    assert refusal(read_plan, path) == ("plan_value_of_wrong_shape", "faulty_kinds")


HEADER = "medium_number,card_number,plate,vehicle_type,issuer\n"


@pytest.mark.parametrize(
    ("row", "field"),
    [
        ("x,62010000000000000001,甘A00001_0,1,620101", "medium_number"),
        ("6201000000000001,123,甘A00001_0,1,620101", "card_number"),
        ("6201000000000001,62010000000000000001,,1,620101", "plate"),
        ("6201000000000001,62010000000000000001,甘A00001_0,客1,620101", "vehicle_type"),
        ("6201000000000001,62010000000000000001,甘A00001_0,1", "issuer"),
    ],
)
def test_media_that_cannot_be_used_are_refused_by_row_and_column(tmp_path, row, field):
    path = tmp_path / "media.csv"
    path.write_text(HEADER + row + "\n", encoding="utf-8")
    assert refusal(read_media, path) == ("medium_unusable", field)


def test_media_are_read_by_issuer(tmp_path):
    path = tmp_path / "media.csv"
    lines = [
        f"{m.medium_number},{m.card_number},{m.plate},{m.vehicle_type},{m.issuer}" for m in MEDIA
    ]
    path.write_text(HEADER + "\n".join(lines) + "\n", encoding="utf-8")
    assert read_media(path) == {"620101": MEDIA}
    assert refusal(read_media, tmp_path / "none.csv") == ("file_unreadable", "media")


def test_keys_must_hold_every_issuer_of_the_media(tmp_path):
    keys = write_keys(tmp_path / "keys.json")
    assert refusal(signer, keys, ["620102"])[0] == "no_such_master_key"
    assert refusal(signer, tmp_path / "none.json", ["620101"])[0] == "master_keys_missing"
    payment = Payment("620101", 1, "6201" + "0" * 16, 100, "09", "0" * 12, "0" * 8, 0)
    assert len(signer(keys, ["620101"])(payment)) == 8


def test_a_clock_file_gives_the_moment_and_keeps_the_last_while_it_is_written(tmp_path):
    path = tmp_path / "clock"
    clock = Clock(lambda: 1, path)
    assert refusal(clock.now) == ("clock_unreadable", "clock")
    path.write_text("1700000000\n", encoding="ascii")
    assert clock.now() == 1_700_000_000
    path.write_text("", encoding="ascii")
    assert clock.now() == 1_700_000_000
    assert Clock(lambda: 1).now() == 1


def test_a_state_goes_on_with_its_own_seed_only(tmp_path):
    Store.open(tmp_path, 5, FILE, SCHEMA)
    Store.open(tmp_path, 5, FILE, SCHEMA)
    assert refusal(Store.open, tmp_path, 6, FILE, SCHEMA) == ("state_of_another_run", "seed")
    assert refusal(Store.of_run, tmp_path / "none", FILE) == ("no_state", "state")
    with Store.open(tmp_path, 5, FILE, SCHEMA).reading() as db:
        assert not list(db.execute("SELECT * FROM taken"))


def test_the_report_of_a_run_that_did_nothing_is_empty(world):
    found = report(world().ministry.store)
    assert (found["seed"], found["days"]) == (5, {"receivable": [], "payable": []})


def test_chance_is_even_and_depends_on_seed_and_name_alone():
    chance = Chance(1)
    hits = sum(chance.happens(MILLION // 4, "x", n) for n in range(4000))
    assert 900 < hits < 1100
    assert {chance.between((3, 5), n) for n in range(100)} == {3, 4, 5}
    assert {chance.weigh({"a": 1, "b": 0, "c": 1}, n) for n in range(100)} == {"a", "c"}
    assert [Chance(1).below(99, n) for n in range(9)] == [chance.below(99, n) for n in range(9)]
    assert [Chance(2).below(99, n) for n in range(9)] != [chance.below(99, n) for n in range(9)]
