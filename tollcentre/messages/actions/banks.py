"""Files that banks hand us: each taken once, answered with a receipt file every time it comes."""

from django.db import transaction

from ..codecs import exchange as codec
from ..models import Arrival, ExchangePeer
from ..terms import VALUE_DIFFERS, MessageFault, Parcel, Receipt, ResultCode
from .exchange import RECEIPT, Check, queue_messages, take_message

NAME_WIDTH = 64


@transaction.atomic
def take_file(*, bank: ExchangePeer, name: str, body: bytes, check: Check, now: int) -> Receipt:
    """Take a file of a bank and queue its receipt, or neither; what it was taken as.

    The file stays where it lies until this has come to its end, so that it comes again after any
    mishap. `check` refuses what is not taken here.
    """
    # One file of a bank at a time, so that each receipt speaks of its own arrival.
    ExchangePeer.objects.select_for_update().get(pk=bank.pk)
    told = _printable(name)

    def as_named(parcel: Parcel) -> None:
        file_id = codec.bank_file_id_of(name)
        if file_id != parcel.envelope.message_id:
            raise MessageFault(ResultCode.HEADER, VALUE_DIFFERS, "file_id", name="file_id",
                               found=parcel.envelope.message_id, wanted=file_id)  # fmt: skip
        check(parcel)

    receipt = take_message(sender=bank, body=body, check=as_named, now=now, named=told)
    if not told.startswith(f"{RECEIPT}_"):
        _answer(bank, told, receipt, now)
    return receipt


def _printable(name: str) -> str:
    """The file's name without its ending, as a receipt can say it back."""
    kept = "".join(one if one.isprintable() and one != "|" else "_" for one in name)
    return kept.strip().removesuffix(".txt")[:NAME_WIDTH] or "_"


def _answer(bank: ExchangePeer, of_file: str, receipt: Receipt, now: int) -> None:
    """Queue the file that says what became of a file; every arrival has one of its own."""
    arrival = Arrival.objects.filter(sender=bank.code).order_by("-id")[0]
    queue_messages(
        cause=f"receipt/{arrival.pk}", kind=RECEIPT, receiver=bank.code, fields={},
        records=[{
            "of_file": of_file, "result": int(receipt.result), "count": receipt.count,
            "amount_fen": receipt.amount_fen, "digest": receipt.digest,
        }],
        clear_date=None, now=now,
    )  # fmt: skip
