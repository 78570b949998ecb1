"""The bill of a day: what drivers paid by code, once it is ready, sometimes wrong at first."""

from datetime import date, timedelta

from tollcentre.core.clock import day_start
from tollcentre.messages.codecs import exchange
from tollcentre.messages.terms import Protocol

from ..bank.spoiling import spoiled
from ..bank.terms import Sending
from ..counterpart.store import put_fault
from .desk import Desk
from .terms import Billing

SPOILT = {
    Billing.wrong_count: Sending.wrong_count,
    Billing.wrong_amount: Sending.wrong_amount,
    Billing.wrong_digest: Sending.wrong_digest,
}


def bill_of(desk: Desk, day: date) -> bytes | None:
    """The bill as it is; none while it is not ready or the road has brought no orders."""
    name = f"orders_{desk.parties.code}_{day:%Y%m%d}.csv"
    known = desk.db.execute("SELECT 1 FROM supply WHERE name = ?", (name,)).fetchone()
    ready = day_start(day + timedelta(days=1)) + desk.plan.bill_at_s
    if desk.chance.happens(desk.plan.billing[Billing.not_ready], Billing.not_ready, day):
        ready += desk.chance.between(desk.plan.bill_late_s, "bill_late", day)
        if known and desk.moment < ready:
            put_fault(desk.db, Billing.not_ready, str(day), desk.moment)
    if known is None or desk.moment < ready:
        return None
    rows = desk.db.execute(
        """
        SELECT order_no, station_id, paid_at, amount_fen, fee_fen, state FROM paid_order
        WHERE day = ? ORDER BY paid_at, order_no
        """,
        (str(day),),
    )
    return exchange.encode(
        protocol=Protocol.BANK, kind="bill", version=exchange.versions_of(Protocol.BANK)[-1],
        message_id=file_id_of(desk, day), sender_id=desk.parties.code,
        receiver_id=desk.parties.customer, sent_at=day_start(day), fields={},
        records=[dict(row) for row in rows],
    )  # fmt: skip


def file_id_of(desk: Desk, day: date) -> str:
    """The id of a day's bill."""
    return exchange.bank_file_id(
        kind="bill", sender_id=desk.parties.code, receiver_id=desk.parties.customer, day=day,
        sequence="1",
    )  # fmt: skip


def fault_of(desk: Desk, day: date) -> Billing | None:
    """The first fault drawn for this day's bill that it has not had yet, noted as had."""
    for fault in (Billing.crash, *SPOILT):
        drawn = desk.chance.happens(desk.plan.billing[fault], "bill", fault, day)
        if drawn and put_fault(desk.db, f"bill_{fault}", str(day), desk.moment):
            return fault
    return None


def answered(body: bytes, fault: Billing | None, file_id: str) -> bytes:
    """The bill as the fault has it, under its own id."""
    return spoiled(SPOILT[fault], body, file_id) if fault in SPOILT else body
