"""Roles, viewers, demo users, two-person approval and masking."""

import stat
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth import authenticate, get_user_model
from django.contrib.auth.hashers import check_password, make_password
from django.contrib.auth.models import Group

from tollcentre.access import actions, queries, rules
from tollcentre.access.models import TrailRow
from tollcentre.access.terms import (
    DEMO_USERS,
    ROLE_PERMISSIONS,
    ROLE_TITLES,
    SHELL_VIEWER,
    ApprovalState,
    Permission,
    Role,
    Viewer,
)
from tollcentre.config import settings as house
from tollcentre.core.refusal import Refusal

MAKER = Viewer("clerk", frozenset({Role.CLEARING_CLERK}), None)
CHECKER = Viewer("manager", frozenset({Role.MANAGER}), None)
ASKED = {
    "approval_key": "restate-1",
    "act": "daily_run.restate",
    "subject": "2026-11-22",
    "detail": {"late": 3},
    "reason": "late records",
}


def test_every_role_has_names_and_permissions() -> None:
    assert set(ROLE_TITLES) == set(ROLE_PERMISSIONS) == set(Role)
    assert set().union(*ROLE_PERMISSIONS.values()) == set(Permission)


def test_who_runs_the_day_or_reviews_its_paths_does_not_approve_it() -> None:
    makers = {Permission.RUN_CLEAR_DAY, Permission.RESTATE_DAY, Permission.REVIEW_PASSAGES}
    for role, held in ROLE_PERMISSIONS.items():
        makes = makers & held
        assert not (makes and Permission.APPROVE in held), role


@pytest.mark.django_db
def test_a_viewer_has_the_roles_of_the_groups_and_an_owner_the_own_rows() -> None:
    actions.seed_roles()
    user = get_user_model().objects.create_user("wang")
    assert queries.viewer_of(user) == Viewer("wang", frozenset(), frozenset())
    user.groups.add(Group.objects.get(name="road_owner"))
    actions.set_owner_scope(user_name="wang", owner_ids=["6203001", "6203002"], actor="admin")
    viewer = queries.viewer_of(user)
    assert viewer.owner_ids == {"6203001", "6203002"}
    assert viewer.sees_owner("6203001")
    assert not viewer.sees_owner("6203003")
    assert not viewer.may(Permission.VIEW_LEDGER)
    actions.set_owner_scope(user_name="wang", owner_ids=["6203002"], actor="admin")
    assert queries.viewer_of(user).owner_ids == {"6203002"}
    user.groups.add(Group.objects.get(name="auditor"))
    assert queries.viewer_of(user).owner_ids is None
    with pytest.raises(Refusal, match="no_such_user"):
        actions.set_owner_scope(user_name="nobody", owner_ids=[], actor="admin")


@pytest.mark.django_db
def test_demo_users_are_made_once_with_passwords_of_this_home(tmp_path: Path) -> None:
    assert not queries.has_demo_users()
    path = actions.seed_demo_users(tmp_path, owner_ids=["6203001"])
    text = path.read_text(encoding="utf-8")
    passwords = dict(line.split() for line in text.splitlines()[1:])
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert set(passwords) == set(DEMO_USERS)
    assert len(set(passwords.values())) == len(DEMO_USERS)
    for name, role in DEMO_USERS.items():
        user = authenticate(username=name, password=passwords[name])
        assert queries.viewer_of(user).roles == {role}
    assert queries.viewer_of(user_named("owner")).owner_ids == {"6203001"}
    assert queries.has_demo_users()
    acts = TrailRow.objects.count()
    assert actions.seed_demo_users(tmp_path).read_text(encoding="utf-8") == text
    assert TrailRow.objects.count() == acts
    assert queries.viewer_of(user_named("owner")).owner_ids == {"6203001"}
    path.unlink()
    actions.seed_demo_users(tmp_path)
    assert path.read_text(encoding="utf-8") != text
    assert authenticate(username="clerk", password=passwords["clerk"]) is None


def test_passwords_of_the_house_are_kept_under_argon2(settings: Any) -> None:
    settings.PASSWORD_HASHERS = house.PASSWORD_HASHERS
    kept = make_password("word")
    assert kept.startswith("argon2$argon2id$")
    assert check_password("word", kept)
    assert not check_password("Word", kept)


def user_named(name: str) -> object:
    return get_user_model().objects.get(username=name)


@pytest.mark.django_db
def test_one_asks_and_another_approves_once() -> None:
    asked = actions.request_approval(**ASKED, maker=MAKER)
    assert asked.state is ApprovalState.WAITING
    assert actions.request_approval(**ASKED, maker=MAKER) == asked
    assert queries.open_approvals(viewer=CHECKER) == [asked]
    assert queries.open_approvals(viewer=Viewer("li", frozenset(), frozenset())) == []
    done = actions.approve(approval_key="restate-1", checker=CHECKER)
    assert (done.state, done.checker) == (ApprovalState.APPROVED, "manager")
    assert actions.approve(approval_key="restate-1", checker=CHECKER) == done
    assert queries.open_approvals(viewer=CHECKER) == []
    with pytest.raises(Refusal, match="approval_already_decided"):
        actions.refuse(approval_key="restate-1", checker=CHECKER, reason="no")
    assert [row.act for row in TrailRow.objects.order_by("seq")] == [
        "access.request_approval",
        "access.decide_approval",
    ]


@pytest.mark.django_db
def test_requests_are_listed_by_state_the_own_ones_for_who_may_not_approve() -> None:
    other = Viewer("zhou", frozenset({Role.CLEARING_CLERK}), None)
    for key, maker in (("a", MAKER), ("b", other), ("c", other)):
        actions.request_approval(**{**ASKED, "approval_key": key}, maker=maker)
    actions.approve(approval_key="a", checker=CHECKER)
    actions.refuse(approval_key="b", checker=CHECKER, reason="not now")

    def keys(viewer: Viewer, state: str = "") -> list[str]:
        return [row.approval_key for row in queries.approvals(viewer=viewer, state=state)]

    assert keys(CHECKER) == ["c", "b", "a"]
    assert (keys(CHECKER, "waiting"), keys(CHECKER, "refused")) == (["c"], ["b"])
    assert (keys(other), keys(MAKER)) == (["c", "b"], ["a"])
    assert sorted(queries.approvals_by_key(["b", "c", "none"])) == ["b", "c"]
    told = queries.approval_info(queries.approvals(viewer=CHECKER, state="refused").get())
    assert (told.checker, told.decision_reason) == ("manager", "not now")


@pytest.mark.django_db
def test_turning_a_request_down_needs_a_reason() -> None:
    actions.request_approval(**ASKED, maker=MAKER)
    with pytest.raises(Refusal, match="refusal_reason_missing"):
        actions.refuse(approval_key="restate-1", checker=CHECKER, reason=" ")
    assert queries.open_approvals(viewer=CHECKER) != []


@pytest.mark.django_db
def test_refused_decisions_change_nothing() -> None:
    maker = Viewer("manager", frozenset({Role.MANAGER}), None)
    actions.request_approval(**ASKED, maker=maker)
    for checker, key, code in (
        (CHECKER, "restate-1", "maker_may_not_approve"),
        (MAKER, "restate-1", "permission_missing"),
        (SHELL_VIEWER, "restate-2", "no_such_approval"),
    ):
        with pytest.raises(Refusal, match=code):
            actions.approve(approval_key=key, checker=checker)
    with pytest.raises(Refusal, match="approval_key_with_other_content"):
        actions.request_approval(**{**ASKED, "subject": "2026-11-23"}, maker=maker)
    found = queries.approval("restate-1")
    assert found is not None
    assert found.state is ApprovalState.WAITING
    assert TrailRow.objects.count() == 1


@pytest.mark.parametrize(
    ("plate", "shown"),
    [
        ("甘A12345_0", "甘A***45_0"),
        ("甘AD12345_4", "甘A****45_4"),
        ("默A00000_9", "默A***00_9"),
        ("甘A1_0", "***_0"),
        ("", ""),
    ],
)
def test_plates_are_masked_for_who_may_not_see_them(plate: str, shown: str) -> None:
    assert rules.mask_plate(plate) == shown
    assert queries.shown_plate(plate, viewer=CHECKER) == shown
    assert queries.shown_plate(plate, viewer=MAKER) == plate
