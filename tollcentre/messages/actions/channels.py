"""What payment channels say: notices, and each day's bill, asked for until it is here."""

import hashlib
from collections.abc import Callable
from dataclasses import astuple
from datetime import date, timedelta

from django.db import transaction

from tollcentre.core.clock import day_of

from ..codecs import exchange as codec
from ..models import Arrival, BillToFetch, BillTry, ChannelNotice, ExchangePeer
from ..terms import (
    MESSAGE_KIND_UNKNOWN,
    MESSAGE_KNOWN_OTHERWISE,
    VALUE_DIFFERS,
    MessageFault,
    Notice,
    Parcel,
    PeerKind,
    ReceivedState,
    ResultCode,
)
from .exchange import FAULT_WIDTH, Check, do_once, pause_s, take_message

BILL = "bill"
FAULT_MAX = 512
NoticeAct = Callable[[Notice, int], None]


def take_notice(
    *, channel: ExchangePeer, body: bytes, refused: MessageFault | None, now: int
) -> MessageFault | None:
    """Take a notice once; gives what it is refused for, which `refused` may know beforehand.

    What is refused changes nothing but the list of arrivals.
    """
    notice_id, result, fault = "", ResultCode.OK, refused
    try:
        if refused is None:
            notice = codec.decode_notice(channel.code, body)
            notice_id = notice.notice_id
            result = _keep_notice(channel, notice, now)
    except MessageFault as found:
        fault = found
    Arrival.objects.create(
        sender=channel.code, message_id=notice_id, at=now, size_bytes=len(body),
        body_sha256=hashlib.sha256(body).hexdigest(),
        result=int(result if fault is None else fault.result),
        fault="" if fault is None else fault.text()[:FAULT_MAX],
    )  # fmt: skip
    return fault


@transaction.atomic
def _keep_notice(channel: ExchangePeer, notice: Notice, now: int) -> ResultCode:
    """Put a notice down, or find it there with the same content."""
    ExchangePeer.objects.select_for_update().get(pk=channel.pk)
    digest = hashlib.sha256("\x1f".join(map(str, astuple(notice))).encode()).hexdigest()
    earlier = ChannelNotice.objects.filter(
        channel=channel.code, notice_id=notice.notice_id
    ).first()  # fmt: skip
    if earlier is not None:
        if earlier.digest != digest:
            raise MessageFault(ResultCode.CONTENT, MESSAGE_KNOWN_OTHERWISE, "noticeId",
                               message_id=notice.notice_id)  # fmt: skip
        return ResultCode.DUPLICATE
    ChannelNotice.objects.create(
        channel=notice.channel, notice_id=notice.notice_id, order_no=notice.order_no,
        station_id=notice.station_id, amount_fen=notice.amount_fen, paid_at=notice.paid_at,
        digest=digest, received_at=now, state=ReceivedState.WAITING, next_try_at=now,
    )  # fmt: skip
    return ResultCode.OK


@transaction.atomic
def hand_notice(*, row: int, act: NoticeAct, now: int) -> ReceivedState:
    """Hand a notice to its action, once, in one transaction with saying so.

    Since the bill rules, no person is asked about a notice: what is refused is tried again.
    """
    kept = ChannelNotice.objects.select_for_update().get(pk=row)
    notice = Notice(kept.channel, kept.notice_id, kept.order_no, kept.station_id, kept.amount_fen,
                    kept.paid_at)  # fmt: skip
    return do_once(kept, lambda: act(notice, now), None, now)


@transaction.atomic
def await_bills(*, now: int) -> None:
    """Have every channel's bill asked for, of each day up to yesterday since it is registered."""
    for channel in ExchangePeer.objects.filter(kind=PeerKind.CHANNEL):
        newest = BillToFetch.objects.filter(channel=channel.code).order_by("-day").first()
        day = day_of(channel.added_at) if newest is None else newest.day + timedelta(days=1)
        while day < day_of(now):
            BillToFetch.objects.create(channel=channel.code, day=day, next_try_at=now)
            day += timedelta(days=1)


@transaction.atomic
def take_bill(
    *, row: int, body: bytes | None, status: int, fault: str, check: Check, now: int
) -> bool:
    """Put down one time that a bill was asked for, and take what came; true once it is here.

    `body` is none where no bill came: `status` and `fault` say why. A wrong bill is asked for
    again.
    """
    bill = BillToFetch.objects.select_for_update().get(pk=row)
    bill.tries += 1
    result = 0
    if body is not None:
        receipt = take_message(
            sender=ExchangePeer.objects.get(code=bill.channel), body=body, now=now,
            check=_bill_of(bill.day, check), named=f"{BILL}_{bill.channel}_{bill.day:%Y%m%d}",
        )  # fmt: skip
        result, fault = int(receipt.result), receipt.reason
        if receipt.result in (ResultCode.OK, ResultCode.DUPLICATE):
            bill.message_id, bill.settled_at = receipt.message_id, now
    bill.fault = fault[:FAULT_WIDTH]
    bill.next_try_at = now + pause_s(bill.tries)
    bill.save()
    BillTry.objects.create(bill=bill, at=now, status=status, result=result, fault=bill.fault)
    return bool(bill.settled_at)


def _bill_of(day: date, check: Check) -> Check:
    """What is taken as the bill of that day."""

    def as_asked(parcel: Parcel) -> None:
        said = day_of(parcel.envelope.sent_at)
        if parcel.envelope.kind != BILL:
            raise MessageFault(ResultCode.HEADER, MESSAGE_KIND_UNKNOWN, "H.kind",
                               kind=parcel.envelope.kind, known=BILL)  # fmt: skip
        if said != day:
            raise MessageFault(ResultCode.HEADER, VALUE_DIFFERS, "H.day", name="day",
                               found=said, wanted=day)  # fmt: skip
        check(parcel)

    return as_asked
