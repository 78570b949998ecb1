from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.messages.roadside import csv_of, record
from tollcentre.messages.terms import IntakeReport, RecordKind

CASES = Path(__file__).resolve().parents[1] / "cases" / "intake.yaml"
SCENES = yaml.safe_load(CASES.read_text(encoding="utf-8"))


@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene["scene"])
def test_scene(scene: dict[str, Any], take_in: Callable[..., IntakeReport]) -> None:
    kind = RecordKind(scene["kind"])
    one = record(kind, scene.get("record", 0), **scene.get("change", {}))
    report = take_in(csv_of(kind, one))
    if "accepted" in scene:
        assert (report.accepted, report.quarantined) == (1, 0), report.reasons
        assert sorted(report.anomalies) == sorted(scene["accepted"])
    else:
        assert (report.accepted, report.quarantined) == (0, 1)
        assert sorted(report.reasons) == sorted(scene["quarantined"])
