"""The laws of issuing, re-computed from its tables."""

from collections.abc import Callable, Iterator

from django.db.models import Exists, F, OuterRef, QuerySet

from tollcentre.core.law import Law
from tollcentre.core.refusal import Refusal
from tollcentre.privacy.queries import sealer
from tollcentre.privacy.terms import PersonalKind

from ..models import Customer, EtcAccountHistory, Holding
from ..rules.numbers import number_of
from ..terms import EtcAccountState

LAWS = (
    "media_are_their_vehicles",
    "held_media_are_open",
    "ended_media_are_cancelled",
    "sealed_data_opens_to_its_digest",
)
"""The laws in the order in which they are told."""
SEALED = (
    (PersonalKind.ID_NUMBER, "id_number", "id_digest"),
    (PersonalKind.NAME, "name", "name_digest"),
    (PersonalKind.PHONE, "phone", "phone_digest"),
)
CHUNK = 2_000


def customer_count() -> int:
    """How many customers there are."""
    return Customer.objects.count()


def verify_issuing(progress: Callable[[int], None]) -> Iterator[Law]:
    """Each law of LAWS; `progress` is called with the number of customers read."""
    cancelled = EtcAccountHistory.objects.filter(
        medium_id=OuterRef("medium_id"), state=EtcAccountState.CANCELLED
    )
    open_ones, ended = (Holding.objects.filter(held_to__isnull=one) for one in (True, False))
    then = cancelled.filter(state_from=OuterRef("held_to"))
    yield _none_of(LAWS[0], Holding.objects.exclude(medium__vehicle_id=F("vehicle_id")))
    yield _none_of(LAWS[1], open_ones.filter(Exists(cancelled)))
    yield _none_of(LAWS[2], ended.exclude(Exists(then)))
    yield _sealed(progress)


def _none_of(name: str, found: "QuerySet[Holding]") -> Law:
    first = found.order_by("pk").values_list("medium_id", flat=True).first()
    return Law(name, first is None, first or f"{Holding.objects.count()} 介质 / media")


def _sealed(progress: Callable[[int], None]) -> Law:
    """Every customer's sealed data opens, and is what its digest was made of."""
    seal, count = None, 0
    columns = [name for _, *pair in SEALED for name in pair]
    for row in Customer.objects.values_list("pk", "issuer_id", *columns).iterator(chunk_size=CHUNK):
        seal = seal or sealer()
        values = dict(zip(columns, row[2:], strict=True))
        for kind, sealed, digest in SEALED:
            try:
                is_so = seal.digest(kind, seal.unseal(kind, values[sealed])) == values[digest]
            except Refusal:
                is_so = False
            if not is_so:
                return Law(LAWS[3], False, f"{number_of(row[1], row[0])} {kind}")
        count += 1
        progress(1)
    return Law(LAWS[3], True, f"{count} 客户 / customers")
