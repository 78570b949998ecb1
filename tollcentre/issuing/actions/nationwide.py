"""全国核验: one plate holds media of one issuer in the whole nation, as the ministry knows it."""

from django.db import transaction

from tollcentre.access.actions import SYSTEM, hold_trail
from tollcentre.access.terms import Role, Viewer
from tollcentre.core.clock import day_of
from tollcentre.core.refusal import Refusal

from ..models import Business, EtcAccountHistory, PlateCheck
from ..queries.customers import held_by
from ..queries.media import account_states_at
from ..queries.parameters import issuing_parameters
from ..rules.businesses import digest_of
from ..terms import (
    PLATE_HELD_ELSEWHERE,
    BusinessKind,
    Counter,
    EtcAccountState,
    NationalAnswer,
    NationalState,
)
from .keeping import keep_business, move_state

HOUSE = Viewer(SYSTEM, frozenset({Role.OUTLET_CLERK}), None)
FAULT_WIDTH = 80


def require_free(answer: NationalAnswer | None, vehicle_id: str) -> None:
    """Refuse a plate that holds media of another issuer."""
    if answer is not None and answer.state is NationalState.HELD:
        raise Refusal(PLATE_HELD_ELSEWHERE, "vehicle_id", vehicle_id=vehicle_id,
                      issuer_id=answer.issuer_id or "—")  # fmt: skip


def keep_check(
    business_id: int, media: list[str], answer: NationalAnswer | None, now: int
) -> None:  # fmt: skip
    """Put down what the ministry said of an enrolment; where nothing, its media are suspended."""
    if answer is None:
        return
    silent = answer.state is NationalState.SILENT
    PlateCheck.objects.create(
        business_id=business_id, state=answer.state, issuer_id=answer.issuer_id,
        fault=answer.fault[:FAULT_WIDTH], tries=1, asked_at=now,
        next_try_at=now + issuing_parameters(day_of(now)).check_again_s,
        settled_at=None if silent else now,
    )  # fmt: skip
    if silent:
        EtcAccountHistory.objects.bulk_create(
            EtcAccountHistory(medium_id=one, state_from=now, state=EtcAccountState.SUSPENDED)
            for one in media
        )


@transaction.atomic
def settle_check(*, business_id: int, answer: NationalAnswer, now: int) -> NationalState:
    """Take the ministry's word on a waiting check; the state of the check then.

    A free plate's media are resumed, one that is held elsewhere has them cancelled; silence is
    asked again later. Media that were cancelled meanwhile stay so. Done twice it changes nothing.
    """
    hold_trail()
    check = PlateCheck.objects.select_related("business__vehicle").get(pk=business_id)
    if check.settled_at is not None:
        return NationalState(check.state)
    check.state, check.issuer_id = answer.state, answer.issuer_id
    check.fault, check.tries = answer.fault[:FAULT_WIDTH], check.tries + 1
    check.next_try_at = now + issuing_parameters(day_of(now)).check_again_s
    if answer.state is not NationalState.SILENT:
        check.settled_at = now
        _act(check.business, answer, now)
    check.save()
    return answer.state


def _act(enrolment: Business, answer: NationalAnswer, now: int) -> None:
    """Resume or cancel what the enrolment issued, as far as it still stands suspended."""
    kind = BusinessKind.RESUME if answer.state is NationalState.FREE else BusinessKind.CANCEL
    said = f"{answer.issuer_id} 已发行" if answer.state is NationalState.HELD else "可发行"
    own = {enrolment.detail["obu"], enrolment.detail["card"]}
    held = {k: no for (_, k), no in held_by([enrolment.vehicle_id]).items() if no in own}
    states = account_states_at([(no, now) for no in held.values()])
    waiting = {
        k: no for k, no in held.items() if states[no, now] is EtcAccountState.SUSPENDED
    }  # fmt: skip
    if not waiting:
        return
    for number in waiting.values():
        move_state(kind, number, now)
    counter = Counter(f"check:{enrolment.pk}", enrolment.unit_code, f"全国核验：{said}")
    keep_business(kind, enrolment.vehicle, counter, HOUSE, digest_of({"check": enrolment.pk}), now,
                  waiting)  # fmt: skip
