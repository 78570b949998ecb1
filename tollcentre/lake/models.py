"""The catalogue of the columnar lake: one row per immutable Parquet file."""

from django.db import models


class LakeFile(models.Model):
    """A registered Parquet file of one relation, partition and run."""

    relation = models.CharField(max_length=64)
    partition = models.CharField(max_length=64)
    run_key = models.CharField(max_length=96)
    path = models.CharField(max_length=255, unique=True)
    schema_version = models.PositiveSmallIntegerField(default=1)
    rows = models.BigIntegerField()
    size_bytes = models.BigIntegerField()
    control_sums = models.JSONField(default=dict)
    sha256 = models.CharField(max_length=64)
    registered_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["relation", "partition", "run_key"], name="lake_file_once_a_run"
            ),
            models.CheckConstraint(condition=models.Q(rows__gte=0), name="lake_file_rows"),
        ]
        indexes = [models.Index(fields=["relation", "run_key"], name="lake_file_by_run")]
