"""Changes, their lines and states; what of a passage was given back before."""

from collections.abc import Collection, Iterable, Iterator
from datetime import date
from typing import Any

from django.db.models import Count, DateField, Min, OuterRef, Q, QuerySet, Subquery, Sum

from tollcentre.access.terms import Viewer
from tollcentre.clearing.terms import TradeShare
from tollcentre.core.refusal import Refusal

from ..models import CustomerCredit, RefundSearch, TollChange, TollChangeLine, TollChangeStep
from ..terms import (
    ENGINE,
    NO_SUCH_CHANGE,
    NOT_COUNTED,
    ChangeKind,
    ChangeState,
    ChangeSum,
    CreditResult,
    CreditSum,
)

KEYS_AT_ONCE = 5_000
_STEPS = TollChangeStep.objects.filter(change=OuterRef("pk"))
_LATEST = _STEPS.order_by("-id")


def with_state() -> "QuerySet[TollChange]":
    """Changes with the state they are in, since which day, and their own clear date if any."""
    return TollChange.objects.annotate(
        state=Subquery(_LATEST.values("state")[:1]),
        since=Subquery(_LATEST.values("day")[:1]),
        clear_date=Subquery(
            _STEPS.filter(state=ChangeState.ACCEPTED).values("day")[:1], output_field=DateField()
        ),
    )


def changes(
    *, viewer: Viewer, state: str = "", kind: str = "", cause: str = "", text: str = "",
    raised: str = "", day: str = "",
) -> "QuerySet[TollChange]":  # fmt: skip
    """Changes for a page, newest first; a road owner sees those that touch own shares."""
    found = _seen(with_state(), viewer).order_by("-id")
    if text:
        found = found.filter(
            Q(change_id__startswith=text) | Q(pass_id__startswith=text)
            | Q(transaction_id__startswith=text)
        )  # fmt: skip
    if raised:
        found = found.filter(raised_by=ENGINE) if raised == ENGINE else found.exclude(
            raised_by=ENGINE)  # fmt: skip
    if day:
        found = found.filter(passage_day=date.fromisoformat(day))
    wanted = {"state": state, "kind": kind, "cause": cause}
    return found.filter(**{name: value for name, value in wanted.items() if value})


def _seen(found: "QuerySet[TollChange]", viewer: Viewer) -> "QuerySet[TollChange]":
    if viewer.owner_ids is None:
        return found
    lines = TollChangeLine.objects.filter(party="owner", code__in=viewer.owner_ids)
    return found.filter(pk__in=lines.values("change_id"))


def change(change_id: str, *, viewer: Viewer) -> TollChange:
    """The change of that id; Refusal where the viewer sees none."""
    found = _seen(with_state(), viewer).filter(change_id=change_id).first()
    if found is None:
        raise Refusal(NO_SUCH_CHANGE, "change_id", change_id=change_id)
    return found


def lines_of(found: TollChange, *, viewer: Viewer) -> "QuerySet[TollChangeLine]":
    """Who bears a change; a road owner sees the own lines."""
    lines = TollChangeLine.objects.filter(change=found).order_by("party", "code")
    if viewer.owner_ids is None:
        return lines
    return lines.filter(party="owner", code__in=viewer.owner_ids)


def steps_of(found: TollChange) -> "QuerySet[TollChangeStep]":
    """The states that a change was in, in order."""
    return TollChangeStep.objects.filter(change=found).order_by("id")


def changes_in(*states: ChangeState) -> "QuerySet[TollChange]":
    """Changes that are in one of these states, oldest first, for the actions."""
    return with_state().filter(state__in=states).order_by("id")


def changes_by_id(change_ids: Collection[str]) -> dict[str, TollChange]:
    """These changes with their states, for the actions; Refusal where one is not known."""
    found = {
        row.change_id: row
        for part in _parts(sorted(change_ids))
        for row in with_state().filter(change_id__in=part)
    }
    for change_id in change_ids:
        if change_id not in found:
            raise Refusal(NO_SUCH_CHANGE, "changeId", change_id=change_id)
    return found


def changes_of(pass_keys: Iterable[int]) -> list[TollChange]:
    """Every change of these passages with its state, oldest first."""
    found = [
        row for part in _parts(sorted(set(pass_keys)))
        for row in with_state().filter(pass_key__in=part)
    ]  # fmt: skip
    return sorted(found, key=lambda row: row.pk)


def given_back(pass_key: int, transaction_id: str) -> list[TradeShare]:
    """The shares of a passage's trade that refunds have taken or are to take; fen."""
    counted = with_state().filter(
        pass_key=pass_key, transaction_id=transaction_id, kind=ChangeKind.REFUND
    )
    lines = TollChangeLine.objects.filter(change__in=counted.exclude(state__in=NOT_COUNTED))
    sums = lines.values_list("party", "code").annotate(fen=Sum("fee")).order_by("party", "code")
    return [TradeShare(*row) for row in sums]


def searched_runs() -> set[str]:
    """The runs whose passages were searched for overcharges."""
    return set(RefundSearch.objects.values_list("run_key", flat=True))


def state_sums() -> list[ChangeSum]:
    """Changes by kind and state in the order of states, and since when the oldest waits."""
    rows = with_state().values("kind", "state").annotate(
        n=Count("pk"), fen=Sum("fee"), oldest=Min("since")
    ).order_by("kind")  # fmt: skip
    found = [
        ChangeSum(ChangeKind(row["kind"]), ChangeState(row["state"]), row["n"], row["fen"],
                  row["oldest"])
        for row in rows
    ]  # fmt: skip
    order = list(ChangeState)
    return sorted(found, key=lambda one: (one.kind, order.index(one.state)))


def credits(*, viewer: Viewer, result: str = "") -> "QuerySet[CustomerCredit]":
    """What our issuer made of changes of its customers' tolls, newest first."""
    found = CustomerCredit.objects.order_by("-id")
    if result == "refused":
        return found.exclude(result=CreditResult.CREDITED)
    return found.filter(result=CreditResult.CREDITED) if result else found


def credit_sums() -> list[CreditSum]:
    """Changes that came to our issuer, by party and by what it made of them."""
    rows = CustomerCredit.objects.values("toll_party", "kind", "result").annotate(
        n=Count("pk"), fen=Sum("fee")
    ).order_by("toll_party", "kind", "result")  # fmt: skip
    return [
        CreditSum(row["toll_party"], ChangeKind(row["kind"]), CreditResult(row["result"]),
                  row["n"], row["fen"])
        for row in rows
    ]  # fmt: skip


def _parts(keys: list[Any]) -> Iterator[list[Any]]:
    return (keys[start : start + KEYS_AT_ONCE] for start in range(0, len(keys), KEYS_AT_ONCE))
