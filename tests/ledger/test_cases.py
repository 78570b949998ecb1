"""The scenes of tests/cases/ledger.yaml."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from tollcentre.access.terms import SHELL_VIEWER
from tollcentre.core.refusal import Refusal
from tollcentre.ledger import actions, queries
from tollcentre.ledger.models import PostingBatch
from tollcentre.ledger.terms import PostingLine

FILE = Path(__file__).parents[1] / "cases" / "ledger.yaml"
SCENES = yaml.safe_load(FILE.read_text(encoding="utf-8"))


def do(step: dict[str, Any]) -> None:
    if "reverse" in step:
        actions.reverse_batch(
            batch_key=step["reverse"], reversal_key=step["by"], actor="clerk", reason="restated"
        )
        return
    if "void" in step:
        actions.void_hold(
            hold_key=step["void"], clear_date=step["day"], actor="judge", reason="撤诉"
        )
        return
    lines = [
        PostingLine(account, side, amount, **dims) for account, side, amount, dims in step["lines"]
    ]
    if "hold" in step:
        actions.open_hold(
            hold_key=step["hold"], clear_date=step["day"], lines=lines, actor="clerk", memo="争议"
        )
        return
    if "rule" in step:
        actions.post_hold(
            hold_key=step["rule"], clear_date=step["day"], lines=lines, actor="judge", reason="裁定"
        )
        return
    actions.post_batch(
        batch_key=step["post"], clear_date=step["day"], lines=lines, actor="clerk", memo="清分"
    )


@pytest.mark.django_db
@pytest.mark.parametrize("scene", SCENES, ids=[scene["scene"] for scene in SCENES])
def test_scene(scene: dict[str, Any]) -> None:
    for step in scene["steps"]:
        if "refused" in step:
            count = PostingBatch.objects.count()
            with pytest.raises(Refusal) as refused:
                do(step)
            assert refused.value.code == step["refused"]
            assert PostingBatch.objects.count() == count
        else:
            do(step)
    found = {
        account: queries.balance(account, viewer=SHELL_VIEWER).balance_fen
        for account in scene["balances"]
    }
    assert found == scene["balances"]
    if "batches" in scene:
        assert PostingBatch.objects.count() == scene["batches"]
    assert [law for law in queries.verify_ledger() if not law.holds] == []
