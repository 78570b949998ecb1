"""Pages of deposit: figures lead to what is behind them; a difference is ruled by two persons."""

from typing import Any
from urllib.parse import quote

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client

from tests.deposit.stories import STATION, STORIES, Scene, differing
from tollcentre.access.terms import SHELL_VIEWER, Role
from tollcentre.deposit import queries

pytestmark = pytest.mark.django_db
STORY = next(story for story in STORIES if story["name"] == "支付宝账单多一笔")
SHORT = next(story for story in STORIES if story["name"] == "短款五十元")


@pytest.fixture
def scene(settings: Any, tmp_path: Any) -> Scene:
    settings.LAKE_ROOT = tmp_path / "lake"
    return Scene(STORY)


def reader(role: Role) -> Client:
    user = User.objects.create_user(f"test-{role}", password="x")
    user.groups.add(Group.objects.get_or_create(name=role.value)[0])
    client = Client()
    client.force_login(user)
    return client


def page(client: Client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200, path
    return str(answer.content.decode())


def test_the_board_leads_down_to_shift_and_passages(scene: Scene) -> None:
    scene.facts = SHORT["facts"]
    scene.tell(scene.facts)
    clerk = reader(Role.CLEARING_CLERK)
    board = page(clerk, "/deposits")
    assert "¥1,000.00" in board
    assert "短款" in board
    assert f"/deposits/payments?day={scene.day}&amp;station_id={STATION}" in board
    shift = page(clerk, f"/deposits/shifts/{STATION}/{scene.day}/1")
    assert "S1" in shift
    assert "¥50.00" in shift
    passages = page(clerk, f"/deposits/payments?day={scene.day}&station_id={STATION}&means=cash")
    assert f"{scene.day}-1" in passages
    assert page(clerk, f"/deposits/shifts?day={scene.day}&state=short").count("</tr>") == 2


def test_an_overage_is_kept_by_two_persons(scene: Scene) -> None:
    scene.tell(scene.facts)
    clerk, manager = reader(Role.CLEARING_CLERK), reader(Role.MANAGER)
    assert "¥40.00" in page(clerk, "/deposits/channels")
    assert "A2" in page(clerk, f"/deposits/orders?day={scene.day}&channel=alipay")
    key = queries.differences(viewer=SHELL_VIEWER).get().key
    address = f"/deposits/difference?key={quote(key)}"
    assert "有账单无流水" in page(clerk, address)
    assert "提出处理" not in page(manager, address)
    clerk.post(address, {"ruling": "kept", "reason": "无人认领"})
    assert "待审批" in page(clerk, address)
    asked = queries.rulings_of(key)[0].approval_key
    assert "缴存差异处理" in page(manager, f"/approvals/{asked}")
    manager.post(f"/approvals/{asked}", {"answer": "approve"})
    assert differing() == {}
    assert "已批准" in page(clerk, address)


def test_what_is_not_there_is_refused_in_words(scene: Scene) -> None:
    clerk = reader(Role.CLEARING_CLERK)
    for path in ("/deposits/difference?key=x", f"/deposits/shifts/{STATION}/2026-11-18/1"):
        assert clerk.get(path).status_code == 404
    owner = reader(Role.ROAD_OWNER)
    assert owner.get("/deposits").status_code == 403
