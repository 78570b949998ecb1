"""Double entry: accounts, batches and entries, inserted once and never changed."""

from django.db import models
from django.db.models import F, Q

ONE_SIDED = Q(debit_fen__gt=0, credit_fen=0) | Q(debit_fen=0, credit_fen__gt=0)


class LedgerAccount(models.Model):
    """An account that was posted to; its family is in the chart."""

    code = models.CharField(max_length=96, unique=True)
    family = models.CharField(max_length=48)
    parameter = models.CharField(max_length=48, blank=True)
    kind = models.CharField(max_length=16)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=["asset", "expense", "liability"]), name="ledger_account_kind"
            ),
        ]


class PostingBatch(models.Model):
    """One posting: balanced, keyed, chained to the one before by its hash; inserted once."""

    seq = models.BigIntegerField(primary_key=True)
    batch_key = models.CharField(max_length=96)
    clear_date = models.DateField()
    memo = models.TextField(blank=True)
    reverses = models.OneToOneField(
        "self", null=True, on_delete=models.PROTECT, related_name="reversed_by"
    )
    line_count = models.IntegerField()
    total_fen = models.BigIntegerField()
    content_digest = models.CharField(max_length=64)
    actor = models.CharField(max_length=150)
    posted_at = models.BigIntegerField()
    previous_hash = models.CharField(max_length=64)
    hash = models.CharField(max_length=64)

    class Meta:
        # `unique=True` would add an index for LIKE on PostgreSQL, which nobody reads.
        constraints = [
            models.UniqueConstraint(fields=["batch_key"], name="posting_batch_key_once"),
            models.UniqueConstraint(fields=["previous_hash"], name="posting_batch_no_fork"),
            models.CheckConstraint(condition=Q(seq__gte=1), name="posting_batch_seq"),
            models.CheckConstraint(
                condition=Q(total_fen__gt=0, line_count__gte=2), name="posting_batch_has_amounts"
            ),
            models.CheckConstraint(
                condition=Q(reverses__isnull=True) | Q(reverses__lt=F("seq")),
                name="posting_batch_reverses_earlier",
            ),
        ]
        indexes = [models.Index(fields=["clear_date"], name="posting_batch_by_day")]


class PostingEntry(models.Model):
    """One side of a batch, in fen, with its dimensions; inserted once."""

    # Both references are first in an index below.
    batch = models.ForeignKey(
        PostingBatch, on_delete=models.PROTECT, related_name="entries", db_index=False
    )
    line_no = models.IntegerField()
    account = models.ForeignKey(
        LedgerAccount, on_delete=models.PROTECT, related_name="entries", db_index=False
    )
    debit_fen = models.BigIntegerField()
    credit_fen = models.BigIntegerField()
    owner_id = models.CharField(max_length=32, blank=True)
    issuer_id = models.CharField(max_length=16, blank=True)
    province = models.CharField(max_length=8, blank=True)
    party_id = models.CharField(max_length=16, blank=True)
    media_type = models.SmallIntegerField()
    clear_date = models.DateField()
    memo = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["batch", "line_no"], name="posting_entry_line_once"),
            models.CheckConstraint(condition=ONE_SIDED, name="posting_entry_one_sided"),
            models.CheckConstraint(condition=Q(line_no__gte=1), name="posting_entry_line_no"),
        ]
        indexes = [
            models.Index(fields=["account", "clear_date"], name="posting_entry_by_account"),
            models.Index(fields=["owner_id", "clear_date"], name="posting_entry_by_owner"),
        ]


class Hold(models.Model):
    """Money held while it is in dispute; inserted once, with the batch that opened it."""

    opened = models.OneToOneField(
        PostingBatch, primary_key=True, on_delete=models.PROTECT, related_name="hold"
    )
    hold_key = models.CharField(max_length=89)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["hold_key"], name="hold_key_once")]


class HoldClosing(models.Model):
    """The one end of a hold, posted or voided; inserted once, with the batch that closed it."""

    hold = models.OneToOneField(
        Hold, primary_key=True, on_delete=models.PROTECT, related_name="closing"
    )
    batch = models.OneToOneField(PostingBatch, on_delete=models.PROTECT, related_name="closes")
    outcome = models.CharField(max_length=8)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(outcome__in=["posted", "voided"]), name="hold_closed_one_way"
            ),
            models.CheckConstraint(condition=Q(batch__gt=F("hold")), name="hold_closed_later"),
        ]


class LedgerHead(models.Model):
    """The one row that a poster locks: where the chain of batches ends."""

    id = models.PositiveSmallIntegerField(primary_key=True)
    seq = models.BigIntegerField()
    hash = models.CharField(max_length=64)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(id=1), name="ledger_head_is_one"),
        ]
