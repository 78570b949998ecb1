"""Sections handed from owner to owner, as histories and as the table that a clear day reads."""

from hypothesis import strategies as st

from tests.laws.test_clearing import OWNER_OF, UNITS, T
from tollcentre.participants.rules import tenures
from tollcentre.participants.terms import Handover, OwnershipMoment

History = list[Handover]


@st.composite
def histories(draw: st.DrawFn) -> dict[str, History]:
    """Every known unit's owners: one to four, changing while the journeys are under way."""
    found = {}
    for unit, owner in OWNER_OF.items():
        times = sorted(draw(st.sets(st.integers(T - 500, T + 9500), max_size=3)))
        moments = st.sampled_from(OwnershipMoment)
        found[unit] = [Handover(owner, 0, draw(moments))] + [
            Handover(f"{owner}-{n}", time, draw(moments)) for n, time in enumerate(times)
        ]
    return found


def owner_rows(handed: dict[str, History], clear_from: int) -> list[dict]:
    """The rows of unit_owner of a clear day that begins at `clear_from`."""
    return [
        dict(node_idx=UNITS.index(unit), owner_id=OWNER_OF[unit], legal_owner_id=held.owner_id,
             road_id=unit[:11], from_time=held.unit_from, to_time=held.unit_to,
             exit_from=held.exit_from, exit_to=held.exit_to)
        for unit, history in handed.items()
        for held in tenures(history, clear_from=clear_from, begin=T - 100_000, end=T + 20_000)
    ]  # fmt: skip
