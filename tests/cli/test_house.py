"""`setup` and `serve` as a person starts them."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tollcentre.cli.serve import is_loopback

PROGRAM = Path(sys.executable).parent / "tollcentre"


def run(home: Path, *words: str) -> "subprocess.CompletedProcess[str]":
    """One verb in a home of its own, on SQLite."""
    environment = os.environ | {"TOLLCENTRE_HOME": str(home), "TOLLCENTRE_DATABASE_URL": ""}
    return subprocess.run(
        [PROGRAM, *words], env=environment, capture_output=True, text=True, timeout=120, check=False
    )


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def parent_of(pid: int) -> int:
    """The parent of a process; 0 where the process is gone, or ended and not yet collected."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text("utf-8")
    except (FileNotFoundError, ProcessLookupError):
        return 0
    state, parent = text.rpartition(")")[2].split()[:2]
    return 0 if state == "Z" else int(parent)


def children_of(pid: int) -> list[int]:
    """The processes that this one started."""
    pids = [int(path.name) for path in Path("/proc").iterdir() if path.name.isdigit()]
    return [child for child in pids if parent_of(child) == pid]


def wait_until(what: str, seconds: int, holds: Callable[[], object]) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, f"not in {seconds} s: {what}"
        time.sleep(0.1)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home that was set up once."""
    folder = tmp_path_factory.mktemp("home")
    done = run(folder, "setup", "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["home"] == str(folder)
    return folder


@pytest.fixture
def server(home: Path) -> Iterator[tuple["subprocess.Popen[str]", int]]:
    """A server in that home and its port; killed at the end if it still runs."""
    port = free_port()
    environment = os.environ | {"TOLLCENTRE_HOME": str(home), "TOLLCENTRE_DATABASE_URL": ""}
    process = subprocess.Popen(
        [PROGRAM, "serve", "--port", str(port)],
        env=environment, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        assert process.stdout is not None
        assert f"http://127.0.0.1:{port}/" in process.stdout.readline()
        yield process, port
    finally:
        process.kill()
        process.wait()


@pytest.mark.parametrize(
    ("host", "inside"),
    [
        ("127.0.0.1", True),
        ("127.8.0.1", True),
        ("::1", True),
        ("localhost", True),
        ("0.0.0.0", False),
        ("::", False),
        ("10.1.2.3", False),
        ("tolls.example", False),
    ],
)
def test_only_this_machine_is_loopback(host: str, inside: bool) -> None:
    assert is_loopback(host) is inside


def test_setup_may_be_repeated(home: Path) -> None:
    first = run(home, "setup", "--json")
    assert (first.returncode, first.stdout) == (0, run(home, "setup", "--json").stdout)


def test_a_home_that_is_not_set_up_is_not_served(tmp_path: Path) -> None:
    done = run(tmp_path, "serve", "--port", str(free_port()))
    assert done.returncode == 2
    assert done.stderr.startswith("tollcentre: home_not_set_up: ")
    assert done.stderr.count("\n") == 1


@pytest.mark.slow
def test_demo_accounts_keep_the_server_on_loopback(tmp_path: Path) -> None:
    assert run(tmp_path, "setup").returncode == 0
    seed = (
        "import os, pathlib\n"
        "from tollcentre.cli.main import start_django\n"
        "start_django()\n"
        "from tollcentre.access.actions import seed_demo_users\n"
        "seed_demo_users(pathlib.Path(os.environ['TOLLCENTRE_HOME']))\n"
    )
    environment = os.environ | {"TOLLCENTRE_HOME": str(tmp_path), "TOLLCENTRE_DATABASE_URL": ""}
    subprocess.run([sys.executable, "-c", seed], env=environment, check=True)
    done = run(tmp_path, "serve", "--host", "0.0.0.0", "--port", str(free_port()))
    assert done.returncode == 2
    assert done.stderr.startswith("tollcentre: demo_users_present: ")


def test_a_taken_address_is_refused(home: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        done = run(home, "serve", "--port", str(taken.getsockname()[1]))
    assert done.returncode == 2
    assert done.stderr.startswith("tollcentre: address_not_available: ")


@pytest.mark.slow
def test_the_server_answers_and_stops_with_its_worker(
    server: tuple["subprocess.Popen[str]", int],
) -> None:
    process, port = server
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/login", timeout=20) as answer:
        assert (answer.status, answer.headers["Content-Language"]) == (200, "zh-hans")
    (worker,) = children_of(process.pid)
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=40) == 0
    assert parent_of(worker) == 0


@pytest.mark.slow
def test_the_worker_ends_when_the_server_is_killed(
    server: tuple["subprocess.Popen[str]", int],
) -> None:
    process, _port = server
    wait_until("a worker runs", 20, lambda: children_of(process.pid))
    (worker,) = children_of(process.pid)
    process.kill()
    process.wait()
    wait_until("the worker is gone", 30, lambda: parent_of(worker) == 0)
