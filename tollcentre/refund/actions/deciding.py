"""Drafts are proposed or declined, a second person approves; then each goes as far as it can."""

from collections.abc import Sequence
from datetime import date

from django.db import transaction

from tollcentre.access.actions import hold_trail, refuse, request_approval
from tollcentre.access.queries import approvals_by_key
from tollcentre.access.terms import (
    PERMISSION_MISSING,
    ApprovalState,
    Permission,
    Role,
    Viewer,
)
from tollcentre.clearing.queries import messages_of_trades
from tollcentre.clearing.terms import MINISTRY
from tollcentre.core.clock import day_of
from tollcentre.core.refusal import Refusal
from tollcentre.messages.actions import queue_messages
from tollcentre.messages.queries import has_peer

from ..models import CustomerCredit, TollChange, TollChangeLine
from ..queries import changes_by_id, changes_in
from ..rules import ELECTRONIC
from ..terms import (
    APPROVE_CHANGE,
    ENGINE,
    ISSUER_CREDITS,
    REASON_MISSING,
    ChangeRoute,
    ChangeState,
    CreditResult,
    InvoiceFlag,
)
from .moving import Move, move

_ENGINE = Viewer(ENGINE, frozenset({Role.MANAGER}), None)
"""Who takes back a request whose ground has gone."""


def approval_key(change_id: str) -> str:
    """The request for approval of a change."""
    return f"refund:{change_id}"


@transaction.atomic
def propose(*, change_ids: Sequence[str], reason: str, maker: Viewer, now: int) -> None:
    """Accept drafts and ask another person to approve them; refuses any that is no draft."""
    _require(maker, reason)
    hold_trail()
    found = changes_by_id(change_ids)
    day = day_of(now)
    move([Move(row, ChangeState.PROPOSED, day, maker.name, reason.strip())
          for row in found.values()], now)  # fmt: skip
    for row in found.values():
        request_approval(
            approval_key=approval_key(row.change_id),
            act=APPROVE_CHANGE,
            subject=row.change_id,
            detail={"change_id": row.change_id, "kind": row.kind, "cause": row.cause,
                    "pass_id": row.pass_id, "fee": row.fee, "original_fee": row.original_fee},
            reason=reason.strip(),
            maker=maker,
        )  # fmt: skip


@transaction.atomic
def decline(*, change_ids: Sequence[str], reason: str, maker: Viewer, now: int) -> None:
    """Put drafts aside, with the reason; the engine does not draft them again."""
    _require(maker, reason)
    hold_trail()
    found = changes_by_id(change_ids)
    move([Move(row, ChangeState.WITHDRAWN, day_of(now), maker.name, reason.strip())
          for row in found.values()], now)  # fmt: skip


def _require(maker: Viewer, reason: str) -> None:
    if not maker.may(Permission.RAISE_REFUNDS):
        raise Refusal(PERMISSION_MISSING, user=maker.name, permission=Permission.RAISE_REFUNDS)
    if not reason.strip():
        raise Refusal(REASON_MISSING, "reason")


def withdraw(rows: Sequence[TollChange], actor: str, reason: str, now: int) -> None:
    """Withdraw drafts, and requests for approval that still wait, within the caller's act.

    One that was approved meanwhile stays.
    """
    keys = {approval_key(row.change_id): row for row in rows}
    gone = [row for row in rows if row.state == ChangeState.DRAFTED]
    for key, asked in approvals_by_key(keys).items():
        if asked.state is ApprovalState.WAITING:
            refuse(approval_key=key, checker=_ENGINE, reason=reason)
            gone.append(keys[key])
    move([Move(row, ChangeState.WITHDRAWN, day_of(now), actor, reason) for row in gone], now)


@transaction.atomic
def carry_out(now: int) -> int:
    """Take every change as far as it can go by itself; gives the steps taken. Repeatable.

    What was approved comes into effect where it is local, else goes to the ministry once its
    trade has gone up; what our issuer owes is credited; what has no invoice is closed.
    """
    hold_trail()
    taken = 0
    for step in (_decided, _local, _sent, _credited, _closed):
        moves = step(day_of(now), now)
        move(moves, now)
        taken += len(moves)
    return taken


def _decided(day: date, now: int) -> list[Move]:
    """Changes that the second person has decided on."""
    waiting = {approval_key(row.change_id): row for row in changes_in(ChangeState.PROPOSED)}
    states = {
        ApprovalState.APPROVED: ChangeState.APPROVED,
        ApprovalState.REFUSED: ChangeState.WITHDRAWN,
    }
    return [
        Move(waiting[key], states[asked.state], day, asked.checker, asked.decision_reason)
        for key, asked in approvals_by_key(waiting).items()
        if asked.state in states
    ]


def _local(day: date, now: int) -> list[Move]:
    """Approved changes that need nobody outside."""
    rows = changes_in(ChangeState.APPROVED).filter(route=ChangeRoute.HERE)
    return [Move(row, ChangeState.ACCEPTED, day, ENGINE) for row in rows]


def _sent(day: date, now: int) -> list[Move]:
    """Approved changes of trades that have gone up: queued for the ministry, in one message."""
    rows = list(changes_in(ChangeState.APPROVED).filter(route=ChangeRoute.MINISTRY))
    if not rows or not has_peer(MINISTRY):
        return []
    went: dict[tuple[date, str], str] = {}
    for passage_day in {row.passage_day for row in rows}:
        names = {row.transaction_id for row in rows if row.passage_day == passage_day}
        for name, message_id in messages_of_trades(passage_day, names).items():
            went[passage_day, name] = message_id
    ready = [row for row in rows if (row.passage_day, row.transaction_id) in went]
    if not ready:
        return []
    made = queue_messages(
        cause=f"toll_change:{ready[0].change_id}",
        kind="toll_change",
        receiver=MINISTRY,
        fields={"clear_date": day},
        records=[_record(row, went[row.passage_day, row.transaction_id]) for row in ready],
        clear_date=day,
        now=now,
    )
    message_id = made[0].message_id
    return [Move(row, ChangeState.SENT, day, ENGINE, message_id=message_id) for row in ready]


def _record(row: TollChange, of_message: str) -> dict[str, object]:
    lines = list(TollChangeLine.objects.filter(change=row).order_by("party", "code"))
    record = {
        "change_id": row.change_id, "kind": row.kind, "cause": row.cause,
        "transaction_id": row.transaction_id, "of_message_id": of_message,
        "pass_id": row.pass_id, "issuer_id": row.issuer_id, "media_type": row.media_type,
        "medium_no": row.medium_no, "original_fee": row.original_fee, "fee": row.fee,
        "invoice_flag": row.invoice_flag,
        "party_group": tuple(f"{line.party}:{line.code}" if line.code else line.party
                             for line in lines),
        "fee_group": tuple(line.fee for line in lines),
    }  # fmt: skip
    return {name: value for name, value in record.items() if value != ""}


def _credited(day: date, now: int) -> list[Move]:
    """Local electronic changes: our own issuer credits its customer; others' were never charged."""
    rows = list(
        changes_in(ChangeState.ACCEPTED).filter(route=ChangeRoute.HERE, media_type=ELECTRONIC)
    )
    CustomerCredit.objects.bulk_create(
        CustomerCredit(
            toll_party=row.change_id[:6], change_id=row.change_id, kind=row.kind,
            issuer_id=row.issuer_id, medium_no=row.medium_no, transaction_id=row.transaction_id,
            fee=row.fee, result=CreditResult.CREDITED, credited_on=day, at=now,
        )
        for row in rows
        if row.issuer_id[:2] == row.change_id[:2]
    )  # fmt: skip
    return [Move(row, ChangeState.CREDITED, day, ENGINE) for row in rows]


def _closed(day: date, now: int) -> list[Move]:
    """Credited changes of tolls without an invoice; the others wait for the red-letter one."""
    rows = changes_in(ChangeState.CREDITED).filter(invoice_flag=InvoiceFlag.NOT_ISSUED)
    return [Move(row, ChangeState.CLOSED, day, ENGINE) for row in rows]


@transaction.atomic
def pay_out(*, change_id: str, reference: str, maker: Viewer, now: int) -> None:
    """Record that a customer without an issuer (cash, CPC) was paid, or has paid a supplement.

    `reference` is the voucher or channel order. Refuses what an issuer credits, and a change that
    is not in effect or was paid before.
    """
    _require(maker, reference)
    hold_trail()
    row = changes_by_id([change_id])[change_id]
    if row.media_type == ELECTRONIC:
        raise Refusal(ISSUER_CREDITS, "change_id", change_id=change_id)
    move([Move(row, ChangeState.CREDITED, day_of(now), maker.name, reference.strip())], now)


@transaction.atomic
def close_change(*, change_id: str, reason: str, maker: Viewer, now: int) -> None:
    """Close a credited change whose invoice was set right (红字发票), with its number as reason."""
    _require(maker, reason)
    hold_trail()
    row = changes_by_id([change_id])[change_id]
    move([Move(row, ChangeState.CLOSED, day_of(now), maker.name, reason.strip())], now)
