"""A small province served by the product itself, and Chromium in front of it."""

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Generator, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
CHROMIUM_ABSENT = "Chromium is absent"
ARGUMENTS = ["--no-sandbox", "--headless=new", "--disable-gpu", "--disable-dev-shm-usage"]
DAY = "2026-11-22"
VERSION = "6220260101001"
PASSAGES = 400
SEED_DEMO_USERS = """
import sys
from pathlib import Path
from tollcentre.cli.main import start_django
start_django()
from tollcentre.access.actions import seed_demo_users
from tollcentre.participants.queries import ownership
seed_demo_users(Path(sys.argv[1]), owner_ids=sorted({row.owner_id for row in ownership()})[:1])
"""


@dataclass(frozen=True)
class Served:
    """The address of the console and the demo users' passwords."""

    address: str
    passwords: dict[str, str]
    owner_id: str


@dataclass
class Reader:
    """One reader's browser window, with every address that it asked for."""

    context: BrowserContext
    page: Page
    served: Served
    requested: list[str] = field(default_factory=list)
    troubles: list[str] = field(default_factory=list)

    def sign_in(self, name: str) -> None:
        """Log in as a demo user; argon2 is slow, so the new address is waited for."""
        self.page.goto(f"{self.served.address}/login")
        self.page.fill("#id_username", name)
        self.page.fill("#id_password", self.served.passwords[name])
        self.page.click("form.card .btn.main")
        self.page.wait_for_url(lambda url: "/login" not in url)

    def open(self, path: str) -> int:
        """Go to a page; its HTTP status."""
        answer = self.page.goto(f"{self.served.address}{path}")
        assert answer is not None
        return answer.status


def run_verb(home: Path, *words: str) -> None:
    """One verb of the command line in the home; its own words where it fails."""
    command = [sys.executable, "-m", "tollcentre.cli.main", *words]
    done = subprocess.run(command, env=environment(home), capture_output=True, text=True)
    assert done.returncode == 0, f"{' '.join(words)}\n{done.stdout}\n{done.stderr}"


def environment(home: Path) -> dict[str, str]:
    """The environment of a home with its own SQLite database."""
    return os.environ | {
        "TOLLCENTRE_HOME": str(home),
        "TOLLCENTRE_DATABASE_URL": "",
        "TOLLCENTRE_LAKE_MEMORY_LIMIT": "2GB",
    }


def build_home(folder: Path) -> tuple[Path, str]:
    """A home with network, records of one day and demo users; the road owner's id."""
    home, network, records = folder / "home", folder / "network", folder / "records"
    run_verb(home, "setup")
    run_verb(home, "province", "--out", str(network))
    files = ("units", "relations", "stations", "rates", "gantries", "roads", "discounts")
    options = [word for name in files for word in (f"--{name}", str(network / f"{name}.csv"))]
    run_verb(home, "network", "import", *options, "--version", VERSION,
             "--valid-from", "2026-01-01")  # fmt: skip
    run_verb(home, "simulate", "--day", DAY, "--passages", str(PASSAGES), "--seed", "7",
             "--out", str(records))  # fmt: skip
    run_verb(home, "intake", str(records))
    done = subprocess.run(
        [sys.executable, "-c", SEED_DEMO_USERS, str(home)],
        env=environment(home), capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return home, "6203001"


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def wait_until_served(address: str, process: "subprocess.Popen[bytes]") -> None:
    """Until the login page answers."""
    for _attempt in range(150):
        assert process.poll() is None, "the server ended"
        try:
            with urllib.request.urlopen(f"{address}/login", timeout=2):
                return
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.2)
    raise AssertionError("the server did not answer in time")


@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    """Chromium of this machine; skips where there is none.

    While it is open an event loop runs in this thread, so it is closed with the last test here.
    """
    path = next((found for name in CHROMIUM_NAMES if (found := shutil.which(name))), None)
    if path is None:
        pytest.skip(CHROMIUM_ABSENT)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture(scope="package")
def served(chromium: Browser, tmp_path_factory: pytest.TempPathFactory) -> Generator[Served]:
    """The product serving a home with a day of records that nobody has cleared yet."""
    home, owner_id = build_home(tmp_path_factory.mktemp("served"))
    lines = (home / "keys" / "demo-passwords.txt").read_text(encoding="utf-8").splitlines()
    passwords = dict(line.split(maxsplit=1) for line in lines if not line.startswith("#"))
    port = free_port()
    process = subprocess.Popen(
        [sys.executable, "-m", "tollcentre.cli.main", "serve", "--port", str(port)],
        env=environment(home),
    )
    try:
        address = f"http://127.0.0.1:{port}"
        wait_until_served(address, process)
        yield Served(address, passwords, owner_id)
    finally:
        process.terminate()
        process.wait(timeout=30)


@pytest.fixture
def reader(chromium: Browser, served: Served) -> Iterator[Reader]:
    """A fresh window of 1366 × 768 that notes every request and every complaint."""
    context = chromium.new_context(
        viewport={"width": 1366, "height": 768}, accept_downloads=True, locale="zh-CN"
    )
    made = Reader(context, context.new_page(), served)
    context.on("request", lambda request: made.requested.append(request.url))
    made.page.on("pageerror", lambda error: made.troubles.append(str(error)))
    made.page.on(
        "console",
        lambda message: made.troubles.append(message.text) if message.type == "error" else None,
    )
    yield made
    context.close()


@pytest.fixture(scope="package")
def cleared(chromium: Browser, served: Served) -> Served:
    """The same province with its day cleared on the page, as an officer does it."""
    context = chromium.new_context(viewport={"width": 1366, "height": 768}, locale="zh-CN")
    officer = Reader(context, context.new_page(), served)
    officer.sign_in("clerk")
    officer.open(f"/day/{DAY}/plan")
    officer.page.click("main form .btn.main")
    officer.page.wait_for_selector("#steps", timeout=60_000)
    officer.page.wait_for_selector(
        ".pagehead .tag.good, .notice.bad:not([hidden])", timeout=180_000
    )
    assert officer.page.locator(".pagehead .tag.good").count() == 1
    context.close()
    return served
