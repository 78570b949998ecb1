"""A home of its own for every test that takes records in."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.messages.roadside import NOW
from tollcentre.messages import actions
from tollcentre.messages.terms import IntakeReport

GOLDEN = Path(__file__).resolve().parent / "golden"


@pytest.fixture
def home(tmp_path: Path, settings: Any, db: None) -> Path:
    """An empty lake and database."""
    settings.HOME = tmp_path / "home"
    settings.LAKE_ROOT = settings.HOME / "lake"
    settings.HOME.mkdir()
    return settings.HOME


@pytest.fixture
def take_in(home: Path, tmp_path: Path) -> Callable[..., IntakeReport]:
    """Takes in bytes as a file of the given name, or a path as it is."""

    def act(content: bytes | Path, name: str = "records.csv", now: int = NOW) -> IntakeReport:
        path = content if isinstance(content, Path) else tmp_path / name
        if isinstance(content, bytes):
            path.write_bytes(content)
        report = actions.take_in_paths(paths=[path], now=now)
        assert report.rows_read == report.accepted + report.quarantined + report.duplicates
        return report

    return act


@pytest.fixture
def golden() -> Path:
    """Files made by hand in the shape of real ones, not by our codecs."""
    return GOLDEN
