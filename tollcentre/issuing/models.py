"""Tables of issuing."""

from django.db import models


class Medium(models.Model):
    """An OBU or card that was issued; inserted once."""

    medium_no = models.CharField(max_length=20, primary_key=True)
    issuer_id = models.CharField(max_length=6)
    card_type = models.SmallIntegerField()
    vehicle_id = models.CharField(max_length=20)
    vehicle_type = models.SmallIntegerField()
    enabled_from = models.DateField()
    enabled_to = models.DateField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(enabled_to__gte=models.F("enabled_from")),
                name="medium_enabled_days",
            ),
        ]


class EtcAccountHistory(models.Model):
    """From a moment on the account of a medium stands so; inserted once."""

    medium = models.ForeignKey(
        Medium, on_delete=models.PROTECT, related_name="+", db_index=False, db_column="medium_no"
    )
    state_from = models.BigIntegerField()
    state = models.CharField(max_length=16)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["medium", "state_from"], name="one_account_state_a_moment"
            ),
        ]
