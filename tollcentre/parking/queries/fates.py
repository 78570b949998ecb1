"""What has become of every trade, and of every pack."""

from django.db.models import (
    Case,
    CharField,
    Count,
    Exists,
    F,
    OuterRef,
    QuerySet,
    Sum,
    Value,
    When,
)

from tollcentre.messages.queries import outbox_by_id
from tollcentre.messages.terms import SentState

from ..models import CountedItem, ExtensionPack, ExtensionTrade
from ..terms import ExtensionFate, ExtensionFateRow

AT_ONCE = 500


def fates(*, viewer: object | None = None) -> list[ExtensionFateRow]:
    """Every trade by provider and fate, in the order of fates; fee in fen."""
    found = _with_fate().order_by().values(provider_code=F("provider__code"), became=F("fate"))
    order = list(ExtensionFate)
    rows = [
        ExtensionFateRow(row["provider_code"], ExtensionFate(row["became"]), row["n"], row["fen"])
        for row in found.annotate(n=Count("pk"), fen=Sum("fee"))
    ]
    return sorted(rows, key=lambda row: (row.provider, order.index(row.fate)))


def trades(
    *, viewer: object | None = None, provider: str = "", fate: str = "", trade_id: str = "",
    pack: str = "",
) -> "QuerySet[ExtensionTrade]":  # fmt: skip
    """Trades for a page, newest first, each with its `fate`."""
    found = _with_fate().select_related("provider", "pack", "dispute").order_by("-id")
    if provider:
        found = found.filter(provider__code=provider)
    if fate:
        found = found.filter(fate=fate)
    if trade_id:
        found = found.filter(trade_id__startswith=trade_id)
    return found.filter(pack__message_id=pack) if pack else found


def packs(
    *, viewer: object | None = None, provider: str = "", message_id: str = ""
) -> "QuerySet[ExtensionPack]":
    """Packs for a page, newest first; how far each has come is its message's to say."""
    found = ExtensionPack.objects.select_related("provider", "booking").order_by("-id")
    if provider:
        found = found.filter(provider__code=provider)
    return found.filter(message_id=message_id) if message_id else found


def _with_fate() -> "QuerySet[ExtensionTrade]":
    """Every trade with its `fate`; the first that holds counts."""
    counted = {
        name: Exists(CountedItem.objects.filter(
            kind=name, provider_code=OuterRef("provider__code"), item=OuterRef(column)
        ))
        for name, column in (("pack", "pack__message_id"), ("file", "dispute__file_id"))
    }  # fmt: skip
    became = (
        ({"pack__isnull": True}, ExtensionFate.WAITING),
        ({"dispute__result": 1}, ExtensionFate.BAD_DEBT),
        ({"dispute__result": 0, "file_counted": True}, ExtensionFate.CLEARED),
        ({"dispute__result": 0}, ExtensionFate.PAID),
        ({"dispute__isnull": False}, ExtensionFate.DISPUTED),
        ({"pack__booking__isnull": False, "pack_counted": True}, ExtensionFate.CLEARED),
        ({"pack__booking__isnull": False}, ExtensionFate.CONFIRMED),
        ({"pack__in": _taken_packs()}, ExtensionFate.SENT),
    )
    found = ExtensionTrade.objects.annotate(
        pack_counted=counted["pack"], file_counted=counted["file"]
    )
    return found.annotate(
        fate=Case(
            *(When(**condition, then=Value(fate.value)) for condition, fate in became),
            default=Value(ExtensionFate.PACKED.value),
            output_field=CharField(),
        )
    )


def _taken_packs() -> list[int]:
    """Row ids of packs that the extension centre took and has not booked."""
    open_packs = ExtensionPack.objects.filter(booking=None).values_list("message_id", "pk")
    rows = dict(open_packs)
    names = list(rows)
    taken: list[int] = []
    for start in range(0, len(names), AT_ONCE):
        for name, message in outbox_by_id(names[start : start + AT_ONCE]).items():
            if message.state == SentState.TAKEN:
                taken.append(rows[name])
    return taken
