"""Runs of clear days and their steps."""

from django.db import models

from .terms import RunState, StepState


class Run(models.Model):
    """One clearing of one day; a restatement is a new run that names the one it follows."""

    run_key = models.CharField(max_length=64, unique=True)
    clear_date = models.DateField()
    state = models.CharField(max_length=16, choices=[(s.value, s.value) for s in RunState])
    engine = models.CharField(max_length=16)
    network_version = models.CharField(max_length=32)
    code_version = models.CharField(max_length=32)
    inputs_digest = models.CharField(max_length=64)
    inputs = models.JSONField(default=dict)
    supersedes = models.CharField(max_length=64, blank=True)
    control_totals = models.JSONField(default=dict)
    message = models.TextField(blank=True)
    actor = models.CharField(max_length=150)
    started_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["clear_date", "id"], name="run_by_day")]


class RunStep(models.Model):
    """One step of a run: what it built, how long it took, which checks held."""

    run = models.ForeignKey(Run, on_delete=models.PROTECT, related_name="+")
    seq = models.PositiveSmallIntegerField()
    name = models.CharField(max_length=64)
    state = models.CharField(max_length=16, choices=[(s.value, s.value) for s in StepState])
    rows = models.BigIntegerField(default=0)
    seconds = models.FloatField(default=0)
    checks = models.JSONField(default=list)
    message = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["run", "seq"], name="run_step_once"),
        ]
