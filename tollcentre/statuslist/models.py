"""The table of the status lists."""

from django.db import models


class StatusListRow(models.Model):
    """One entry of a status list; inserted once."""

    medium_no = models.CharField(max_length=20)
    list_type = models.SmallIntegerField()
    version = models.BigIntegerField()
    creation_time = models.BigIntegerField()
    status = models.SmallIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["medium_no", "version", "list_type", "creation_time", "status"],
                name="status_list_entry_once",
            ),
            models.CheckConstraint(
                condition=models.Q(status__in=[1, 2]), name="status_list_enter_or_leave"
            ),
        ]
