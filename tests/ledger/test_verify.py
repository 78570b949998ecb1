"""`tollcentre verify` names the first law that fails and exits 1."""

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest
from click.testing import CliRunner
from django.db.models import F

from tollcentre.access.models import TrailRow
from tollcentre.cli import verify as verb
from tollcentre.core.law import Law
from tollcentre.daily_run.models import Run
from tollcentre.daily_run.terms import RunState
from tollcentre.lake.actions import write_table
from tollcentre.lake.models import LakeFile
from tollcentre.ledger.actions import post_batch
from tollcentre.ledger.models import PostingEntry
from tollcentre.ledger.terms import PostingLine
from tollcentre.messages.queries import KeyCollision

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def lake(settings: object, tmp_path: Path) -> Path:
    settings.LAKE_ROOT = tmp_path  # type: ignore[attr-defined]
    for day in (21, 22):
        write_table(
            relation="share",
            partition=f"clear_date=2026-11-{day}",
            run_key="run",
            table=pa.table({"fee": pa.array([1, 2, 3], pa.int64())}),
        )
    post_batch(
        batch_key="run",
        clear_date=date(2026, 11, 22),
        lines=[
            PostingLine("receivable.issuer.620101", "debit", 6, issuer_id="620101"),
            PostingLine("payable.owner.1", "credit", 6, owner_id="1"),
        ],
        actor="clerk",
    )
    return tmp_path


def first_file(lake: Path) -> Path:
    return sorted(lake.rglob("*.parquet"))[0]


def test_all_laws_hold_in_words_and_as_json() -> None:
    plain = CliRunner().invoke(verb.verify)
    assert plain.exit_code == 0, plain.output
    assert plain.stdout.splitlines()[-1] == "全部成立 / all 49 laws hold"
    answer = json.loads(CliRunner().invoke(verb.verify, ["--json"]).stdout)
    assert (answer["holds"], answer["failed"]) == (True, None)
    assert [law["name"] for law in answer["laws"]] == list(verb.TITLES)[:49]
    assert all(law["zh"] != law["name"] for law in answer["laws"])


def entry(lake: Path) -> None:
    PostingEntry.objects.filter(debit_fen=6).update(debit_fen=F("debit_fen") + 1)


def trail(lake: Path) -> None:
    TrailRow.objects.filter(seq=1).update(actor="nobody")


def removed(lake: Path) -> None:
    first_file(lake).unlink()


def changed(lake: Path) -> None:
    data = bytearray(first_file(lake).read_bytes())
    data[10] ^= 1
    first_file(lake).write_bytes(data)


def recounted(lake: Path) -> None:
    LakeFile.objects.filter(partition="clear_date=2026-11-22").update(rows=4)


@pytest.mark.parametrize(
    ("change", "law"),
    [
        (entry, "ledger_batches_balance"),
        (trail, "trail_chain"),
        (removed, "lake_files_present"),
        (changed, "lake_files_unchanged"),
        (recounted, "lake_files_row_counts"),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_the_first_broken_law_is_named(
    change: Callable[[Path], None], law: str, lake: Path
) -> None:
    change(lake)
    plain = CliRunner().invoke(verb.verify)
    zh, en = verb.TITLES[law]
    assert plain.exit_code == 1
    assert len(plain.stderr.splitlines()) == 1
    assert plain.stderr.startswith(f"tollcentre: {law}: {zh} / {en}: ")
    answer = json.loads(CliRunner().invoke(verb.verify, ["--json"]).stdout)
    assert (answer["holds"], answer["failed"]) == (False, law)
    assert answer["laws"][-1]["name"] == law


def some_runs(**states: RunState) -> None:
    """Runs of one day under these keys, the oldest first."""
    Run.objects.bulk_create(
        Run(run_key=key, state=state, clear_date=date(2026, 11, 22))
        for key, state in states.items()
    )


def test_the_laws_of_every_finished_run_are_checked(monkeypatch: pytest.MonkeyPatch) -> None:
    some_runs(r1=RunState.DONE, r2=RunState.STOPPED)
    monkeypatch.setattr(
        verb, "run_laws", lambda key: [Law(f"posted_is_netted:{key}", False, "5 ≠ 6")]
    )
    plain = CliRunner().invoke(verb.verify)
    assert plain.exit_code == 1
    assert plain.stderr == (
        "tollcentre: posted_is_netted:r1: 逐科目已记账 = 已轧差（r1） / "
        "posted = netted, account by account (r1): 5 ≠ 6\n"
    )

    def unreadable(key: str) -> list[Law]:
        raise duckdb.IOException("IO Error: no file\nmore lines")

    monkeypatch.setattr(verb, "run_laws", unreadable)
    plain = CliRunner().invoke(verb.verify)
    assert plain.exit_code == 1
    assert plain.stderr.startswith("tollcentre: run_files_readable:r1: ")
    assert plain.stderr.endswith("IO Error: no file\n")


def test_the_oldest_of_many_runs_is_checked_too(monkeypatch: pytest.MonkeyPatch) -> None:
    some_runs(**{f"r{number:04d}": RunState.DONE for number in range(1_001)})
    monkeypatch.setattr(verb, "run_laws", lambda key: [Law(f"any:{key}", key != "r0000", "")])
    answer = json.loads(CliRunner().invoke(verb.verify, ["--json"]).stdout)
    assert answer["failed"] == "any:r0000"


def test_two_ids_under_one_key_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    collision = KeyCollision("gantry_trade", "pass_key", 7, ("A", "B"))
    monkeypatch.setattr(verb, "landed_days", lambda: [date(2026, 11, 22)])
    monkeypatch.setattr(verb, "key_collisions", lambda day: [collision])
    answer = CliRunner().invoke(verb.verify, ["--json"])
    assert answer.exit_code == 1
    assert "keys_are_one_to_one:2026-11-22" in answer.stdout
    assert "pass_key A, B" in answer.stdout
