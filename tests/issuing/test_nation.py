"""The ministry says whether a plate holds media elsewhere; its silence suspends, never blocks."""

from typing import Any

import pytest

from tests.issuing.counter import CAR, CARD, CLERK, NOW, OBU, counter, enrol
from tollcentre.core.refusal import Refusal
from tollcentre.issuing import actions, queries
from tollcentre.issuing.models import Business, Customer, PlateCheck
from tollcentre.issuing.terms import BusinessKind, MediumKind, NationalAnswer, NationalState
from tollcentre.privacy.actions import make_sealing_keys

pytestmark = pytest.mark.django_db
FREE = NationalAnswer(NationalState.FREE)
HELD = NationalAnswer(NationalState.HELD, "610101")
SILENT = NationalAnswer(NationalState.SILENT, fault="ReadTimeout")
LATER = NOW + 300


@pytest.fixture(autouse=True)
def keys(tmp_path: Any, settings: Any) -> None:
    settings.HOME, settings.PRIVACY_KEYS = tmp_path, ""
    make_sealing_keys()


def states(now: int) -> set[str]:
    return {one.value for one in queries.account_states_at([(OBU, now), (CARD, now)]).values()}


def settle(answer: NationalAnswer, now: int = LATER) -> NationalState:
    return actions.settle_check(business_id=PlateCheck.objects.get().pk, answer=answer, now=now)


def test_a_plate_that_holds_media_elsewhere_is_refused_and_nothing_stays() -> None:
    with pytest.raises(Refusal, match="plate_held_elsewhere") as refused:
        enrol(nation=HELD)
    assert "610101" in refused.value.text_en()
    assert not Customer.objects.exists()


def test_a_free_plate_is_enrolled_and_the_answer_kept() -> None:
    enrol(nation=FREE)
    assert states(NOW) == {"normal"}
    check = PlateCheck.objects.get()
    assert (check.state, check.settled_at) == ("free", NOW)
    assert queries.checks_due(LATER, 9) == []


def test_silence_suspends_until_the_answer_comes_and_no_clerk_resumes_before() -> None:
    enrol(nation=SILENT)
    assert states(NOW) == {"suspended"}
    resume = {
        "kind": BusinessKind.RESUME, "vehicle_id": CAR.vehicle_id, "of": tuple(MediumKind),
        "viewer": CLERK,
    }  # fmt: skip
    with pytest.raises(Refusal, match="check_waiting"):
        actions.change_state(**resume, counter=counter(), now=NOW + 9)
    assert queries.checks_due(NOW + 299, 9) == []
    assert [plate for _, plate in queries.checks_due(LATER, 9)] == [CAR.vehicle_id]
    assert settle(SILENT) is NationalState.SILENT
    assert queries.checks_due(LATER + 299, 9) == []
    assert settle(FREE, LATER + 300) is NationalState.FREE
    assert states(LATER + 300) == {"normal"}
    assert settle(HELD, LATER + 600) is NationalState.FREE
    assert PlateCheck.objects.get().tries == 3
    assert not queries.waits_for_nation(CAR.vehicle_id)
    assert Business.objects.filter(kind="resume").count() == 1
    assert not [law for law in queries.verify_issuing(lambda _: None) if not law.holds]


def test_an_answer_that_it_is_held_elsewhere_cancels_what_was_issued() -> None:
    enrol(nation=SILENT)
    settle(HELD)
    assert states(LATER) == {"cancelled"}
    assert not queries.held_by([CAR.vehicle_id])
    assert "610101" in Business.objects.get(kind="cancel").reason
    assert not [law for law in queries.verify_issuing(lambda _: None) if not law.holds]


def test_media_cancelled_meanwhile_stay_so() -> None:
    enrol(nation=SILENT)
    actions.change_state(
        kind=BusinessKind.CANCEL, vehicle_id=CAR.vehicle_id, of=tuple(MediumKind),
        counter=counter(), viewer=CLERK, now=NOW + 60,
    )  # fmt: skip
    assert settle(FREE) is NationalState.FREE
    assert states(LATER) == {"cancelled"}
    assert not Business.objects.filter(kind="resume").exists()
