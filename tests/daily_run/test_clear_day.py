"""A clear day as a clerk lives it: planned, done, done again, killed, restated."""

import json
import random
import sqlite3
import time

import pytest

from .home import DAY, Home, make_home

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def taken_in(tmp_path_factory) -> Home:
    """A home whose day is taken in, late files apart, and not yet cleared."""
    return make_home(tmp_path_factory.mktemp("day"), 400, late=False)


@pytest.fixture(scope="module")
def cleared(taken_in, tmp_path_factory) -> tuple[Home, dict]:
    """The same home with its day cleared, and what the verb reported."""
    home = taken_in.copy(tmp_path_factory.mktemp("cleared") / "home")
    return home, home.json("clear-day", DAY)


def books(home: Home) -> list[tuple]:
    """Every ledger entry with its account and batch, without who wrote it and when."""
    with sqlite3.connect(home.folder / "tollcentre.sqlite3") as con:
        return con.execute(
            "SELECT b.batch_key, b.content_digest, e.line_no, a.code, e.debit_fen, e.credit_fen,"
            " e.owner_id, e.issuer_id, e.province, e.media_type, e.clear_date"
            " FROM ledger_postingentry AS e JOIN ledger_postingbatch AS b ON b.seq = e.batch_id"
            " JOIN ledger_ledgeraccount AS a ON a.id = e.account_id ORDER BY b.seq, e.line_no"
        ).fetchall()


def trail(home: Home) -> list[tuple]:
    """The content of the trail: acts, subjects and details."""
    with sqlite3.connect(home.folder / "tollcentre.sqlite3") as con:
        return con.execute(
            "SELECT act, subject, detail FROM access_trailrow ORDER BY seq"
        ).fetchall()


def test_a_plan_says_what_would_be_done_and_does_nothing(taken_in, tmp_path):
    home = taken_in.copy(tmp_path / "home")
    plan = home.json("clear-day", DAY, "--plan")
    assert plan["already_done"] is False
    assert "unit_split" in plan["steps"]
    assert not (home.folder / "lake" / "unit_split").exists()
    assert home.json("clear-day", DAY)["run_key"] == plan["run_key"]


def test_kernels_give_what_the_relations_give(taken_in):
    proof = taken_in.json("bench", "clear-day", "--here", "--prove")
    assert proof["equal"] is True
    assert proof["rows"]["passage_base"] == 400
    assert proof["rows"]["unit_split"] > 4000


def test_every_law_holds_after_a_clear_day(cleared):
    home, report = cleared
    totals = report["control_totals"]
    assert totals["passages"] == 400
    assert totals["collected_here"] == (
        totals["own_units_here"] + totals["payable_to_provinces"] + totals["held_in_review"]
    )
    assert totals["receivable_from_provinces"] == totals["own_units_elsewhere"]
    assert totals["unit_shares"] == totals["owner_shares"]
    home.run("verify")


def test_clearing_twice_is_clearing_once(cleared):
    home, report = cleared
    before = books(home), trail(home), home.digests(report["run_key"])
    again = home.json("clear-day", DAY)
    assert again["already_done"] is True
    assert (books(home), trail(home), home.digests(report["run_key"])) == before


def test_the_same_input_gives_the_same_bytes(cleared, taken_in, tmp_path):
    home, report = cleared
    other = taken_in.copy(tmp_path / "home")
    run_key = other.json("clear-day", DAY)["run_key"]
    assert run_key == report["run_key"]
    assert other.digests(run_key) == home.digests(run_key)
    assert books(other) == books(home)


def test_a_run_that_is_killed_again_and_again_ends_as_if_it_never_was(cleared, taken_in, tmp_path):
    home, report = cleared
    killed = taken_in.copy(tmp_path / "home")
    chance = random.Random(20)
    for _ in range(20):
        process = killed.start("clear-day", DAY)
        time.sleep(chance.uniform(0.8, 6.0))
        process.kill()
        process.communicate()
    killed.run("clear-day", DAY)
    run_key = report["run_key"]
    assert killed.digests(run_key) == home.digests(run_key)
    assert books(killed) == books(home)
    assert trail(killed) == trail(home)
    killed.run("verify")


def test_late_records_restate_the_day_and_leave_the_earlier_run_readable(
    cleared, taken_in, tmp_path
):
    home, report = cleared
    restated = home.copy(tmp_path / "home")
    taken = restated.json("intake", taken_in.folder.parent / "records" / "late")
    assert taken["accepted"] > 0
    again = restated.json("clear-day", DAY)
    assert again["run_key"] != report["run_key"]
    assert again["supersedes"] == report["run_key"]
    assert restated.digests(report["run_key"]) == home.digests(report["run_key"])
    restated.run("verify")
    collected = again["control_totals"]["collected_here"]
    with sqlite3.connect(restated.folder / "tollcentre.sqlite3") as con:
        posted = con.execute(
            "SELECT sum(debit_fen) - sum(credit_fen) FROM ledger_postingentry AS e"
            " JOIN ledger_ledgeraccount AS a ON a.id = e.account_id"
            " WHERE a.code LIKE 'receivable.issuer.%' OR a.code LIKE 'receivable.collector%'"
        ).fetchone()[0]
    assert posted == collected


def test_a_day_without_records_is_refused_in_one_plain_line(cleared):
    home, _ = cleared
    line = home.run("clear-day", "2026-10-01", status=2)
    assert "no_records_for_day" in line
    assert len(line.strip().splitlines()) == 1


def test_a_passage_is_explained_to_the_fen(cleared, tmp_path):
    home, _ = cleared
    out = tmp_path / "passages.csv"
    home.run("export", "passages", "--date", DAY, "--out", out)
    header, first = out.read_text(encoding="utf-8-sig").splitlines()[:2]
    pass_id = dict(zip(header.split(","), first.split(","), strict=True))["pass_id"]
    answer = json.loads(home.run("explain", pass_id, "--json"))
    assert sum(row["fee"] for row in answer["split"]) == answer["passage"]["own_fee"]
    sides = {"debit": 0, "credit": 0}
    for row in answer["postings"]:
        sides[row["side"]] += row["amount_fen"]
    assert sides["debit"] == sides["credit"]
    assert "no_such_passage" in home.run("explain", "0" * 36, status=2)
