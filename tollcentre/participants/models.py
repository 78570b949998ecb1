"""Tables of participants."""

from django.db import models

from .terms import PartyKind


class Party(models.Model):
    """A party that money passes through or belongs to."""

    code = models.CharField(max_length=16, unique=True)
    kind = models.CharField(max_length=16, choices=[(k.value, k.value) for k in PartyKind])
    name_zh = models.CharField(max_length=128)
    name_en = models.CharField(max_length=128)


class SectionOwnership(models.Model):
    """A section's legal owner from a day on; a change of owner is a further row."""

    section_id = models.CharField(max_length=16)
    owner_id = models.CharField(max_length=16)
    from_day = models.DateField()
    source = models.CharField(max_length=128)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["section_id", "from_day"], name="one_owner_a_section_and_day"
            ),
        ]
