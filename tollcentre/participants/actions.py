"""Every write to participants."""

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from django.db import transaction

from tollcentre.access.actions import hold_trail, record_trail
from tollcentre.core.clock import local_text
from tollcentre.core.formats import account_text
from tollcentre.core.refusal import Refusal
from tollcentre.messages.codecs.csv_rows import parsed_lines

from . import models, queries, rules
from .models import Party, SectionOwnership
from .terms import (
    NOT_A_BANK,
    OWNERSHIP_CONTRADICTS,
    PARTY_UNKNOWN,
    Agreement,
    BankAccount,
    Owned,
    PartyInfo,
    PartyKind,
)

SEEDED = (
    PartyInfo("620101", PartyKind.ISSUER, "本省发行服务机构", "own issuer"),
    PartyInfo("620201", PartyKind.CENTRE, "本省联网收费中心", "own centre"),
    PartyInfo("000000", PartyKind.CENTRE, "部联网中心", "the ministry's centre"),
)


def seed_parties() -> None:
    """The parties that every home has; doing it again changes nothing."""
    register_parties(parties=SEEDED)


def register_parties(*, parties: Sequence[PartyInfo]) -> int:
    """Add the parties that are not yet known; gives how many were new. Names stay as they are."""
    known = set(Party.objects.values_list("code", flat=True))
    new = [
        Party(code=p.code, kind=p.kind, name_zh=p.name_zh, name_en=p.name_en)
        for p in parties
        if p.code not in known
    ]
    Party.objects.bulk_create(new)
    return len(new)


def register_ownership(*, owned: Sequence[Owned], source: str) -> int:
    """Add sections' legal owners from their moments on; gives how many rows were new.

    A row that repeats the owner before it is kept too: registers arrive in any order, and an
    older one that is learnt later must not reach past it. Refuses a second owner for the same
    section and moment.
    """
    with transaction.atomic():
        found = SectionOwnership.objects.values_list("section_id", "from_time", "owner_id")
        before = {(section, moment): owner for section, moment, owner in found}
        standing = dict(before)
        for item in owned:
            known = standing.setdefault((item.section_id, item.from_time), item.owner_id)
            if known != item.owner_id:
                raise Refusal(
                    OWNERSHIP_CONTRADICTS, "所属业主编号", section=item.section_id,
                    moment=local_text(item.from_time), standing=known, owner=item.owner_id,
                )  # fmt: skip
        new = [
            SectionOwnership(section_id=section, owner_id=owner, from_time=moment, source=source)
            for (section, moment), owner in standing.items()
            if (section, moment) not in before
        ]
        SectionOwnership.objects.bulk_create(new)
    return len(new)


@transaction.atomic
def register_agreements(*, agreements: Sequence[Agreement], actor: str) -> int:
    """Put down what was agreed with parties; gives how many were new, the same again does nothing.

    Refuses an unknown party or paying bank, other terms for a party and day, a number that is
    taken, and an agreement from before one that stands: agreements follow each other in time.
    """
    hold_trail()
    kinds = {party.code: party.kind for party in queries.parties()}
    standing = queries.agreements()
    new = []
    for agreement in sorted(agreements, key=lambda one: (one.from_day, one.agreement_no)):
        rules.check_texts(agreement)
        if agreement.party_id not in kinds:
            raise Refusal(PARTY_UNKNOWN, "party_id", party=agreement.party_id)
        if kinds.get(agreement.payer_bank) is not PartyKind.BANK:
            raise Refusal(NOT_A_BANK, "payer_bank", party=agreement.payer_bank)
        if rules.check_follows(agreement, standing):
            standing.append(agreement)
            new.append(agreement)
    models.Agreement.objects.bulk_create(models.Agreement(**asdict(one)) for one in new)
    for one in new:
        record_trail(
            actor=actor, act="participants.register_agreement", subject=one.agreement_no,
            detail=asdict(one) | {"payee_account": account_text(one.payee_account)},
        )  # fmt: skip
    return len(new)


@transaction.atomic
def register_bank_account(*, account: BankAccount, actor: str) -> bool:
    """Put down an account of ours at a bank; false where it stood already.

    Refuses an unknown bank, and a second account at the bank from the same day.
    """
    hold_trail()
    rules.check_texts(account)
    banks = {party.code for party in queries.parties(PartyKind.BANK)}
    if account.bank_id not in banks:
        raise Refusal(NOT_A_BANK, "bank_id", party=account.bank_id)
    if not rules.check_account(account, queries.bank_accounts()):
        return False
    models.BankAccount.objects.create(**asdict(account))
    record_trail(
        actor=actor, act="participants.register_bank_account", subject=account.bank_id,
        detail=asdict(account) | {"account": account_text(account.account)},
    )  # fmt: skip
    return True


@transaction.atomic
def import_parties(
    *, parties: Path | None = None, sections: Path | None = None, agreements: Path | None = None,
    accounts: Path | None = None, actor: str,
) -> dict[str, int]:  # fmt: skip
    """Take in registers of parties, sections' owners, agreements and accounts of ours as one act.

    Whole or nothing; gives how many were new by kind. Refuses the first line that cannot be used,
    named, and a section's owner who is no party.
    """
    hold_trail()
    new = {"parties": register_parties(parties=parsed_lines(parties, rules.PARTY_COLUMNS,
                                                      rules.party_from))}  # fmt: skip
    owned = parsed_lines(sections, rules.SECTION_COLUMNS, rules.owned_from)
    known = {party.code for party in queries.parties()}
    for item in owned:
        if item.owner_id not in known:
            raise Refusal(PARTY_UNKNOWN, "owner_id", party=item.owner_id)
    new["sections"] = register_ownership(owned=owned, source=sections.name if sections else "")
    new["accounts"] = sum(
        register_bank_account(account=account, actor=actor)
        for account in parsed_lines(accounts, rules.ACCOUNT_COLUMNS, rules.account_from)
    )
    new["agreements"] = register_agreements(
        agreements=parsed_lines(agreements, rules.AGREEMENT_COLUMNS, rules.agreement_from),
        actor=actor,
    )
    if any(new.values()):
        record_trail(actor=actor, act="participants.import", subject="parties", detail=new)
    return new
