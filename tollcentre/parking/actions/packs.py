"""Packs are made of what waits: of one provider, card network and card type, once."""

from collections.abc import Sequence
from dataclasses import replace

from django.db import transaction
from django.db.models import Count, Min

from tollcentre.access.actions import hold_trail, record_trail
from tollcentre.core.clock import day_of
from tollcentre.messages import queries as messages
from tollcentre.messages.actions import queue_messages
from tollcentre.messages.codecs import exchange as codec
from tollcentre.messages.terms import FRAME_BROKEN, MessageFault, PeerKind

from ..models import ExtensionPack, ExtensionTrade
from ..queries import parameters_at
from ..rules import packs_due
from ..terms import PackParameters
from .trades import AT_ONCE, KIND, pack_fields

ACTOR = "exchange"
Group = tuple[int, str, int]
"""Row id of the provider, card network and card type in which all trades of a pack agree."""


def make_packs(now: int) -> int:
    """Queue the packs that are due, each in a transaction of its own; how many they are.

    Without a registered extension centre trades wait.
    """
    towards = messages.peers(kind=PeerKind.PACK).first()
    if towards is None:
        return 0
    by = parameters_at(day_of(now))
    waiting = ExtensionTrade.objects.filter(pack=None).order_by()
    groups = waiting.values_list("provider", "card_net_no", "card_type").annotate(
        n=Count("pk"), oldest=Min("taken_at")
    )
    return sum(
        _make(towards.code, tuple(group), by, now)
        for *group, count, oldest in sorted(groups)
        if count >= by.records_max or now - oldest >= by.waits_s
    )


def _make(receiver: str, group: Group, by: PackParameters, now: int) -> int:
    """Queue what is due of a group; smaller packs where a frame could not hold one."""
    made = 0
    while True:
        try:
            if not _make_first(receiver, group, by, now):
                return made
            made += 1
        except MessageFault as fault:
            if fault.code != FRAME_BROKEN.code or by.records_max == 1:
                raise
            by = replace(by, records_max=by.records_max // 2)


@transaction.atomic
def _make_first(receiver: str, group: Group, by: PackParameters, now: int) -> bool:
    """Queue the first pack of a group that is due; false where none is."""
    hold_trail()
    provider_id, network, card_type = group
    waiting = ExtensionTrade.objects.filter(
        pack=None, provider=provider_id, card_net_no=network, card_type=card_type
    )
    trades = list(waiting.select_related("provider").order_by("id")[: by.records_max])
    sizes = packs_due([trade.taken_at for trade in trades], now, by)
    if sizes:
        _queue(receiver, trades, now)
    return bool(sizes)


def _queue(receiver: str, trades: Sequence[ExtensionTrade], now: int) -> None:
    """Queue these trades as one pack; MessageFault where no frame can hold it."""
    first, of = trades[0], trades[0].provider
    key = f"pack:{of.code}:{first.pk}"
    [message] = queue_messages(
        cause=key, kind=KIND, receiver=receiver, clear_date=day_of(now), now=now,
        fields=pack_fields(of.code, first.card_net_no, now),
        records=[trade.record | {"trans_id": n} for n, trade in enumerate(trades, 1)],
    )  # fmt: skip
    codec.frame(message.message_id, messages.body_of(message.body))
    pack = ExtensionPack.objects.create(
        provider=of, key=key, message_id=message.message_id, card_net_no=first.card_net_no,
        card_type=first.card_type, count=message.count, fee=message.amount_fen, made_at=now,
    )  # fmt: skip
    for number, trade in enumerate(trades, 1):
        trade.pack, trade.trans_id = pack, number
    ExtensionTrade.objects.bulk_update(trades, ["pack", "trans_id"], batch_size=AT_ONCE)
    detail = {"trades": pack.count, "fee_fen": pack.fee, "message_id": pack.message_id}
    record_trail(actor=ACTOR, act="parking.make_pack", subject=key, detail=detail)
