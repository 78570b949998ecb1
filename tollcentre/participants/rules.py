"""Pure decisions of participants: what a line of a register says, which agreement may follow."""

from collections.abc import Sequence
from dataclasses import fields
from datetime import date

from tollcentre.core.clock import epoch_of
from tollcentre.core.refusal import Refusal
from tollcentre.core.register import Row, day_in, word_of

from .terms import (
    AGREEMENT_BEFORE_STANDING,
    AGREEMENT_CONTRADICTS,
    AGREEMENT_NO_TAKEN,
    BANK_ACCOUNT_CONTRADICTS,
    ENDLESS,
    LAG_NEGATIVE,
    LAG_UNREADABLE,
    MOMENT_UNREADABLE,
    TEXT_UNFIT,
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

PARTY_COLUMNS = tuple(field.name for field in fields(PartyInfo))
AGREEMENT_COLUMNS = tuple(field.name for field in fields(Agreement))
SECTION_COLUMNS = tuple(field.name for field in fields(Owned))
ACCOUNT_COLUMNS = tuple(field.name for field in fields(BankAccount))
UNFIT = ("|", "\n", "\r")
"""What no field of a bank's file may hold."""


def party_from(row: Row) -> PartyInfo:
    """The party of a line."""
    return PartyInfo(
        fit(row, "code"), word_of(PartyKind, row, "kind"), fit(row, "name_zh"), fit(row, "name_en")
    )


def agreement_from(row: Row) -> Agreement:
    """The agreement of a line."""
    lag = row["lag_days"]
    if not lag.removeprefix("-").isdecimal():
        raise Refusal(LAG_UNREADABLE, "lag_days", value=lag)
    return Agreement(
        agreement_no=row["agreement_no"],
        party_id=row["party_id"],
        from_day=day_in(row, "from_day"),
        cycle=word_of(Cycle, row, "cycle"),
        lag_days=int(lag),
        model=word_of(SettlementModel, row, "model"),
        moment=word_of(OwnershipMoment, row, "moment"),
        payee_account=row["payee_account"],
        payee_name=row["payee_name"],
        payee_bank=row["payee_bank"],
        payer_bank=row["payer_bank"],
        template=row["template"],
        signed_on=day_in(row, "signed_on"),
        source=row["source"],
    )


def account_from(row: Row) -> BankAccount:
    """The account of ours of a line."""
    return BankAccount(row["bank_id"], row["account"], row["name"], day_in(row, "from_day"))


def owned_from(row: Row) -> Owned:
    """A section's owner of a line; a bare day is its start."""
    try:
        moment = epoch_of(row["from_time"])
    except ValueError as error:
        raise Refusal(MOMENT_UNREADABLE, "from_time", value=row["from_time"]) from error
    return Owned(fit(row, "section_id"), fit(row, "owner_id"), moment)


def moment_of(agreements: Sequence[Agreement], day: date) -> OwnershipMoment:
    """The moment that a party's agreements, in order of day, name; its own where none holds."""
    held = [agreement for agreement in agreements if agreement.from_day <= day]
    return held[-1].moment if held else OwnershipMoment.GANTRY


def tenures(history: Sequence[Handover], *, clear_from: int, begin: int, end: int) -> list[Tenure]:
    """A section's owners for one clear day, of its handovers in order of time.

    A passage's owner is the last whose handover its moment has reached. The clear day begins at
    `clear_from`; all that it reads lies in [begin, end), and a time outside counts as the nearest
    inside. Before its first handover a section is that owner's: the register began later.
    """
    reached: list[Handover] = list(history[:1])
    for handover in history[1:]:
        if handover.moment is OwnershipMoment.CLEAR_DAY:
            always = handover.from_time <= clear_from
            never = not always
        else:
            always, never = handover.from_time <= begin, handover.from_time >= end
        if always:
            reached = []
        if not never:
            reached.append(handover)
    found = []
    for number, handover in enumerate(reached):
        later = reached[number + 1 :]
        bounds = []
        for moment in (OwnershipMoment.GANTRY, OwnershipMoment.EXIT):
            begins = number > 0 and handover.moment is moment
            bounds.append(handover.from_time if begins else 0)
            bounds.append(min((h.from_time for h in later if h.moment is moment), default=ENDLESS))
        found.append(Tenure(handover.owner_id, *bounds))
    return found


def check_texts(item: Agreement | BankAccount) -> None:
    """Refuses a text that is empty or that no bank's file could carry, and a negative lag."""
    texts = {field.name: getattr(item, field.name) for field in fields(item)}
    for name, text in texts.items():
        if type(text) is str:
            fit(texts, name)
    if isinstance(item, Agreement) and item.lag_days < 0:
        raise Refusal(LAG_NEGATIVE, "lag_days", value=item.lag_days)


def check_follows(agreement: Agreement, standing: Sequence[Agreement]) -> bool:
    """Whether the agreement is new beside those that stand; refuses one that contradicts them."""
    for other in standing:
        if other == agreement:
            return False
        same_party = other.party_id == agreement.party_id
        if same_party and other.from_day == agreement.from_day:
            raise Refusal(
                AGREEMENT_CONTRADICTS, "from_day", party=agreement.party_id, day=other.from_day,
                standing=other.agreement_no, agreement=agreement.agreement_no,
            )  # fmt: skip
        if other.agreement_no == agreement.agreement_no:
            raise Refusal(
                AGREEMENT_NO_TAKEN, "agreement_no", agreement=other.agreement_no,
                party=other.party_id, day=other.from_day,
            )  # fmt: skip
    latest = max((a.from_day for a in standing if a.party_id == agreement.party_id), default=None)
    if latest is not None and agreement.from_day < latest:
        raise Refusal(
            AGREEMENT_BEFORE_STANDING, "from_day", party=agreement.party_id, standing=latest,
            day=agreement.from_day,
        )  # fmt: skip
    return True


def check_account(account: BankAccount, standing: Sequence[BankAccount]) -> bool:
    """Whether the account is new beside those that stand; refuses a second one of a day."""
    for other in standing:
        if other == account:
            return False
        if (other.bank_id, other.from_day) == (account.bank_id, account.from_day):
            raise Refusal(
                BANK_ACCOUNT_CONTRADICTS, "account", bank=account.bank_id, day=account.from_day,
                standing=other.account,
            )  # fmt: skip
    return True


def fit(row: Row, name: str) -> str:
    """The text of a cell; refuses an empty one and what no bank's file could carry."""
    text = row[name]
    if not text.strip() or any(mark in text for mark in UNFIT):
        raise Refusal(TEXT_UNFIT, name, value=text)
    return text
