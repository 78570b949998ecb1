"""The trail of acts, two-person approval, and what Django's users lack."""

from django.conf import settings
from django.db import models

from .terms import ApprovalState

DECIDED = [ApprovalState.APPROVED.value, ApprovalState.REFUSED.value]


class TrailRow(models.Model):
    """One act; inserted once, never changed or deleted, chained to the row before by its hash."""

    seq = models.BigIntegerField(primary_key=True)
    at = models.BigIntegerField()
    actor = models.CharField(max_length=150)
    act = models.CharField(max_length=64)
    subject = models.CharField(max_length=255)
    detail = models.TextField()
    previous_hash = models.CharField(max_length=64)
    hash = models.CharField(max_length=64)

    class Meta:
        # `unique=True` would add an index for LIKE on PostgreSQL, which nobody reads.
        constraints = [
            models.UniqueConstraint(fields=["previous_hash"], name="trail_no_fork"),
            models.CheckConstraint(condition=models.Q(seq__gte=1), name="trail_seq_from_one"),
        ]
        indexes = [models.Index(fields=["act", "subject"], name="trail_by_act")]


class TrailHead(models.Model):
    """The one row that a writer of the trail locks: where the chain ends."""

    id = models.PositiveSmallIntegerField(primary_key=True)
    seq = models.BigIntegerField()
    hash = models.CharField(max_length=64)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(id=1), name="trail_head_is_one"),
        ]


class ApprovalRequest(models.Model):
    """What one person asks another to allow; inserted once."""

    approval_key = models.CharField(max_length=96, unique=True)
    act = models.CharField(max_length=64)
    subject = models.CharField(max_length=255)
    detail = models.TextField()
    reason = models.TextField()
    maker = models.CharField(max_length=150)
    requested_at = models.BigIntegerField()


class ApprovalDecision(models.Model):
    """The other person's answer; inserted once a request."""

    request = models.OneToOneField(
        ApprovalRequest, on_delete=models.PROTECT, related_name="decision"
    )
    state = models.CharField(max_length=16)
    checker = models.CharField(max_length=150)
    reason = models.TextField(blank=True)
    decided_at = models.BigIntegerField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(
                    state__in=[ApprovalState.APPROVED.value, ApprovalState.REFUSED.value]
                ),
                name="approval_decided_one_way",
            ),
        ]


class OwnerScope(models.Model):
    """One owner whose rows a road owner's user may see."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    owner_id = models.CharField(max_length=32)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "owner_id"], name="owner_scope_once"),
        ]


class DemoUser(models.Model):
    """Marks a user whose password lies in this home: never to be reached from outside."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+"
    )
