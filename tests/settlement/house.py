"""A house with two owners, our issuer, the ministry and a bank, whose days can be told."""

from datetime import date, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from tollcentre.access.actions import approve
from tollcentre.access.terms import Role, Viewer
from tollcentre.core.clock import day_start
from tollcentre.ledger.actions import PostingLine, post_batch, reverse_batch
from tollcentre.ledger.queries import account_nets, verify_ledger
from tollcentre.messages.terms import Envelope, Parcel, Protocol
from tollcentre.participants.actions import register_agreements, register_parties
from tollcentre.participants.terms import (
    Agreement,
    Cycle,
    OwnershipMoment,
    PartyInfo,
    PartyKind,
    SettlementModel,
)
from tollcentre.settlement import actions, queries
from tollcentre.settlement.actions import payments
from tollcentre.settlement.models import PaymentInstruction, SettlementStatement

FIRST = date(2026, 11, 2)
"""A Monday."""
BANK = "bankA"
ALLOTTED, REMITTED, ISSUER, MINISTRY = "62030010", "62030020", "620101", "000000"
CLERK = Viewer("clerk", frozenset({Role.CLEARING_CLERK}), None)
MANAGER = Viewer("manager", frozenset({Role.MANAGER}), None)
OWNER = Viewer("owner", frozenset({Role.ROAD_OWNER}), frozenset({ALLOTTED}))
OTHER_OWNER = Viewer("other", frozenset({Role.ROAD_OWNER}), frozenset({REMITTED}))


def day(number: int) -> date:
    """The n-th clear day, from 0."""
    return FIRST + timedelta(days=number)


def at(number: int) -> int:
    """Noon of the n-th day."""
    return day_start(day(number)) + 12 * 3600


def agreement(
    party: str, cycle: str, lag: int, model: str, start: date = date(2026, 1, 1)
) -> Agreement:
    return Agreement(
        f"XY-{party}-{start:%Y%m%d}", party, start, Cycle(cycle), lag, SettlementModel(model),
        OwnershipMoment.CLEAR_DAY, f"6222{party}", f"户名{party}", "某行", BANK, "house",
        date(2025, 12, 1), "test",
    )  # fmt: skip


@pytest.fixture
def house(db: None, monkeypatch: pytest.MonkeyPatch) -> "House":
    """The parties, their agreements, and a bank that files are put down for."""
    made = House()
    monkeypatch.setattr(payments, "queue_messages", made.queue)
    return made


class House:
    """What happens, told in days from FIRST and fen."""

    def __init__(self) -> None:
        kinds = {
            ALLOTTED: PartyKind.ROAD_OWNER, REMITTED: PartyKind.ROAD_OWNER,
            ISSUER: PartyKind.ISSUER, MINISTRY: PartyKind.CENTRE, BANK: PartyKind.BANK,
        }  # fmt: skip
        register_parties(parties=[PartyInfo(c, k, c, c) for c, k in kinds.items()])
        register_agreements(
            agreements=[
                agreement(ALLOTTED, "daily", 1, "allot"),
                agreement(REMITTED, "weekly", 2, "remit"),
                agreement(ISSUER, "daily", 1, "allot"),
                agreement(MINISTRY, "daily", 1, "allot"),
            ],
            actor="test",
        )
        self.sent: dict[str, list[dict[str, Any]]] = {}
        self.balance = 0
        self.bank_day = 0
        self.runs: dict[int, str] = {}
        self.posted = 0

    def queue(self, *, cause: str, records: list[dict[str, Any]], **_rest: Any) -> list[Any]:
        self.sent.setdefault(cause, []).extend(records)
        return [SimpleNamespace(message_id=cause)]

    def clear(self, number: int, fen: dict[str, int]) -> None:
        """Clear a day, or clear it again: what each owner earned, paid for by our issuer."""
        self.posted += 1
        key = f"{day(number):%Y%m%d}-{self.posted:04d}"
        lines = [
            PostingLine(
                f"payable.owner.{owner}", "credit" if amount > 0 else "debit", abs(amount),
                owner_id=owner,
            )
            for owner, amount in fen.items()
        ]  # fmt: skip
        total = sum(fen.values())
        lines.append(
            PostingLine(
                f"receivable.issuer.{ISSUER}", "debit" if total > 0 else "credit", abs(total),
                issuer_id=ISSUER,
            )
        )  # fmt: skip
        earlier = self.runs.get(number)
        if earlier:
            reverse_batch(
                batch_key=earlier, reversal_key=f"{earlier}~{key}", actor="run", reason="restated"
            )
        if any(fen.values()):
            post_batch(batch_key=key, clear_date=day(number), lines=lines, actor="run")
            self.runs[number] = key
        else:
            self.runs.pop(number, None)

    def post(self, key: str, number: int, owner: str, fen: int) -> None:
        """Move money of an owner (positive: to the owner) against what is held in review."""
        gives, gets = ("held.review", f"payable.owner.{owner}")[:: 1 if fen > 0 else -1]
        post_batch(
            batch_key=key, clear_date=day(number), actor="x",
            lines=[
                PostingLine(gives, "debit", abs(fen), owner_id="" if fen > 0 else owner),
                PostingLine(gets, "credit", abs(fen), owner_id=owner if fen > 0 else ""),
            ],
        )  # fmt: skip

    def close(self, number: int) -> int:
        return actions.close_windows(now=at(number), actor="settlement")

    def drafted(self) -> list[str]:
        rows = SettlementStatement.objects.filter(state="drafted", side="pay")
        return list(rows.order_by("statement_no").values_list("statement_no", flat=True))

    def allow(self, asked: Any, number: int) -> None:
        approve(approval_key=asked.approval_key, checker=MANAGER)
        actions.carry_out(asked.approval_key, at(number))

    def release(self, number: int, *names: str) -> None:
        wanted = list(names) or self.drafted()
        if wanted:
            asked = actions.ask_release(
                statement_nos=wanted, reason="到期", maker=CLERK, now=at(number)
            )
            self.allow(asked, number)

    def ready(self) -> list[str]:
        rows = PaymentInstruction.objects.filter(state="ready").order_by("pk")
        return list(rows.values_list("instruction_id", flat=True))

    def pay(self, number: int, *names: str) -> None:
        wanted = list(names) or self.ready()
        if wanted:
            for asked in actions.ask_payment(
                instruction_ids=wanted, reason="付款", maker=CLERK, now=at(number)
            ):
                self.allow(asked, number)

    def result(self, name: str, code: int, number: int) -> None:
        record = {
            "instruction_id": name, "result": code, "amount_fen": self.amount(name),
            "paid_on": day(number), "bank_serial": "S", "note": "",
        }  # fmt: skip
        actions.take_payment_result(self.parcel("payment_result", number, [record]), at(number))

    def come_back(self, name: str, number: int) -> None:
        record = {
            "instruction_id": name, "amount_fen": self.amount(name), "returned_on": day(number),
            "bank_serial": "S", "note": "账号不符",
        }  # fmt: skip
        actions.take_payment_return(self.parcel("payment_return", number, [record]), at(number))

    def reinstruct(self, name: str, number: int) -> None:
        asked = actions.ask_reinstruct(
            instruction_id=name, payee_account="6222-new", payee_name="新户名", payee_bank="某行",
            reason="更正账号", maker=CLERK, now=at(number),
        )  # fmt: skip
        self.allow(asked, number)

    def amount(self, name: str) -> int:
        return int(PaymentInstruction.objects.get(instruction_id=name).amount_fen)

    def state(self, name: str) -> str:
        return str(PaymentInstruction.objects.get(instruction_id=name).state)

    def parcel(
        self, kind: str, number: int, records: list[dict[str, Any]], **fields: Any
    ) -> Parcel:
        envelope = Envelope(
            Protocol.TRUNK, kind, "1", f"{kind}_{BANK}_620201_{day(number):%Y%m%d}_1", BANK,
            "620201", day_start(day(number)), len(records), 0, "",
        )  # fmt: skip
        return Parcel(envelope, fields, tuple(records))

    def statement(self, number: int, *lines: tuple[int, str]) -> Parcel:
        """The bank's statement of a day: amounts (in is positive) and references."""
        opening, self.balance = self.balance, self.balance + sum(fen for fen, _ in lines)
        records = [
            {
                "serial": f"{place:03d}", "booked_at": day_start(day(number)) + place,
                "side": "C" if fen > 0 else "D", "amount_fen": abs(fen), "counter_account": "",
                "counter_name": "", "reference": reference, "summary": "",
            }
            for place, (fen, reference) in enumerate(lines, 1)
        ]  # fmt: skip
        return self.parcel(
            "statement", number, records, account="1", opening_fen=opening,
            closing_fen=self.balance,
        )  # fmt: skip

    def bank(self, number: int, *lines: tuple[int, str]) -> int:
        """Take the bank's statement of a day and match; how many lines were matched."""
        actions.take_bank_statement(self.statement(number, *lines), at(number))
        return actions.match_bank_lines(now=at(number + 2), actor="settlement")

    def why(self, number: int) -> list[str]:
        """Why lines are left on the n-th day, in order."""
        return [reason.value for _row, reason in queries.unmatched(day(number))]


def credit(account: str) -> int:
    """Credit minus debit of an account, in fen."""
    return -account_nets([account]).get(account, 0)


def laws_hold() -> None:
    broken = [law for law in (*verify_ledger(), *queries.verify_settlement()) if not law.holds]
    assert not broken, broken
