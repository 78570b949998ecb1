"""Every story of tests/cases/deposit.yaml comes out as it is told, in whatever order it comes."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from tests.deposit.stories import STORIES, Scene, differing, ledger
from tollcentre.deposit import queries
from tollcentre.ledger.models import PostingBatch

NAMES = [story["name"] for story in STORIES]


def stands(scene: Scene) -> None:
    assert scene.board() == scene.wanted_board()
    assert ledger() == scene.wanted_ledger()
    assert differing() == scene.wanted_differences()
    assert [law.detail for law in queries.verify_deposits() if not law.holds] == []


@pytest.mark.django_db
@pytest.mark.parametrize("story", STORIES, ids=NAMES)
def test_a_story_comes_out_as_told_and_twice_is_once(story: dict[str, Any]) -> None:
    scene = Scene(story)
    scene.tell(scene.facts)
    stands(scene)
    batches = PostingBatch.objects.count()
    scene.told_again()
    stands(scene)
    assert PostingBatch.objects.count() == batches


@pytest.mark.slow
class AnyOrder(TestCase):
    """The order of arrival does not matter; a restatement alone follows what it restates."""

    @settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
    @given(st.data())
    def test_order_of_arrival_does_not_matter(self, data: st.DataObject) -> None:
        scene = Scene(data.draw(st.sampled_from(STORIES)))
        facts = data.draw(st.permutations(scene.facts))
        facts.sort(key=lambda fact: bool(fact.get("restated")))
        told = [fact for fact in facts if not {"lanes", "credit"} & fact.keys()]
        again = data.draw(st.lists(st.sampled_from(told), max_size=3)) if told else []
        scene.tell([*facts, *again])
        stands(scene)
