"""Every write of monitoring: missing hour batches are asked for again until they have come."""

from collections.abc import Sequence
from datetime import date

from django.db import transaction

from tollcentre.access.actions import hold_trail, record_trail
from tollcentre.core.clock import day_of
from tollcentre.core.refusal import Refusal
from tollcentre.messages.queries import landed_days

from .models import BatchRequest
from .queries import missed_hours, request_parameters
from .terms import (
    CLOSE_REASON_MISSING,
    NO_SUCH_REQUEST,
    Chased,
    DeviceHour,
    RequestParameters,
    RequestState,
)

_Batch = tuple[str, str, str]
"""Device, hour and record kind."""
ACTOR = "monitoring"


def chase(now: int) -> Chased:
    """Ask for what is missing of the days that landed last, again after growing pauses.

    A request is answered once its batch has all come. What a person has closed stays closed. Done
    twice at one moment it changes nothing.
    """
    parameters = request_parameters(day_of(now))
    waiting = BatchRequest.objects.filter(state=RequestState.OPEN)
    days = {*landed_days()[: parameters.days_back], *waiting.values_list("event_day", flat=True)}
    figures = [_chase_day(day, now, parameters) for day in sorted(days)]
    return Chased(*(sum(column) for column in zip((0, 0, 0), *figures, strict=True)))


def _chase_day(day: date, now: int, parameters: RequestParameters) -> tuple[int, int, int]:
    """(newly missed, asked again, answered) of a day."""
    missed = {(row.device_id, row.hour, row.record_kind): row for row in missed_hours(day, now)}
    with transaction.atomic():
        hold_trail()
        known = {
            (row.device_id, row.hour, row.record_kind): row
            for row in BatchRequest.objects.select_for_update().filter(event_day=day)
        }
        fresh = [row for key, row in missed.items() if key not in known]
        BatchRequest.objects.bulk_create(
            _request(row, day, now, parameters.first_pause_s) for row in fresh
        )
        again = [
            row for key, row in known.items() if key in missed and _asked(row, missed[key], now,
                                                                          parameters)
        ]  # fmt: skip
        answered = [
            row for key, row in known.items()
            if row.state == RequestState.OPEN and key not in missed
        ]  # fmt: skip
        for row in answered:
            row.state, row.answered_at, row.missing_count = RequestState.ANSWERED, now, 0
        BatchRequest.objects.bulk_update(
            [*again, *answered],
            [
                "state",
                "answered_at",
                "missing_count",
                "declared_count",
                "asked_at",
                "asks",
                "next_ask_at",
            ],
            batch_size=500,
        )
        figures = len(fresh), len(again), len(answered)
        if any(figures):
            names = ("missed", "asked_again", "answered")
            record_trail(actor=ACTOR, act="monitoring.chase", subject=str(day),
                         detail=dict(zip(names, figures, strict=True)))  # fmt: skip
    return figures


def _request(row: DeviceHour, day: date, now: int, pause_s: int) -> BatchRequest:
    return BatchRequest(
        device_id=row.device_id, hour=row.hour, record_kind=row.record_kind, event_day=day,
        declared_count=row.declared_count, missing_count=row.missing_count,
        state=RequestState.OPEN, first_missed_at=now, asked_at=now, next_ask_at=now + pause_s,
    )  # fmt: skip


def _asked(request: BatchRequest, row: DeviceHour, now: int, parameters: RequestParameters) -> bool:
    """Ask once more where it is time, or where what was answered is missed again."""
    reopened = request.state == RequestState.ANSWERED
    if request.state == RequestState.CLOSED or not (reopened or request.next_ask_at <= now):
        return False
    pause_s = min(parameters.first_pause_s << min(request.asks, 20), parameters.longest_pause_s)
    request.state, request.missing_count = RequestState.OPEN, row.missing_count
    request.declared_count = row.declared_count
    request.asked_at, request.next_ask_at, request.asks = now, now + pause_s, request.asks + 1
    return True


@transaction.atomic
def requests_for(prefixes: Sequence[str], now: int) -> list[BatchRequest]:
    """The open requests of devices whose ids begin so, all where none is given; marked as read."""
    found = BatchRequest.objects.filter(state=RequestState.OPEN).order_by("hour", "device_id")
    rows = [row for row in found if not prefixes or row.device_id.startswith(tuple(prefixes))]
    BatchRequest.objects.filter(pk__in=[row.pk for row in rows]).update(fetched_at=now)
    return rows


@transaction.atomic
def close_request(*, number: int, reason: str, actor: str, now: int) -> None:
    """A person gives a batch up; refuses one that is not open, and no reason."""
    hold_trail()
    if not reason.strip():
        raise Refusal(CLOSE_REASON_MISSING, "reason")
    request = BatchRequest.objects.filter(pk=number, state=RequestState.OPEN).first()
    if request is None:
        raise Refusal(NO_SUCH_REQUEST, "number", number=number)
    request.state, request.closed_by, request.reason = RequestState.CLOSED, actor, reason.strip()
    request.answered_at = now
    request.save()
    record_trail(
        actor=actor, act="monitoring.close_request",
        subject=f"{request.device_id} {request.hour} {request.record_kind}",
        detail={"missing": request.missing_count, "reason": request.reason},
    )  # fmt: skip
