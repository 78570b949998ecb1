"""What went up to the ministry's centre of clear days, and what it said of them."""

from django.db import models


class ClearingStatistic(models.Model):
    """One line of a clearing statistic (清分统计): what a counterparty owes or is owed, in fen.

    `our_count` and `our_fee` of a line of provinces' parts are what we make of the same messages,
    `booked_fee` is what was booked by it; none while what it names has not all come.
    """

    message_id = models.CharField(max_length=64)
    clear_date = models.DateField()
    side = models.CharField(max_length=16)
    kind = models.CharField(max_length=8, default="trade")
    party_id = models.CharField(max_length=16)
    count = models.IntegerField()
    fee = models.BigIntegerField()
    of_messages = models.JSONField()
    of_files = models.JSONField()
    our_count = models.IntegerField(null=True)
    our_fee = models.BigIntegerField(null=True)
    booked_fee = models.BigIntegerField(null=True)
    received_at = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["message_id", "side", "kind", "party_id"], name="clearing_statistic_once"
            )
        ]
        indexes = [models.Index(fields=["clear_date"], name="clearing_statistic_by_day")]


class UploadDay(models.Model):
    """What had landed of a clear day and kind when it was last looked at (上报日); fen.

    `seen` says which files and run the look found; `unfit` records lack what a message requires.
    """

    clear_date = models.DateField()
    kind = models.CharField(max_length=32)
    seen = models.CharField(max_length=96)
    landed = models.BigIntegerField()
    landed_fee = models.BigIntegerField()
    unfit = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["clear_date", "kind"], name="upload_day_once")
        ]


class Upload(models.Model):
    """Records of a day and kind that went up together (上报批): 0 the first, then supplements."""

    clear_date = models.DateField()
    kind = models.CharField(max_length=32)
    number = models.IntegerField()
    run_key = models.CharField(max_length=64)
    records = models.BigIntegerField()
    amount_fen = models.BigIntegerField()
    queued = models.BooleanField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["clear_date", "kind", "number"], name="upload_once")
        ]

    @property
    def cause(self) -> str:
        """What its messages are caused by."""
        return f"{self.clear_date}/{self.kind}/{self.number}"


class DayExit(models.Model):
    """Exits of a clear day that no message takes up (清分日出口): by whom they wait on; fen."""

    clear_date = models.DateField()
    kind = models.CharField(max_length=8)
    party = models.CharField(max_length=32, blank=True)
    count = models.IntegerField()
    fee = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["clear_date", "kind", "party"], name="day_exit_once")
        ]
