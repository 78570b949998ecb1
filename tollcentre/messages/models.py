"""Tables of intake: batches, quarantined rows, senders and the receipts they were given."""

from django.db import models


class Sender(models.Model):
    """A machine that may deliver batches; its token is stored as a digest only."""

    name = models.CharField(max_length=64, unique=True)
    token_digest = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField()
    disabled_at = models.DateTimeField(null=True)


class IntakeBatch(models.Model):
    """One file, HTTP batch or replay that was taken in, and what became of its rows."""

    key = models.CharField(max_length=64, unique=True)
    source = models.CharField(max_length=16)
    name = models.CharField(max_length=255)
    sha256 = models.CharField(max_length=64)
    size_bytes = models.BigIntegerField(default=0)
    sender = models.ForeignKey(Sender, null=True, on_delete=models.PROTECT, related_name="+")
    done = models.BooleanField(default=False)
    rows_read = models.BigIntegerField(default=0)
    accepted = models.BigIntegerField(default=0)
    quarantined = models.BigIntegerField(default=0)
    duplicates = models.BigIntegerField(default=0)
    conflicting_versions = models.BigIntegerField(default=0)
    kinds = models.JSONField(default=dict)
    reasons = models.JSONField(default=dict)
    anomalies = models.JSONField(default=dict)
    days = models.JSONField(default=list)
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(
                    rows_read=models.F("accepted")
                    + models.F("quarantined")
                    + models.F("duplicates")
                ),
                name="intake_batch_accounts_for_rows",
            )
        ]
        indexes = [
            models.Index(fields=["sha256"], name="intake_batch_by_content"),
            models.Index(fields=["-started_at"], name="intake_batch_newest"),
        ]


class QuarantinedRow(models.Model):
    """A row that could not be used, verbatim, with its reasons; released when it later passed."""

    quarantine_key = models.BigIntegerField(unique=True)
    batch = models.ForeignKey(IntakeBatch, on_delete=models.PROTECT, related_name="+")
    file = models.CharField(max_length=255)
    line = models.BigIntegerField()
    kind = models.CharField(max_length=16, blank=True)
    reasons = models.CharField(max_length=1000)
    raw = models.BinaryField()
    header = models.TextField(blank=True)
    encoding = models.CharField(max_length=16)
    shape = models.CharField(max_length=8)
    received_at = models.DateTimeField()
    released_at = models.DateTimeField(null=True)
    released_by = models.CharField(max_length=64, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["released_at", "kind"], name="quarantined_row_open"),
            models.Index(fields=["batch"], name="quarantined_row_by_batch"),
        ]


class DeliveredBatch(models.Model):
    """An HTTP batch under its idempotency key: the digest of its body and the receipt given."""

    sender = models.ForeignKey(Sender, on_delete=models.PROTECT, related_name="+")
    key = models.CharField(max_length=128)
    body_sha256 = models.CharField(max_length=64)
    receipt = models.JSONField()
    received_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["sender", "key"], name="delivered_batch_once")
        ]
        indexes = [models.Index(fields=["received_at"], name="delivered_batch_by_age")]
