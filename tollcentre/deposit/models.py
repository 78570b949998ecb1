"""What stations, banks and channels hand in, inserted once; beside it where each shift stands.

`LaneDue`, `ShiftCash` and `DepositDifference` follow from the rest and are written anew.
"""

from django.db import models
from django.db.models import Q


class ShiftReport(models.Model):
    """A station's report of a shift; the version that was closed last stands."""

    station_id = models.CharField(max_length=14)
    shift_day = models.DateField()
    shift = models.CharField(max_length=4)
    operator_id = models.CharField(max_length=32, blank=True)
    cash_fen = models.BigIntegerField()
    mobile_fen = models.BigIntegerField()
    slips = models.JSONField()
    closed_at = models.BigIntegerField()
    stands = models.BooleanField()
    source = models.CharField(max_length=96)
    taken_at = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["station_id", "shift_day", "shift"],
                condition=Q(stands=True),
                name="one_standing_report_a_shift",
            ),
        ]
        indexes = [models.Index(fields=["shift_day", "station_id"], name="shift_report_by_day")]


class ReportedSlip(models.Model):
    """A slip that a shift report names."""

    report = models.ForeignKey(ShiftReport, on_delete=models.PROTECT, related_name="reported_slips")
    slip_no = models.CharField(max_length=32)

    class Meta:
        indexes = [models.Index(fields=["slip_no"], name="reported_slip_by_no")]


class DepositSlip(models.Model):
    """Cash that a station paid in, as the bank says it (缴款单)."""

    slip_no = models.CharField(max_length=32, unique=True)
    bank_id = models.CharField(max_length=16)
    station_id = models.CharField(max_length=14)
    shift_day = models.DateField()
    shift = models.CharField(max_length=4)
    amount_fen = models.BigIntegerField()
    deposited_at = models.BigIntegerField()
    message_id = models.CharField(max_length=64)
    taken_at = models.BigIntegerField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(amount_fen__gt=0), name="deposit_slip_pays"),
        ]
        indexes = [models.Index(fields=["shift_day", "station_id"], name="deposit_slip_by_day")]


class ChannelBill(models.Model):
    """A channel's bill of a day; its orders are in the lake. Matched and over are posted."""

    channel = models.CharField(max_length=16)
    bill_day = models.DateField()
    message_id = models.CharField(max_length=64)
    digest = models.CharField(max_length=64)
    count = models.IntegerField()
    paid_fen = models.BigIntegerField()
    fee_fen = models.BigIntegerField()
    taken_at = models.BigIntegerField()
    matched_count = models.IntegerField(default=0)
    matched_fen = models.BigIntegerField(default=0)
    over_fen = models.BigIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["channel", "bill_day"], name="one_bill_a_channel_day"),
        ]


class RefundedOrder(models.Model):
    """An order that a bill says was refunded; `paid_day` is of the bill that has it as paid."""

    channel = models.CharField(max_length=16)
    order_no = models.CharField(max_length=64)
    bill_day = models.DateField()
    paid_day = models.DateField(null=True)
    amount_fen = models.BigIntegerField()
    fee_fen = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["channel", "order_no"], name="order_refunded_once"),
        ]
        indexes = [models.Index(fields=["bill_day"], name="refunded_order_by_day")]


class DepositCredit(models.Model):
    """A slip or payout that a bank's statement showed, and by what it was found there."""

    key = models.CharField(max_length=64, unique=True)
    cause = models.CharField(max_length=96)
    clear_date = models.DateField()
    amount_fen = models.BigIntegerField()
    gross_fen = models.BigIntegerField()


class LaneDay(models.Model):
    """The run whose payments at lanes stand for a clear day."""

    clear_date = models.DateField(unique=True)
    run_key = models.CharField(max_length=64)


class LaneDue(models.Model):
    """What the lanes of a shift took on a clear day by means: due, found on bills, waiting; fen."""

    clear_date = models.DateField()
    station_id = models.CharField(max_length=14, blank=True)
    shift_day = models.DateField()
    shift = models.CharField(max_length=4, blank=True)
    means = models.CharField(max_length=8)
    channel = models.CharField(max_length=16, blank=True)
    due_count = models.IntegerField()
    due_fen = models.BigIntegerField()
    matched_count = models.IntegerField()
    matched_fen = models.BigIntegerField()
    waiting_count = models.IntegerField()
    waiting_fen = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["clear_date", "station_id", "shift_day", "shift", "means", "channel"],
                name="one_due_a_shift_and_means",
            ),
        ]
        indexes = [models.Index(fields=["shift_day", "station_id"], name="lane_due_by_shift_day")]


class ShiftCash(models.Model):
    """Where the cash of a shift is; what of it is posted follows from these figures, in fen."""

    station_id = models.CharField(max_length=14, blank=True)
    shift_day = models.DateField()
    shift = models.CharField(max_length=4, blank=True)
    lane_fen = models.BigIntegerField()
    declared_fen = models.BigIntegerField(null=True)
    deposited_fen = models.BigIntegerField()
    credited_fen = models.BigIntegerField()
    late_fen = models.BigIntegerField()
    bank_fen = models.BigIntegerField()
    station_fen = models.BigIntegerField()
    short_fen = models.BigIntegerField()
    over_fen = models.BigIntegerField()
    deposit_by = models.DateField()
    state = models.CharField(max_length=16)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["station_id", "shift_day", "shift"], name="one_cash_row_a_shift"
            ),
        ]
        indexes = [models.Index(fields=["shift_day", "station_id"], name="shift_cash_by_day")]


class DepositDifference(models.Model):
    """What does not agree, by name; `day` is the clear day, bill day or shift day that has it."""

    key = models.CharField(max_length=96, unique=True)
    kind = models.CharField(max_length=16)
    day = models.DateField()
    station_id = models.CharField(max_length=14, blank=True)
    shift_day = models.DateField(null=True)
    shift = models.CharField(max_length=4, blank=True)
    channel = models.CharField(max_length=16, blank=True)
    order_no = models.CharField(max_length=64, blank=True)
    pass_key = models.BigIntegerField(default=0)
    pass_id = models.CharField(max_length=64, blank=True)
    record_key = models.BigIntegerField(default=0)
    count = models.IntegerField(default=1)
    lane_fen = models.BigIntegerField()
    other_fen = models.BigIntegerField()

    class Meta:
        indexes = [
            models.Index(fields=["day", "kind"], name="deposit_difference_by_day"),
            models.Index(fields=["shift_day", "station_id"], name="deposit_difference_by_shift"),
        ]


class DepositRuling(models.Model):
    """What one person decided of a difference; in effect once another approved it."""

    approval_key = models.CharField(max_length=96, unique=True)
    difference_key = models.CharField(max_length=96)
    kind = models.CharField(max_length=16)
    clear_date = models.DateField()
    record_key = models.BigIntegerField(default=0)
    order_no = models.CharField(max_length=64, blank=True)
    maker = models.CharField(max_length=150)
    in_effect = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["difference_key"],
                condition=Q(in_effect=True),
                name="one_ruling_a_difference",
            ),
        ]
