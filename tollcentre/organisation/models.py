"""Units of the organisation, where each belongs from when, and who holds which post."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from tollcentre.access.terms import Role

from .terms import Scope, UnitKind


class Unit(models.Model):
    """A unit (机构); its code never changes, and is the station's or owner's where it is one."""

    code = models.CharField(max_length=32, unique=True)
    kind = models.CharField(max_length=16)
    name_zh = models.CharField(max_length=128)
    name_en = models.CharField(max_length=128)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=list(UnitKind)), name="unit_kind"),
        ]


class UnitPlacing(models.Model):
    """Where a unit belongs from a day on, or that it is closed; inserted once."""

    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="placings")
    from_day = models.DateField()
    parent = models.ForeignKey(Unit, on_delete=models.PROTECT, null=True, related_name="+")
    is_closed = models.BooleanField()
    source = models.CharField(max_length=255)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["unit", "from_day"], name="unit_placed_once_a_day"),
            models.CheckConstraint(
                condition=Q(is_closed=False) | Q(parent__isnull=True), name="closed_unit_is_nowhere"
            ),
        ]


class Post(models.Model):
    """A post that a person holds in a unit (岗位), from a day until the day it ends."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="posts")
    title = models.CharField(max_length=64)
    role = models.CharField(max_length=32)
    scope = models.CharField(max_length=8)
    from_day = models.DateField()
    to_day = models.DateField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user", "unit", "title", "from_day"], name="post_held_once"
            ),
            models.CheckConstraint(
                condition=Q(scope__in=list(Scope)) & Q(role__in=list(Role)), name="post_words"
            ),
            models.CheckConstraint(
                condition=Q(to_day__isnull=True) | Q(to_day__gte=F("from_day")),
                name="post_ends_after",
            ),
        ]
        indexes = [models.Index(fields=["unit", "from_day"], name="post_by_unit")]
