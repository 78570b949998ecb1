"""Changes of tolls, their split, each state they were in, and customers' credits; insert-only."""

from django.db import models
from django.db.models import Q

from .terms import ChangeCause, ChangeKind, ChangeRoute, ChangeState, InvoiceFlag

KINDS = [kind.value for kind in ChangeKind]
CAUSES = [cause.value for cause in ChangeCause]
ROUTES = [route.value for route in ChangeRoute]
STATES = [state.value for state in ChangeState]
INVOICE_FLAGS = [flag.value for flag in InvoiceFlag]


class TollChange(models.Model):
    """A refund or supplement of a passage (退补费单); amounts in fen, `raised_at` in epoch s.

    `finding` names passage, rule and number of a draft of the engine's; null where a person raised
    it. `ground` holds the figures that it goes by.
    """

    change_id = models.CharField(max_length=40, unique=True)
    finding = models.CharField(max_length=128, null=True, unique=True)
    kind = models.CharField(max_length=12)
    cause = models.CharField(max_length=20)
    route = models.CharField(max_length=10)
    pass_key = models.BigIntegerField()
    pass_id = models.CharField(max_length=64, blank=True)
    transaction_id = models.CharField(max_length=64, blank=True)
    run_key = models.CharField(max_length=64)
    passage_day = models.DateField()
    issuer_id = models.CharField(max_length=16, blank=True)
    media_type = models.SmallIntegerField()
    medium_no = models.CharField(max_length=32, blank=True)
    original_fee = models.BigIntegerField()
    fee = models.BigIntegerField()
    invoice_flag = models.SmallIntegerField()
    ground = models.JSONField()
    reason = models.TextField(blank=True)
    raised_by = models.CharField(max_length=150)
    raised_at = models.BigIntegerField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(fee__gt=0), name="toll_change_of_something"),
            models.CheckConstraint(
                condition=Q(kind__in=KINDS, cause__in=CAUSES,
                            route__in=ROUTES, invoice_flag__in=INVOICE_FLAGS),
                name="toll_change_codes",
            ),
        ]  # fmt: skip
        indexes = [
            models.Index(fields=["pass_key"], name="toll_change_by_passage"),
            models.Index(fields=["passage_day"], name="toll_change_by_day"),
        ]


class TollChangeLine(models.Model):
    """One party's part of a change: a road owner's, another province's or held; fee in fen."""

    change = models.ForeignKey(TollChange, on_delete=models.PROTECT, related_name="lines")
    party = models.CharField(max_length=10)
    code = models.CharField(max_length=32, blank=True)
    fee = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["change", "party", "code"], name="toll_change_line_once"
            )
        ]


class TollChangeStep(models.Model):
    """A state that a change came into, once: on which day, why and by whom; `at` in epoch s.

    The day of `accepted` is the change's own clear date.
    """

    change = models.ForeignKey(TollChange, on_delete=models.PROTECT, related_name="steps")
    state = models.CharField(max_length=10)
    day = models.DateField()
    reason = models.TextField(blank=True)
    actor = models.CharField(max_length=150)
    message_id = models.CharField(max_length=64, blank=True)
    at = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["change", "state"], name="toll_change_state_once"),
            models.CheckConstraint(condition=Q(state__in=STATES), name="toll_change_step_state"),
        ]
        indexes = [models.Index(fields=["state", "change"], name="toll_change_by_state")]


class CustomerCredit(models.Model):
    """What our issuer made of a change of its customer's toll: `result` 0 credited, else why not.

    `toll_party` is the centre whose change it is; fee in fen, `at` in epoch seconds.
    """

    toll_party = models.CharField(max_length=16)
    change_id = models.CharField(max_length=40)
    kind = models.CharField(max_length=12)
    issuer_id = models.CharField(max_length=16)
    medium_no = models.CharField(max_length=32, blank=True)
    transaction_id = models.CharField(max_length=64, blank=True)
    of_message = models.CharField(max_length=64, blank=True)
    fee = models.BigIntegerField()
    result = models.SmallIntegerField()
    credited_on = models.DateField()
    message_id = models.CharField(max_length=64, blank=True)
    at = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["toll_party", "change_id"],
                condition=Q(result=0),
                name="customer_credited_once",
            )
        ]
        indexes = [
            models.Index(fields=["of_message", "transaction_id"], name="customer_credit_by_trade")
        ]


class RefundSearch(models.Model):
    """A cleared run whose passages were searched for overcharges, once; fee in fen."""

    run_key = models.CharField(max_length=64, unique=True)
    clear_date = models.DateField()
    found = models.IntegerField()
    fee = models.BigIntegerField()
    at = models.BigIntegerField()
