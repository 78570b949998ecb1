"""The page of holds: money in dispute by state, exported, and a road owner's own rows only."""

from datetime import date

import pytest

from tests.console.test_pages import reader
from tollcentre.access.actions import set_owner_scope
from tollcentre.access.terms import Role
from tollcentre.ledger import actions
from tollcentre.ledger.terms import PostingLine

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def held() -> None:
    for key, owner, fen in (("D/1", "40", 308_600), ("D-2", "41", 500)):
        named = {"owner_id": owner, "issuer_id": "620101", "media_type": 1}
        actions.open_hold(
            hold_key=key,
            clear_date=date(2026, 11, 22),
            lines=[
                PostingLine("disputed.issuer.620101", "debit", fen, **named),
                PostingLine("receivable.issuer.620101", "credit", fen, **named),
                PostingLine(f"payable.owner.{owner}", "debit", fen, **named),
                PostingLine("held.dispute", "credit", fen, **named),
            ],
            actor="clerk",
            memo="重复收费",
        )
    actions.void_hold(hold_key="D-2", clear_date=date(2026, 11, 23), actor="manager", reason="撤诉")


def test_the_list_says_state_amounts_and_reason_in_both_languages() -> None:
    client = reader(Role.CLEARING_CLERK)
    page = client.get("/ledger/holds").content.decode()
    assert '<a href="/ledger/holds/D/1"><span class="code">D/1</span></a>' in page
    assert page.count("¥3,086.00") == 2
    assert '<span class="tag warn">暂挂中</span>' in page
    assert "撤诉" in page
    client.cookies["django_language"] = "en"
    english = client.get("/ledger/holds?state=voided").content.decode()
    assert '<span class="tag ">Voided</span>' in english
    assert "D/1" not in english


def test_one_hold_shows_both_batches() -> None:
    client = reader(Role.MANAGER)
    page = client.get("/ledger/holds/D-2").content.decode()
    assert page.count("voided:D-2") == page.count("hold:D-2") == 4
    assert '<span class="tag ">已撤销</span>' in page
    assert client.get("/ledger/holds/D/1").status_code == 200
    assert client.get("/ledger/holds/nothing").status_code == 404


def test_the_list_is_exported_as_it_is_filtered() -> None:
    answer = reader(Role.AUDITOR).get("/ledger/holds?state=open&export=csv")
    rows = b"".join(answer.streaming_content).decode("utf-8-sig").splitlines()
    assert len(rows) == 2
    assert rows[1].startswith("D/1,暂挂中,2026-11-22,3086.00,3086.00,重复收费")


def test_a_road_owner_sees_own_holds_only() -> None:
    client = reader(Role.ROAD_OWNER)
    set_owner_scope(user_name="test-road_owner", owner_ids=["41"], actor="admin")
    page = client.get("/ledger/holds").content.decode()
    assert "D-2" in page
    assert "¥5.00" in page
    assert "D/1" not in page
    assert "暂挂应收" not in page
    assert client.get("/ledger/holds/D/1").status_code == 404
    own = client.get("/ledger/holds/D-2").content.decode()
    assert "payable.owner.41" in own
    assert "disputed.issuer" not in own
    assert client.get("/ledger/batches").status_code == 403
