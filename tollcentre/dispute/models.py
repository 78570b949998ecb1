"""Booked messages, disputed trades and their rulings; each inserted once and never changed."""

from django.db import models
from django.db.models import F, Q

DIRECTIONS = ("toll", "issuer", "local")


class BookedMessage(models.Model):
    """A message of trades that its issuer has booked: what is confirmed, what is disputed, in fen.

    Direction `toll`: trades at our exits on media of others; `issuer`: trades elsewhere on ours;
    `local`: trades at our exits on ours, which no message carried: `of_message` is run and issuer.
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
    """What was ruled of a disputed trade: 0 it is paid, 1 it is bad debt; by whom, and why.

    Of the ministry's, `file_id` and `message_id` name its file; of ours `approval_key` the request.
    """

    dispute = models.OneToOneField(Dispute, on_delete=models.PROTECT, related_name="ruling")
    result = models.SmallIntegerField()
    source = models.CharField(max_length=16, default="ministry")
    file_id = models.CharField(max_length=32, blank=True)
    message_id = models.CharField(max_length=64, blank=True)
    approval_key = models.CharField(max_length=96, blank=True)
    liable = models.CharField(max_length=16, blank=True)
    liable_code = models.CharField(max_length=32, blank=True)
    grounds = models.CharField(max_length=500, blank=True)
    ruled_on = models.DateField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(result__in=[0, 1]), name="dispute_ruling_result")
        ]


class RulingProposal(models.Model):
    """Rulings that one person proposed at once, for another to approve; amounts in fen."""

    approval_key = models.CharField(max_length=96, unique=True)
    maker = models.CharField(max_length=150)
    content_digest = models.CharField(max_length=64)
    count = models.IntegerField()
    fee = models.BigIntegerField()
    asked_at = models.BigIntegerField()


class ProposedRuling(models.Model):
    """What was proposed of one dispute."""

    proposal = models.ForeignKey(RulingProposal, on_delete=models.PROTECT, related_name="rulings")
    dispute = models.ForeignKey(Dispute, on_delete=models.PROTECT, related_name="proposed")
    result = models.SmallIntegerField()
    liable = models.CharField(max_length=16)
    liable_code = models.CharField(max_length=32, blank=True)
    grounds = models.CharField(max_length=500)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["proposal", "dispute"], name="ruling_proposed_once"),
            models.CheckConstraint(condition=Q(result__in=[0, 1]), name="proposed_ruling_result"),
        ]


class DisputeEvidence(models.Model):
    """What we put together of a disputed trade and what we hold of it; frozen when it is made.

    `position` 0: it is to be paid, 1: it is bad debt. `facts` are texts, `digest` is over them.
    """

    dispute = models.ForeignKey(Dispute, on_delete=models.PROTECT, related_name="evidence")
    position = models.SmallIntegerField()
    grounds = models.CharField(max_length=500)
    facts = models.JSONField()
    digest = models.CharField(max_length=64)
    maker = models.CharField(max_length=150)
    made_at = models.BigIntegerField()
    sent = models.BooleanField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["dispute", "digest"], name="evidence_said_once"),
            models.CheckConstraint(condition=Q(position__in=[0, 1]), name="evidence_position"),
        ]


class BookedTrade(models.Model):
    """How a trade was booked: `reason` 0 is payable, else why it is disputed; inserted once.

    Only a payable trade holds the charge that it records: its `charge_key` is its `dedup_key` too,
    and no second one's can be. One that is ruled payable is booked once more, as payable.
    """

    trade_key = models.CharField(max_length=64, primary_key=True)
    charge_key = models.CharField(max_length=64, blank=True)
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
