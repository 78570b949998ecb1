"""Booked messages, disputed trades and their rulings; each inserted once and never changed."""

from django.db import models
from django.db.models import F, Q

DIRECTIONS = ("toll", "issuer")


class BookedMessage(models.Model):
    """A message of trades that its issuer has booked: what is confirmed, what is disputed, in fen.

    Direction `toll`: trades at our exits on media of others; `issuer`: trades elsewhere on ours.
    """

    direction = models.CharField(max_length=8)
    of_message = models.CharField(max_length=64)
    result_message = models.CharField(max_length=64)
    issuer_id = models.CharField(max_length=16)
    toll_party = models.CharField(max_length=16)
    clear_date = models.DateField()
    confirmed_on = models.DateField()
    count = models.IntegerField()
    fee = models.BigIntegerField()
    disputed_count = models.IntegerField()
    disputed_fee = models.BigIntegerField()
    booked_at = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["direction", "of_message"], name="message_booked_once"),
            models.CheckConstraint(
                condition=Q(direction__in=DIRECTIONS), name="booked_message_direction"
            ),
            models.CheckConstraint(
                condition=Q(disputed_count__lte=F("count"), disputed_fee__lte=F("fee")),
                name="booked_message_disputes_within",
            ),
        ]
        indexes = [models.Index(fields=["confirmed_on"], name="booked_message_by_day")]


class Dispute(models.Model):
    """A trade that its issuer would not book, and the reason; fee in fen."""

    booked = models.ForeignKey(BookedMessage, on_delete=models.PROTECT, related_name="disputes")
    direction = models.CharField(max_length=8)
    transaction_id = models.CharField(max_length=64)
    pass_id = models.CharField(max_length=64, blank=True)
    issuer_id = models.CharField(max_length=16)
    toll_party = models.CharField(max_length=16)
    fee = models.BigIntegerField()
    reason = models.SmallIntegerField()
    opened_on = models.DateField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["booked", "transaction_id"], name="trade_disputed_once")
        ]
        indexes = [
            models.Index(fields=["opened_on"], name="dispute_by_day"),
            models.Index(fields=["transaction_id"], name="dispute_by_trade"),
        ]


class DisputeRuling(models.Model):
    """What was ruled of a disputed trade: 0 it is paid, 1 it is bad debt."""

    dispute = models.OneToOneField(Dispute, on_delete=models.PROTECT, related_name="ruling")
    result = models.SmallIntegerField()
    file_id = models.CharField(max_length=32)
    message_id = models.CharField(max_length=64)
    ruled_on = models.DateField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(result__in=[0, 1]), name="dispute_ruling_result")
        ]


class BookedTrade(models.Model):
    """How a trade was booked: `reason` 0 is payable, else why it is disputed; inserted once.

    Only a payable trade holds the charge that it records (`dedup_key`), and no second one can.
    """

    trade_key = models.CharField(max_length=64, primary_key=True)
    dedup_key = models.CharField(max_length=64, null=True, unique=True)
    reason = models.SmallIntegerField()
    fee_fen = models.BigIntegerField()
    received_at = models.BigIntegerField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(reason=0, dedup_key__isnull=False)
                | Q(reason__gt=0, dedup_key__isnull=True),
                name="booked_trade_holds_its_charge",
            ),
        ]
