"""Deciding on a path in review, and the second person's answer, page by page and role by role."""

import re
from pathlib import Path

import pytest
from django.test import Client

from tests.passage.review import (
    DAY,
    KEY,
    LONG_WAY,
    PASS_ID,
    RUN,
    SHORT_WAY,
    SURE_KEY,
    A,
    C,
    make_day,
)
from tollcentre.access.actions import request_approval
from tollcentre.access.queries import approval
from tollcentre.access.terms import Role, Viewer
from tollcentre.daily_run.models import Run
from tollcentre.passage.models import PathDecision

from .test_pages import CHINESE, OF_THE_LANGUAGE_SWITCH, reader

pytestmark = pytest.mark.django_db
DECIDE = f"/runs/{RUN}/passages/{KEY}/decide"
REVIEWERS = {Role.CLEARING_CLERK, Role.AUDITOR}
OF_THE_DATA = {"甘", "北站", "南站", "试验高速"}


@pytest.fixture(autouse=True)
def day(settings: object, tmp_path: Path) -> None:
    settings.LAKE_ROOT = tmp_path / "lake"  # type: ignore[attr-defined]
    make_day(tmp_path)


def page(client: Client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200, path
    return answer.content.decode()


def submit(client: Client, units: tuple[str, ...] = LONG_WAY, reason: str = "看了抓拍"):
    return client.post(DECIDE, {"units": "\n".join(units).lower(), "reason": reason})


def only_key() -> str:
    return PathDecision.objects.get().approval_key


def answered(client: Client, answer: str, reason: str = "") -> str:
    """The page that follows an answer to the one request."""
    path = f"/approvals/{only_key()}"
    found = client.post(path, {"answer": answer, "reason": reason}, follow=True)
    return found.content.decode()


@pytest.mark.parametrize("role", list(Role))
def test_only_who_may_review_gets_the_form(role):
    client = reader(role)
    assert client.get(DECIDE).status_code == (200 if role in REVIEWERS else 403)
    assert submit(client).status_code == (200 if role in REVIEWERS else 403)
    assert PathDecision.objects.exists() is (role in REVIEWERS)


@pytest.mark.parametrize("role", list(Role))
def test_only_who_may_approve_answers(role):
    maker = Viewer("somebody", frozenset({Role.AUDITOR}), None)
    request_approval(approval_key="k", act="some.act", subject="it", detail={}, reason="why",
                     maker=maker)  # fmt: skip
    client, status = reader(role), 200 if role is Role.MANAGER else 403
    assert client.get("/approvals/k").status_code == status
    assert client.get("/approvals").status_code == status
    client.post("/approvals/k", {"answer": "approve"})
    found = approval("k")
    assert found is not None
    assert (found.state == "approved") is (role is Role.MANAGER)


def test_the_passage_page_offers_the_form_for_a_passage_in_review_alone():
    client = reader(Role.AUDITOR)
    assert DECIDE in page(client, f"/passages/{KEY}")
    assert "/decide" not in page(client, f"/passages/{SURE_KEY}")
    assert "/decide" not in page(reader(Role.MANAGER), f"/passages/{KEY}")


def test_the_form_shows_the_candidates():
    text = page(reader(Role.AUDITOR), DECIDE)
    assert re.findall(r'data-candidate="([^"]*)"', text) == [
        " ".join(SHORT_WAY),
        " ".join(LONG_WAY),
    ]


def test_a_decision_goes_from_the_auditor_over_the_manager_into_the_list():
    auditor, manager = reader(Role.AUDITOR), reader(Role.MANAGER)
    assert "复核决定" not in page(auditor, "/").split("</nav>")[1]
    answer = submit(auditor)
    assert answer.headers["HX-Redirect"] == f"/passages/{KEY}"
    shown = page(auditor, f"/passages/{KEY}")
    assert "待审批" in shown
    assert "/decide" not in shown
    assert "我提交的复核决定在等待审批" in page(auditor, "/")
    assert "有申请等待复核" in page(manager, "/")
    assert PASS_ID in page(manager, "/approvals")
    asked = page(manager, f"/approvals/{only_key()}")
    assert all(unit in asked for unit in LONG_WAY)
    assert "看了抓拍" in asked
    assert "¥5.00" in asked
    assert "已批准。" in answered(manager, "approve")
    assert "有申请等待复核" not in page(manager, "/")
    for path in (f"/decisions?day={DAY}", f"/review?day={DAY}", f"/passages/{KEY}"):
        assert "已批准" in page(auditor, path), path
    assert "没有符合条件" in page(auditor, "/decisions?state=waiting")
    clerk = page(reader(Role.CLEARING_CLERK), "/")
    assert f"{DAY} 有复核决定已批准" in clerk
    assert f"/day/{DAY}/plan" in clerk


def test_a_refusal_needs_its_reason_and_is_told_to_the_maker():
    auditor, manager = reader(Role.AUDITOR), reader(Role.MANAGER)
    submit(auditor)
    assert "退回须写明理由" in answered(manager, "refuse")
    assert "已退回。" in answered(manager, "refuse", "抓拍不是此车")
    assert "抓拍不是此车" in page(auditor, f"/passages/{KEY}")
    assert DECIDE in page(auditor, f"/passages/{KEY}")
    assert "已由" in answered(manager, "approve")


def test_nobody_answers_an_own_request():
    client = reader(Role.MANAGER)
    maker = Viewer("test-manager", frozenset({Role.MANAGER}), None)
    request_approval(approval_key="k", act="some.act", subject="it", detail={"late": 3},
                     reason="why", maker=maker)  # fmt: skip
    text = page(client, "/approvals/k")
    assert "须由另一人复核" in text
    assert 'value="approve"' not in text
    assert "late" in text
    answer = client.post("/approvals/k", {"answer": "approve"}, follow=True)
    assert "不能复核自己的申请" in answer.content.decode()
    assert "some.act" in page(client, "/approvals")


@pytest.mark.parametrize(
    ("units", "reason", "told"),
    [
        ((A, C), "x", f"收费单元 {C} 不能从前一单元 {A} 直接驶入"),
        ((A, "G9"), "x", "没有收费单元 G9"),
        ((), "x", "没有填写收费单元"),
        (LONG_WAY, " ", "请写明理由"),
    ],
)
def test_what_is_refused_is_said_beside_what_was_written(units, reason, told):
    text = submit(reader(Role.AUDITOR), units, reason).content.decode()
    assert told in text
    assert all(unit in text for unit in units)
    assert not PathDecision.objects.exists()


def test_a_form_of_a_run_that_no_longer_stands_is_refused():
    client = reader(Role.AUDITOR)
    standing = Run.objects.get()
    standing.pk, standing.run_key = None, "20261122-later"
    standing.save()
    assert "已重新清分" in submit(client).content.decode()
    assert not PathDecision.objects.exists()


def test_there_is_no_page_of_an_unknown_request():
    assert reader(Role.MANAGER).get("/approvals/none").status_code == 404


def test_english_pages_of_a_decision_have_no_chinese():
    auditor, manager = reader(Role.AUDITOR), reader(Role.MANAGER)
    for client in (auditor, manager):
        client.cookies["django_language"] = "en"
    submit(auditor, reason="seen on camera")
    pages = [
        (auditor, "/"), (auditor, f"/passages/{KEY}"), (auditor, f"/decisions?day={DAY}"),
        (auditor, DECIDE), (manager, "/"), (manager, "/approvals"),
        (manager, f"/approvals/{only_key()}"),
    ]  # fmt: skip
    for client, path in pages:
        visible = re.sub(r"<[^>]+placeholder=\"[^\"]*\"", "", page(client, path))
        assert set(CHINESE.findall(visible)) <= OF_THE_LANGUAGE_SWITCH | OF_THE_DATA, path


def test_the_map_draws_a_decision_that_waits_and_not_one_that_was_refused():
    auditor = reader(Role.AUDITOR)
    submit(auditor, SHORT_WAY)
    drawn = f'{{"unit": "{SHORT_WAY[1]}", "sign": 0}}'
    assert drawn in page(auditor, f"/passages/{KEY}")
    answered(reader(Role.MANAGER), "refuse", "不是此车")
    assert drawn not in page(auditor, f"/passages/{KEY}")
