"""The drill: take database and lake as one point, lose everything, bring it back, verify."""

import json
import shutil
import stat
import subprocess
import time
from pathlib import Path

import pytest

from .conftest import WORK, Home, NewHome

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


@pytest.fixture
def filled(new_home: NewHome) -> Home:
    home = new_home("filled")
    home.work("sign_in")
    home.work("post", "0", "12", "files")
    (home.path / "reports").mkdir()
    (home.path / "reports" / "refused.csv").write_text("row,reason\n", encoding="utf-8")
    return home


def refused(done: "subprocess.CompletedProcess[str]", code: str) -> None:
    assert done.returncode == 2, done.stderr
    assert done.stderr.startswith(f"tollcentre: {code}")
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize("name", ["folder", "one.tar"])
def test_drill(filled: Home, new_home: NewHome, tmp_path: Path, name: str) -> None:
    before = filled.work("digests")
    out = tmp_path / name
    taken = filled.tollcentre("backup", "--out", out, "--json")
    assert taken.returncode == 0, taken.stderr
    answer = json.loads(taken.stdout)
    assert answer["keys_included"] is False
    assert answer["files"] > 12
    filled.work("post", "12", "15", "files")

    home = new_home("brought-back", set_up=False)
    done = home.tollcentre("restore-backup", out, "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {
        "home": str(home.path),
        "files": answer["files"],
        "holds": True,
    }
    assert home.work("digests") == before
    assert home.work("count_sessions") == 0
    assert (home.path / "reports" / "refused.csv").read_text(encoding="utf-8") == "row,reason\n"
    assert not (home.path / "keys" / "demo-passwords.txt").exists()
    assert sorted(p.name for p in home.path.iterdir() if p.name.startswith(".")) == []

    home.work("post", "12", "15", "files")
    home.work("sign_in")
    assert home.work("digests")["balances"] == filled.work("digests")["balances"]
    assert home.tollcentre("verify").returncode == 0
    refused(home.tollcentre("restore-backup", out), "home_not_empty")


def test_a_backup_taken_while_days_are_posted_is_one_point(
    new_home: NewHome, tmp_path: Path
) -> None:
    home = new_home("busy")
    writer = home.start(str(WORK), "post", "0", "400", "files")
    try:
        assert writer.stderr is not None
        for _number in range(5):
            writer.stderr.readline()
        done = home.tollcentre("backup", "--out", tmp_path / "b")
        assert writer.poll() is None, "the writer should still be posting"
    finally:
        writer.kill()
        writer.communicate()
    assert done.returncode == 0, done.stderr
    back = new_home("back", set_up=False)
    done = back.tollcentre("restore-backup", tmp_path / "b")
    assert done.returncode == 0, done.stderr
    balances = back.work("digests")["balances"]
    assert balances["receivable.issuer.620101"] > 0
    assert home.tollcentre("verify").returncode == 0


def test_a_damaged_backup_is_refused_and_leaves_the_home_empty(
    filled: Home, new_home: NewHome, tmp_path: Path
) -> None:
    out, tar = tmp_path / "b", tmp_path / "b.tar"
    assert filled.tollcentre("backup", "--out", out, "--with-keys").returncode == 0
    assert filled.tollcentre("backup", "--out", tar).returncode == 0
    assert stat.S_IMODE(tar.stat().st_mode) == 0o600
    assert stat.S_IMODE(out.stat().st_mode) == 0o700
    refused(filled.tollcentre("backup", "--out", out), "backup_out_exists")
    home = new_home("empty", set_up=False)

    damaged = tmp_path / "damaged"
    shutil.copytree(out, damaged)
    lake_file = next((damaged / "lake").rglob("*.parquet"))
    data = bytearray(lake_file.read_bytes())
    data[len(data) // 2] ^= 1
    lake_file.write_bytes(data)
    refused(home.tollcentre("restore-backup", damaged), "backup_damaged")
    lake_file.unlink()
    refused(home.tollcentre("restore-backup", damaged), "backup_damaged")
    (damaged / "manifest.json").write_text("{}", encoding="utf-8")
    refused(home.tollcentre("restore-backup", damaged), "not_a_backup")
    tar.write_bytes(tar.read_bytes()[: tar.stat().st_size // 2])
    refused(home.tollcentre("restore-backup", tar), "not_a_backup")
    assert not (home.path / "lake").exists()

    manifest = json.loads((out / "manifest.json").read_text(encoding="utf-8"))
    newer = tmp_path / "newer"
    shutil.copytree(out, newer)
    manifest["migrations"].append(["ledger", "9999_later"])
    (newer / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    refused(home.tollcentre("restore-backup", newer), "backup_newer_than_program")

    assert home.tollcentre("restore-backup", out).returncode == 0
    passwords = "keys/demo-passwords.txt"
    assert (home.path / passwords).read_text() == (filled.path / passwords).read_text()
    assert stat.S_IMODE((home.path / passwords).stat().st_mode) == 0o600


def test_a_lake_that_is_not_as_registered_is_not_backed_up(filled: Home, tmp_path: Path) -> None:
    next((filled.path / "lake").rglob("*.parquet")).unlink()
    refused(filled.tollcentre("backup", "--out", tmp_path / "b"), "lake_file_changed")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["filled"]
    done = filled.tollcentre("verify", "--json")
    assert done.returncode == 1
    assert json.loads(done.stdout)["failed"] == "lake_files_present"


def test_many_processes_make_one_chain(new_home: NewHome) -> None:
    home = new_home("many")
    spans = [("0", "24"), ("8", "32"), ("0", "32"), ("16", "32")]
    workers = [home.start(str(WORK), "post", *span) for span in spans]
    for worker in workers:
        _out, told = worker.communicate(timeout=120)
        assert worker.returncode == 0, told
    alone = new_home("alone")
    alone.work("post", "0", "32")
    assert home.work("digests") == alone.work("digests")
    assert home.tollcentre("verify").returncode == 0


def test_killed_and_run_again_is_as_if_never_killed(new_home: NewHome) -> None:
    home = new_home("killed")
    for pause in (0.0, 0.01, 0.03, 0.07, 0.15):
        worker = home.start(str(WORK), "post", "0", "400", "files")
        assert worker.stderr is not None
        worker.stderr.readline()
        time.sleep(pause)
        worker.kill()
        worker.communicate()
    home.work("post", "0", "40", "files")
    done = home.tollcentre("verify", "--json")
    assert done.returncode == 0, done.stdout
    last = sum(1 for _ in (home.path / "lake" / "share").rglob("*.parquet"))
    alone = new_home("alone")
    home.work("post", "0", str(last), "files")
    alone.work("post", "0", str(last), "files")
    assert home.work("digests") == alone.work("digests")
