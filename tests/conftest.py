"""What every test runs in: a home of its own, no address but loopback, no silent skip in CI."""

import atexit
import importlib.util
import os
import shutil
import socket
import sys
import tempfile
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

HOME = Path(tempfile.mkdtemp(prefix="tollcentre-test-"))
(HOME / "static").mkdir()
atexit.register(shutil.rmtree, HOME, ignore_errors=True)
os.environ["TOLLCENTRE_HOME"] = str(HOME)
os.environ["DJANGO_SETTINGS_MODULE"] = "tollcentre.config.settings"
# Playwright keeps an event loop in this thread once a browser test ran; Django must not mind it.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
# Compiled modules are kept, as numba's are: every worker and verb would compile them again.
os.environ["PYTHONDONTWRITEBYTECODE"] = ""
sys.dont_write_bytecode = False

settings.register_profile(
    "house",
    deadline=None,
    derandomize=bool(os.environ.get("TOLLCENTRE_CI")),
    max_examples=10 if os.environ.get("TOLLCENTRE_FAST") else 100,
)
settings.load_profile("house")

import django  # noqa: E402 - the settings read the home when Django starts
from django.conf import settings as house  # noqa: E402 - as above

# A good password hash is slow on purpose; tests/access proves the house's own.
house.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
django.setup()

ROOT = Path(__file__).resolve().parent.parent
SHARED_DATA = ROOT.parent / "shared" / "data"
ABSENT_DATA = "real trial data is absent"
"""The one reason for which CI may skip a test."""
LOOPBACK = ("127.", "::1", "localhost")
DATABASE_FIXTURES = {"db", "transactional_db", "django_db_serialized_rollback", "client"}


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--database-only", action="store_true", help="only the tests that use the database"
    )


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    # Files with slow tests come first, so that two workers end at about the same time.
    slow = {item.path for item in items if item.get_closest_marker("slow")}
    items.sort(key=lambda item: item.path not in slow)
    if not config.getoption("--database-only"):
        return
    kept = [item for item in items if uses_database(item)]
    config.hook.pytest_deselected(items=[item for item in items if item not in set(kept)])
    items[:] = kept


def pytest_runtest_setup(item: pytest.Item) -> None:
    """A test says by its mark what it needs of the machine."""
    if item.get_closest_marker("shared_data") and not SHARED_DATA.is_dir():
        pytest.skip(ABSENT_DATA)
    if item.get_closest_marker("browser") and not shutil.which("chromium"):
        pytest.skip("there is no Chromium on this machine")
    if item.get_closest_marker("spark"):
        if not shutil.which("java"):
            pytest.skip("there is no Java on this machine")
        if importlib.util.find_spec("pyspark") is None:
            pytest.skip("PySpark is not installed: make setup-test installs it where Java is")


def uses_database(item: pytest.Item) -> bool:
    """Whether the test asks for the database by its mark or a fixture."""
    fixtures = set(getattr(item, "fixturenames", ()))
    return item.get_closest_marker("django_db") is not None or bool(fixtures & DATABASE_FIXTURES)


def skip_is_failure(report: Any) -> bool:
    """In CI a skip fails, unless it is for trial data that lies outside the repository."""
    if not os.environ.get("TOLLCENTRE_CI") or not report.skipped or hasattr(report, "wasxfail"):
        return False
    reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
    return ABSENT_DATA not in reason


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, Any, Any]:
    report = yield
    if skip_is_failure(report):
        report.outcome, report.longrepr = "failed", f"skipped in CI: {report.longrepr}"
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(collector: pytest.Collector) -> Generator[None, Any, Any]:
    report = yield
    if skip_is_failure(report):
        report.outcome, report.longrepr = "failed", f"skipped in CI: {report.longrepr}"
    return report


def _guarded(connect: Any) -> Any:
    def guarded_connect(self: socket.socket, address: Any) -> Any:
        if self.family in (socket.AF_INET, socket.AF_INET6):
            host = str(address[0])
            if not host.startswith(LOOPBACK):
                raise AssertionError(f"a test tried to reach {host}: only loopback is allowed")
        return connect(self, address)

    return guarded_connect


@pytest.fixture(autouse=True, scope="session")
def loopback_only() -> Generator[None]:
    """Sockets reach this machine alone."""
    patch = pytest.MonkeyPatch()
    patch.setattr(socket.socket, "connect", _guarded(socket.socket.connect))
    patch.setattr(socket.socket, "connect_ex", _guarded(socket.socket.connect_ex))
    yield
    patch.undo()


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real trial data beside the checkout; skips where there is none."""
    if not SHARED_DATA.is_dir():
        pytest.skip(ABSENT_DATA)
    return SHARED_DATA
