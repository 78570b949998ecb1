"""The tree of units by date: moved, closed, refused; posts and whose rows they see."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from hypothesis import given
from hypothesis import strategies as st

from tollcentre.access.models import TrailRow
from tollcentre.access.terms import SHELL_VIEWER, Role, Viewer
from tollcentre.core.refusal import Refusal
from tollcentre.organisation import actions, queries, rules
from tollcentre.organisation.models import Post, Unit, UnitPlacing
from tollcentre.organisation.terms import PARENTS, Scope, UnitKind

from .scenes import CONTENT, REGISTER, units_of

DAY = date(2026, 11, 24)
STATION, OTHER = "G0030620010010", "G0030620010020"


@pytest.fixture
def register(db: None) -> None:
    assert actions.register_units(units=REGISTER, source="t", actor="t") == len(REGISTER)


def parents(day: date) -> dict[str, str]:
    return {row.code: row.parent for row in queries.tree_at(day, viewer=SHELL_VIEWER)}


@pytest.mark.parametrize("scene", CONTENT["scenes"], ids=lambda s: s["scene"].partition(" / ")[2])
def test_a_register_moves_the_tree_from_its_day_or_changes_nothing(
    register: None, scene: dict[str, Any]
) -> None:
    fresh = units_of(scene["then"])
    before = UnitPlacing.objects.count()
    if "refused" in scene:
        with pytest.raises(Refusal, match=scene["refused"]):
            actions.register_units(units=fresh, source="t", actor="t")
        assert UnitPlacing.objects.count() == before
        assert Unit.objects.count() == len(REGISTER)
        return
    assert actions.register_units(units=fresh, source="t", actor="t") == len(fresh)
    assert actions.register_units(units=fresh, source="t", actor="t") == 0
    for day, wanted in scene["tree"].items():
        found = parents(day)
        assert {unit: found.get(unit) for unit in wanted} == wanted
    assert TrailRow.objects.filter(act="organisation.place_unit").count() == before + len(fresh)


def test_each_unit_comes_after_its_parent_and_counts_what_is_below(register: None) -> None:
    rows = queries.tree_at(DAY, viewer=SHELL_VIEWER)
    seen: dict[str, int] = {}
    for row in rows:
        assert row.depth == (seen[row.parent] + 1 if row.parent else 0)
        seen[row.code] = row.depth
    assert {row.code: row.below for row in rows}["B62"] == len(rows) - 1
    stations = queries.tree_at(DAY, viewer=SHELL_VIEWER, kind="station")
    assert [row.code for row in stations] == [STATION, OTHER]


def test_a_file_with_a_bad_line_is_refused_whole_and_names_line_and_field(
    db: None, tmp_path: Path
) -> None:
    path = tmp_path / "organisation.csv"
    head = "code,kind,name_zh,name_en,parent,from_day,is_closed\n"
    path.write_text(f"{head}B62,bureau,省局,bureau,,2020-01-01,\nC62,center,中心,centre,B62,x,\n",
                    encoding="utf-8")  # fmt: skip
    with pytest.raises(Refusal, match="word_unknown") as refused:
        actions.import_units(path=path, actor="t")
    assert refused.value.field == "organisation.csv:3 kind"
    assert not Unit.objects.exists()


@given(st.lists(st.integers(0, 30), max_size=30))
def test_below_and_order_are_of_one_tree(choices: list[int]) -> None:
    """Whatever hangs under whatever: each unit once, after its parent, within all that is above."""
    tree = {"0": ""}
    for number, choice in enumerate(choices, 1):
        tree[str(number)] = str(choice % number)
    ordered = rules.in_order(tree)
    depths = dict(ordered)
    assert len(ordered) == len(depths) == len(tree)
    places = {code: place for place, (code, _depth) in enumerate(ordered)}
    for code, parent in tree.items():
        assert code in rules.below(tree, code)
        if parent:
            assert places[parent] < places[code]
            assert depths[code] == depths[parent] + 1
            assert rules.below(tree, code) < rules.below(tree, parent)
    assert rules.sizes(tree) == {code: len(rules.below(tree, code)) - 1 for code in tree}


def test_a_tree_that_turns_back_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    under_each_other = {**PARENTS, UnitKind.OFFICE: frozenset({UnitKind.OFFICE})}
    monkeypatch.setattr(rules, "PARENTS", under_each_other)
    kinds = {"a": UnitKind.OFFICE, "b": UnitKind.OFFICE}
    with pytest.raises(Refusal, match="tree_turns_back"):
        rules.check_tree({"a": "b", "b": "a"}, kinds, DAY)


def held(*posts: tuple[str, Role, Scope], name: str = "someone") -> Viewer:
    """The viewer that a person with these posts is."""
    user = User.objects.create_user(name)
    for unit, role, scope in posts:
        actions.appoint(user=user, unit=unit, title=f"{role}", role=role, scope=scope,
                        from_day=date(2026, 1, 1), maker=SHELL_VIEWER)  # fmt: skip
    return queries.viewer_of(user, DAY)


def test_posts_say_which_units_are_seen_and_what_may_be_done(register: None) -> None:
    office = held(("O01", Role.STATION_OFFICER, Scope.BELOW), name="office")
    assert office.unit_codes == {"O01", STATION, OTHER}
    station = held((STATION, Role.STATION_OFFICER, Scope.OWN), name="station")
    assert station.unit_codes == {STATION}
    assert station.roles == {Role.STATION_OFFICER}
    assert station.owner_ids == frozenset()
    both = held((STATION, Role.STATION_OFFICER, Scope.OWN),
                (OTHER, Role.STATION_OFFICER, Scope.MINE), name="both")  # fmt: skip
    assert (both.unit_codes, both.only_mine) == ({STATION, OTHER}, False)
    assert held((OTHER, Role.STATION_OFFICER, Scope.MINE), name="mine").only_mine
    nobody = held(name="nobody")
    assert (nobody.unit_codes, nobody.roles) == (frozenset(), frozenset())
    clerk = User.objects.create_user("clerk")
    clerk.groups.add(Group.objects.get_or_create(name=Role.CLEARING_CLERK.value)[0])
    assert queries.viewer_of(clerk, DAY).unit_codes is None


def test_a_post_ends_and_its_units_go_with_it(register: None) -> None:
    held((STATION, Role.STATION_OFFICER, Scope.OWN))
    post = Post.objects.get()
    with pytest.raises(Refusal, match="post_ends_before"):
        actions.end_post(post_id=post.pk, to_day=date(2025, 1, 1), maker=SHELL_VIEWER)
    actions.end_post(post_id=post.pk, to_day=date(2026, 6, 30), maker=SHELL_VIEWER)
    with pytest.raises(Refusal, match="post_unknown"):
        actions.end_post(post_id=post.pk, to_day=DAY, maker=SHELL_VIEWER)
    user = User.objects.get()
    assert queries.viewer_of(user, date(2026, 6, 30)).unit_codes == {STATION}
    assert queries.viewer_of(user, date(2026, 7, 1)).unit_codes == frozenset()
    assert queries.posts(viewer=SHELL_VIEWER, day=DAY).count() == 0
    assert queries.posts(viewer=SHELL_VIEWER).count() == 1


@pytest.mark.parametrize(
    ("unit", "role", "day", "maker", "code"),
    [
        (STATION, Role.MANAGER, DAY, SHELL_VIEWER, "role_unfit"),
        ("X", Role.STATION_OFFICER, DAY, SHELL_VIEWER, "unit_unknown"),
        (STATION, Role.STATION_OFFICER, date(2019, 1, 1), SHELL_VIEWER, "unit_not_standing"),
        (STATION, Role.STATION_OFFICER, DAY, Viewer("x", frozenset({Role.AUDITOR}), None),
         "permission_missing"),
    ],
)  # fmt: skip
def test_who_may_not_be_appointed_is_said(
    register: None, unit: str, role: Role, day: date, maker: Viewer, code: str
) -> None:
    user = User.objects.create_user("someone")
    with pytest.raises(Refusal, match=code):
        actions.appoint(user=user, unit=unit, title="t", role=role, scope=Scope.OWN, from_day=day,
                        maker=maker)  # fmt: skip
    assert not Post.objects.exists()
