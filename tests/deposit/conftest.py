"""Every test has a lake of its own: the stories write files of the same names."""

from pathlib import Path
from typing import Any

import pytest


@pytest.fixture(autouse=True)
def own_lake(settings: Any, tmp_path: Path) -> None:
    settings.LAKE_ROOT = tmp_path / "lake"
