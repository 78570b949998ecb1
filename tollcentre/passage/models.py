"""What people decided on the paths of passages in review."""

from django.db import models


class PathDecision(models.Model):
    """One person's decision on a passage's path; inserted once, in effect once approved.

    `units` are [toll unit id, epoch second] in driving order. Who approved it, and when, stands
    with the approval of the same key.
    """

    approval_key = models.CharField(max_length=96, unique=True)
    pass_key = models.BigIntegerField()
    pass_id = models.CharField(max_length=64)
    clear_date = models.DateField()
    network_version = models.CharField(max_length=32)
    units = models.JSONField()
    content_digest = models.CharField(max_length=64)
    reason = models.TextField()
    maker = models.CharField(max_length=150)
    asked_at = models.BigIntegerField()

    class Meta:
        indexes = [
            models.Index(fields=["clear_date", "pass_key", "id"], name="path_decision_by_day"),
        ]
