"""The laws of parking: trades against packs, packs against messages, money against both."""

from collections import Counter
from collections.abc import Iterator

from django.db.models import Count, Max, Sum

from tollcentre.core.law import Law
from tollcentre.ledger.queries import account_nets, holds_by_key
from tollcentre.ledger.terms import HoldState
from tollcentre.messages.queries import message_totals

from ..models import ExtensionPack, ExtensionTrade, PackBooking, PackDispute
from ..rules import hold_key

LAWS = (
    "extension_packs_are_their_trades",
    "extension_disputes_are_held_until_ruled",
    "extension_accounts_are_confirmed_trades",
)
"""The laws in the order in which they are told."""
CHUNK = 5_000
STATES = {None: HoldState.OPEN, 0: HoldState.POSTED, 1: HoldState.VOIDED}


def verify_extension() -> Iterator[Law]:
    """Each law of LAWS, re-computed from tables, messages and ledger."""
    detail = f"{ExtensionTrade.objects.count()} 笔 / trades"
    for name, fault in zip(LAWS, (_packs(), _disputes(), _accounts()), strict=True):
        yield Law(name, not fault, fault or detail)


def _packs() -> str:
    """The first pack that is not its trades, its message, or its booking; empty where none is."""
    found = ExtensionPack.objects.select_related("booking").annotate(
        n=Count("trades"), fen=Sum("trades__fee"), last=Max("trades__trans_id")
    )
    lost = {
        row["trade__pack"]: (row["n"], row["fen"])
        for row in PackDispute.objects.values("trade__pack").annotate(
            n=Count("pk"), fen=Sum("trade__fee")
        )
    }
    packs = list(found.order_by("pk"))
    totals = message_totals([pack.message_id for pack in packs], sent=True)
    for pack in packs:
        own = pack.count, pack.fee
        if (pack.n, pack.fen) != own or pack.last != pack.count:
            return f"{pack.message_id}: {own} ≠ {(pack.n, pack.fen)}"
        if totals.get(pack.message_id) != own:
            return f"{pack.message_id}: {own} ≠ 报文 / message"
        booking = getattr(pack, "booking", None)
        count, fee = lost.get(pack.pk, (0, 0))
        confirmed = (pack.count - count, pack.fee - fee)
        if booking and (booking.confirmed_count, booking.confirmed_fee) != confirmed:
            return f"{pack.message_id}: {confirmed} ≠ 记账 / booking"
    return ""


def _disputes() -> str:
    """The first dispute whose hold is not open, posted or voided as it was ruled."""
    rows = list(PackDispute.objects.select_related("trade__pack").order_by("pk"))
    for start in range(0, len(rows), CHUNK):
        part = {
            hold_key(one.trade.pack.message_id, one.trade.trans_id): one
            for one in rows[start : start + CHUNK]
        }
        holds = holds_by_key(list(part))
        for key, dispute in part.items():
            if key not in holds or holds[key].state is not STATES[dispute.result]:
                return f"{key} ≠ {STATES[dispute.result]}"
    return ""


def _accounts() -> str:
    """What is due from the extension centre, and to each provider, is confirmed + ruled payable."""
    due: Counter[str] = Counter()
    booked = PackBooking.objects.values_list("pack__provider__code").order_by()
    paid = PackDispute.objects.filter(result=0).values_list("trade__provider__code").order_by()
    sums = (
        booked.annotate(fen=Sum("confirmed_fee")), paid.annotate(fen=Sum("trade__fee")),
    )  # fmt: skip
    for rows in sums:
        for code, fen in rows:
            due[f"payable.provider.{code}"] += fen
            due["receivable.extension"] += fen
    nets = account_nets(list(due))
    for account, fen in due.items():
        if abs(nets.get(account, 0)) != fen:
            return f"{account}: {nets.get(account, 0)} ≠ {fen}"
    return ""
