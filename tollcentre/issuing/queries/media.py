"""Every read of issuing for others: many media at once."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import fields

from ..models import EtcAccountHistory, Medium
from ..rules.register import state_at
from ..terms import EtcAccountState, MediumInfo

MEDIA_AT_ONCE = 10_000
"""How many media one query asks for."""

FIELDS = [field.name for field in fields(MediumInfo)]


def media_of(numbers: Iterable[str]) -> dict[str, MediumInfo]:
    """The registered ones of these media, by number."""
    found: dict[str, MediumInfo] = {}
    for part in _parts(numbers):
        rows = Medium.objects.filter(medium_no__in=part).values_list(*FIELDS)
        found |= {row[0]: MediumInfo(*row) for row in rows.iterator()}
    return found


def account_histories(numbers: Iterable[str]) -> dict[str, list[tuple[int, EtcAccountState]]]:
    """Every change of these media's accounts, in order of time; none for who had none."""
    found: dict[str, list[tuple[int, EtcAccountState]]] = defaultdict(list)
    for part in _parts(numbers):
        rows = (
            EtcAccountHistory.objects.filter(medium_id__in=part)
            .order_by("medium_id", "state_from")
            .values_list("medium_id", "state_from", "state")
        )
        for medium_no, state_from, state in rows.iterator():
            found[medium_no].append((state_from, EtcAccountState(state)))
    return dict(found)


def account_states_at(
    moments: Iterable[tuple[str, int]],
) -> dict[tuple[str, int], EtcAccountState]:
    """How each medium's account stood at its moment, in epoch seconds; untold is normal."""
    asked = set(moments)
    histories = account_histories({medium_no for medium_no, _ in asked})
    return {
        (medium_no, moment): state_at(histories.get(medium_no, ()), moment)
        for medium_no, moment in asked
    }


def _parts(numbers: Iterable[str]) -> Iterator[list[str]]:
    wanted = sorted(set(numbers))
    for start in range(0, len(wanted), MEDIA_AT_ONCE):
        yield wanted[start : start + MEDIA_AT_ONCE]
