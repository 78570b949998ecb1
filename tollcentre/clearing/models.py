"""What the ministry's centre said of clear days; each message's rows once."""

from django.db import models


class ClearingStatistic(models.Model):
    """One line of a clearing statistic (清分统计): what a counterparty owes or is owed, in fen."""

    message_id = models.CharField(max_length=64)
    clear_date = models.DateField()
    side = models.CharField(max_length=16)
    party_id = models.CharField(max_length=16)
    count = models.IntegerField()
    fee = models.BigIntegerField()
    of_messages = models.JSONField()
    of_files = models.JSONField()
    received_at = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["message_id", "side", "party_id"], name="clearing_statistic_once"
            )
        ]
        indexes = [models.Index(fields=["clear_date"], name="clearing_statistic_by_day")]
