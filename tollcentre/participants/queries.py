"""Every read of participants for others."""

from datetime import date

from django.db.models import QuerySet

from tollcentre.access.terms import Viewer
from tollcentre.core.clock import DAY_SECONDS, day_of, day_start

from . import models, rules
from .models import Party, SectionOwnership
from .terms import (
    Agreement,
    BankAccount,
    Cycle,
    Handover,
    Owned,
    OwnershipMoment,
    PartyInfo,
    PartyKind,
    SettlementModel,
    Tenure,
)


def party_names() -> dict[str, str]:
    """Party code → Chinese name."""
    return dict(Party.objects.values_list("code", "name_zh"))


def parties(kind: PartyKind | None = None) -> list[PartyInfo]:
    """All parties, or those of one kind, by code."""
    found = Party.objects.order_by("code")
    if kind is not None:
        found = found.filter(kind=kind)
    return [PartyInfo(p.code, PartyKind(p.kind), p.name_zh, p.name_en) for p in found]


def ownership() -> list[Owned]:
    """Every section's owners, in order of section and time."""
    found = SectionOwnership.objects.order_by("section_id", "from_time")
    return [Owned(row.section_id, row.owner_id, row.from_time) for row in found]


def tenures(clear_date: date, reach_days: int) -> dict[str, list[Tenure]]:
    """Every section's owners for a clear day that reads so many days back, as agreed with each.

    The moment that decides is the incoming owner's, by the agreement that held when they came.
    """
    agreed: dict[str, list[Agreement]] = {}
    for agreement in agreements():
        agreed.setdefault(agreement.party_id, []).append(agreement)
    history: dict[str, list[Handover]] = {}
    for owned in ownership():
        moment = rules.moment_of(agreed.get(owned.owner_id, []), day_of(owned.from_time))
        handover = Handover(owned.owner_id, owned.from_time, moment)
        history.setdefault(owned.section_id, []).append(handover)
    clear_from = day_start(clear_date)
    begin, end = clear_from - reach_days * DAY_SECONDS, clear_from + DAY_SECONDS
    return {
        section: rules.tenures(handovers, clear_from=clear_from, begin=begin, end=end)
        for section, handovers in history.items()
    }


def owner_of_section(section_id: str, moment: int) -> str | None:
    """The section's legal owner at the moment (epoch s), or none."""
    row = (
        SectionOwnership.objects.filter(section_id=section_id, from_time__lte=moment)
        .order_by("-from_time")
        .first()
    )
    return None if row is None else row.owner_id


def agreements(day: date | None = None) -> list[Agreement]:
    """Every agreement by party and day, or the one of each party that holds on the day."""
    found = models.Agreement.objects.order_by("party_id", "from_day")
    if day is None:
        return [_agreement(row) for row in found]
    held = {row.party_id: _agreement(row) for row in found.filter(from_day__lte=day)}
    return list(held.values())


def agreement_of(party_id: str, day: date) -> Agreement | None:
    """What holds between the party and us on the day; none where nothing was agreed."""
    row = (
        models.Agreement.objects.filter(party_id=party_id, from_day__lte=day)
        .order_by("-from_day")
        .first()
    )
    return None if row is None else _agreement(row)


def owners_without_agreement(day: date) -> list[str]:
    """Owners of sections with whom nothing is agreed on the day, by code."""
    begun = SectionOwnership.objects.filter(from_time__lt=day_start(day) + DAY_SECONDS)
    owners = set(begun.values_list("owner_id", flat=True))
    return sorted(owners - {agreement.party_id for agreement in agreements(day)})


def bank_accounts(day: date | None = None) -> list[BankAccount]:
    """Every account of ours by bank and day, or the one of each bank that holds on the day."""
    found = models.BankAccount.objects.order_by("bank_id", "from_day")
    rows = found if day is None else found.filter(from_day__lte=day)
    accounts = [BankAccount(r.bank_id, r.account, r.name, r.from_day) for r in rows]
    if day is None:
        return accounts
    return list({account.bank_id: account for account in accounts}.values())


def bank_account_of(bank_id: str, day: date) -> BankAccount | None:
    """The account of ours at the bank on the day, or none."""
    return next((one for one in bank_accounts(day) if one.bank_id == bank_id), None)


def _agreement(row: models.Agreement) -> Agreement:
    return Agreement(
        row.agreement_no, row.party_id, row.from_day, Cycle(row.cycle), row.lag_days,
        SettlementModel(row.model), OwnershipMoment(row.moment), row.payee_account, row.payee_name,
        row.payee_bank, row.payer_bank, row.template, row.signed_on, row.source,
    )  # fmt: skip


def party_rows(*, viewer: Viewer, day: date) -> list[tuple[PartyInfo, Agreement | None]]:
    """The parties that a page shows, each with what holds with it on the day."""
    held = {agreement.party_id: agreement for agreement in agreements(day)}
    return [(one, held.get(one.code)) for one in parties() if viewer.sees_owner(one.code)]


def agreement_rows(*, viewer: Viewer, day: date | None = None) -> list[Agreement]:
    """The agreements that a page shows: all of them, or those that hold on the day."""
    return [one for one in agreements(day) if viewer.sees_owner(one.party_id)]


def account_rows(*, viewer: Viewer) -> list[BankAccount]:
    """The accounts of ours that a page shows; none to a road owner's user."""
    return bank_accounts() if viewer.owner_ids is None else []


def ownership_rows(
    *, viewer: Viewer, section_id: str = "", owner_id: str = ""
) -> QuerySet[SectionOwnership]:
    """Sections' owners from when on, as a page shows them, by section and time."""
    found = SectionOwnership.objects.order_by("section_id", "from_time")
    if viewer.owner_ids is not None:
        found = found.filter(owner_id__in=viewer.owner_ids)
    return found.filter(section_id__startswith=section_id, owner_id__startswith=owner_id)
