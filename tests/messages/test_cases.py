from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.messages.roadside import NOW, csv_of, record
from tollcentre.lake import queries as lake
from tollcentre.messages.codecs.csv_blocks import csv_block, header_of
from tollcentre.messages.kernels.prepare import prepare
from tollcentre.messages.terms import RecordKind

CASES = Path(__file__).resolve().parents[1] / "cases" / "intake.yaml"
SCENES = yaml.safe_load(CASES.read_text(encoding="utf-8"))


@cache
def judged(kind: RecordKind) -> dict[str, tuple[list[str], list[str]]]:
    """Scene → its reasons and anomalies; all scenes of a kind are one file, a row each."""
    scenes = [scene for scene in SCENES if scene["kind"] == kind]
    rows = [record(kind, s.get("record", 0), **s.get("change", {})) for s in scenes]
    head, body = csv_of(kind, *rows).split(b"\n", 1)
    block = csv_block(
        body,
        header=header_of(head, "utf-8"),
        encoding="utf-8",
        first_line=2,
        last=True,
        broke=False,
    )
    found = prepare(block, lake.connect(), now=NOW).checked
    assert found is not None
    assert found.num_rows == len(scenes)
    names = zip(found["reasons"].to_pylist(), found["anomalies"].to_pylist(), strict=True)
    return {
        scene["scene"]: (_split(reasons), _split(anomalies))
        for scene, (reasons, anomalies) in zip(scenes, names, strict=True)
    }


def _split(names: str) -> list[str]:
    return sorted(filter(None, names.split("|")))


@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene["scene"])
def test_scene(scene: dict[str, Any]) -> None:
    reasons, anomalies = judged(RecordKind(scene["kind"]))[scene["scene"]]
    assert reasons == sorted(scene.get("quarantined", []))
    if "accepted" in scene:
        assert anomalies == sorted(scene["accepted"])
