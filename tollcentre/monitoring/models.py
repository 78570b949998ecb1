"""Hour batches that were missed and are asked for again."""

from django.db import models
from django.db.models import Q

STATES = ["open", "answered", "closed"]


class BatchRequest(models.Model):
    """An hour batch that has not been declared or has not all arrived (催补); epoch seconds.

    `missing_count` is what was missing at the last look, `fetched_at` when its sender last read it;
    `declared_count` is -1 where the hour was not even declared.
    """

    device_id = models.CharField(max_length=32)
    hour = models.CharField(max_length=10)
    record_kind = models.CharField(max_length=16)
    event_day = models.DateField()
    declared_count = models.BigIntegerField()
    missing_count = models.BigIntegerField()
    state = models.CharField(max_length=8)
    first_missed_at = models.BigIntegerField()
    asked_at = models.BigIntegerField()
    asks = models.IntegerField(default=1)
    next_ask_at = models.BigIntegerField()
    fetched_at = models.BigIntegerField(default=0)
    answered_at = models.BigIntegerField(default=0)
    closed_by = models.CharField(max_length=150, blank=True)
    reason = models.CharField(max_length=255, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["device_id", "hour", "record_kind"], name="batch_request_once"
            ),
            models.CheckConstraint(condition=Q(state__in=STATES), name="batch_request_state"),
        ]
        indexes = [models.Index(fields=["state", "event_day"], name="batch_request_open")]
