"""Tables of participants."""

from django.db import models

from .terms import Cycle, OwnershipMoment, PartyKind, SettlementModel


class Party(models.Model):
    """A party that money passes through or belongs to."""

    code = models.CharField(max_length=16, unique=True)
    kind = models.CharField(max_length=16, choices=[(k.value, k.value) for k in PartyKind])
    name_zh = models.CharField(max_length=128)
    name_en = models.CharField(max_length=128)


class SectionOwnership(models.Model):
    """A section's legal owner from a moment on (epoch s); a change of owner is a further row."""

    section_id = models.CharField(max_length=16)
    owner_id = models.CharField(max_length=16)
    from_time = models.BigIntegerField()
    source = models.CharField(max_length=128)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["section_id", "from_time"], name="one_owner_a_section_and_moment"
            ),
        ]


class Agreement(models.Model):
    """What was agreed with a party from a day on; other terms are a further row."""

    agreement_no = models.CharField(max_length=32, unique=True)
    party_id = models.CharField(max_length=16)
    from_day = models.DateField()
    cycle = models.CharField(max_length=16, choices=[(c.value, c.value) for c in Cycle])
    lag_days = models.PositiveSmallIntegerField()
    model = models.CharField(max_length=16, choices=[(m.value, m.value) for m in SettlementModel])
    moment = models.CharField(max_length=16, choices=[(m.value, m.value) for m in OwnershipMoment])
    payee_account = models.CharField(max_length=32)
    payee_name = models.CharField(max_length=128)
    payee_bank = models.CharField(max_length=64)
    payer_bank = models.CharField(max_length=16)
    template = models.CharField(max_length=64)
    signed_on = models.DateField()
    source = models.CharField(max_length=128)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["party_id", "from_day"], name="one_agreement_a_party_and_day"
            ),
        ]


class BankAccount(models.Model):
    """An account of ours at a bank from a day on; another account is a further row."""

    bank_id = models.CharField(max_length=16)
    account = models.CharField(max_length=32)
    name = models.CharField(max_length=128)
    from_day = models.DateField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["bank_id", "from_day"], name="one_own_account_a_bank_and_day"
            ),
        ]
