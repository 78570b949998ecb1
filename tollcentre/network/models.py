"""Tables of the road network: the versions; their columns lie in the lake."""

from django.db import models


class NetworkVersion(models.Model):
    """An imported version of the road network and from when it is valid."""

    version = models.CharField(max_length=32, unique=True)
    valid_from = models.DateField(db_index=True)
    fingerprint = models.CharField(max_length=64)
    counts = models.JSONField(default=dict)
    flagged = models.JSONField(default=dict)
    imported_at = models.DateTimeField(auto_now_add=True)
