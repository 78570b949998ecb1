"""Tables of intake: batches, quarantined rows, senders and the receipts they were given."""

from django.db import models


class Sender(models.Model):
    """A machine that may deliver batches; its token is stored as a digest only.

    `devices` says whose records it sends: beginnings of device ids, divided by |; blank for all.
    """

    name = models.CharField(max_length=64, unique=True)
    devices = models.CharField(max_length=1000, blank=True, default="")
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


class ExchangePeer(models.Model):
    """A centre, bank or channel that messages are exchanged with: where it listens, as whom we
    speak to it, whose token it shows us (a centre), as which user we log in (at a bank), and what
    stood in the way of our last visit.
    """

    code = models.CharField(max_length=16, unique=True)
    kind = models.CharField(max_length=8, default="centre")
    own_code = models.CharField(max_length=16)
    address = models.CharField(max_length=255)
    user = models.CharField(max_length=64, blank=True)
    sender = models.OneToOneField(Sender, on_delete=models.PROTECT, null=True, related_name="+")
    added_at = models.BigIntegerField()
    fault = models.CharField(max_length=255, blank=True)


class MessageBody(models.Model):
    """The bytes of a message as sent or received, kept once, compressed; never changed."""

    sha256 = models.CharField(max_length=64, primary_key=True)
    size_bytes = models.BigIntegerField()
    compressed = models.BinaryField()


class SentMessage(models.Model):
    """A message of ours: what it says never changes, only how far it has come.

    `held_there`: whether its receiver has told that it holds the very same (1), or another (2).
    """

    message_id = models.CharField(max_length=64, unique=True)
    receiver = models.CharField(max_length=16)
    protocol = models.CharField(max_length=8, default="trunk")
    kind = models.CharField(max_length=32)
    version = models.CharField(max_length=16)
    cause = models.CharField(max_length=96)
    clear_date = models.DateField(null=True)
    count = models.IntegerField()
    amount_fen = models.BigIntegerField()
    digest = models.CharField(max_length=64)
    body = models.ForeignKey(MessageBody, on_delete=models.PROTECT, related_name="+")
    created_at = models.BigIntegerField()
    state = models.CharField(max_length=16)
    tries = models.IntegerField(default=0)
    next_try_at = models.BigIntegerField()
    result = models.SmallIntegerField(default=0)
    settled_at = models.BigIntegerField(default=0)
    held_there = models.SmallIntegerField(default=0)

    class Meta:
        indexes = [
            models.Index(fields=["state", "next_try_at"], name="sent_message_due"),
            models.Index(fields=["cause"], name="sent_message_by_cause"),
            models.Index(fields=["clear_date", "kind"], name="sent_message_by_day"),
        ]


class SendTry(models.Model):
    """One try to hand a message over, and what came back."""

    message = models.ForeignKey(SentMessage, on_delete=models.PROTECT, related_name="send_tries")
    at = models.BigIntegerField()
    result = models.SmallIntegerField()
    fault = models.CharField(max_length=255, blank=True)


class ReceivedMessage(models.Model):
    """A message that was taken: acted on once, or waiting for what it speaks of."""

    sender = models.CharField(max_length=16)
    message_id = models.CharField(max_length=64)
    protocol = models.CharField(max_length=8, default="trunk")
    kind = models.CharField(max_length=32)
    version = models.CharField(max_length=16)
    count = models.IntegerField()
    amount_fen = models.BigIntegerField()
    digest = models.CharField(max_length=64)
    body = models.ForeignKey(MessageBody, on_delete=models.PROTECT, related_name="+")
    received_at = models.BigIntegerField()
    state = models.CharField(max_length=16)
    tries = models.IntegerField(default=0)
    next_try_at = models.BigIntegerField()
    fault = models.CharField(max_length=255, blank=True)
    settled_at = models.BigIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["sender", "message_id"], name="received_message_once")
        ]
        indexes = [models.Index(fields=["state", "next_try_at"], name="received_message_due")]


class Arrival(models.Model):
    """One delivery at our door, taken or not, and the result code that was answered."""

    sender = models.CharField(max_length=16)
    message_id = models.CharField(max_length=64, blank=True)
    at = models.BigIntegerField()
    body_sha256 = models.CharField(max_length=64)
    size_bytes = models.BigIntegerField()
    result = models.SmallIntegerField()
    fault = models.CharField(max_length=512, blank=True)

    class Meta:
        indexes = [models.Index(fields=["sender", "message_id"], name="arrival_by_message")]


class HoldingsCheck(models.Model):
    """What a peer said that it holds of a day, against what we hold; lists of message ids."""

    message_id = models.CharField(max_length=64, unique=True)
    peer = models.CharField(max_length=16)
    day = models.DateField()
    count = models.IntegerField()
    unknown_here = models.JSONField()
    differing = models.JSONField()
    checked_at = models.BigIntegerField()


class ChannelNotice(models.Model):
    """A channel's word that a driver paid by code; handed on once, whatever became of it there."""

    channel = models.CharField(max_length=16)
    notice_id = models.CharField(max_length=64)
    order_no = models.CharField(max_length=64)
    station_id = models.CharField(max_length=21)
    amount_fen = models.BigIntegerField()
    paid_at = models.BigIntegerField()
    digest = models.CharField(max_length=64)
    received_at = models.BigIntegerField()
    state = models.CharField(max_length=16)
    tries = models.IntegerField(default=0)
    next_try_at = models.BigIntegerField()
    fault = models.CharField(max_length=255, blank=True)
    settled_at = models.BigIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["channel", "notice_id"], name="channel_notice_once")
        ]
        indexes = [
            models.Index(fields=["state", "next_try_at"], name="channel_notice_due"),
            models.Index(fields=["channel", "order_no"], name="channel_notice_by_order"),
        ]


class BillToFetch(models.Model):
    """A channel's bill of a day as we ask for it: how often, what stood in the way, which it is."""

    channel = models.CharField(max_length=16)
    day = models.DateField()
    message_id = models.CharField(max_length=64, blank=True)
    tries = models.IntegerField(default=0)
    next_try_at = models.BigIntegerField()
    fault = models.CharField(max_length=255, blank=True)
    settled_at = models.BigIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["channel", "day"], name="channel_bill_once")]
        indexes = [models.Index(fields=["settled_at", "next_try_at"], name="channel_bill_due")]


class BillTry(models.Model):
    """One time that we asked for a bill, and what came: HTTP status, result code, fault."""

    bill = models.ForeignKey(BillToFetch, on_delete=models.PROTECT, related_name="bill_tries")
    at = models.BigIntegerField()
    status = models.SmallIntegerField()
    result = models.SmallIntegerField()
    fault = models.CharField(max_length=255, blank=True)
