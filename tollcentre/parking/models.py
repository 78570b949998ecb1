"""Tables of parking: providers, trades, packs, and what the extension centre made of them."""

from django.db import models
from django.db.models import Q


class ServiceProvider(models.Model):
    """Who takes payments by ETC beside the road; its token is stored as a digest only."""

    code = models.CharField(max_length=16, unique=True)
    name = models.CharField(max_length=64)
    token_digest = models.CharField(max_length=64, unique=True)
    added_at = models.BigIntegerField()


class ExtensionPack(models.Model):
    """Trades that went up together under one number; inserted once. Fee in fen."""

    provider = models.ForeignKey(ServiceProvider, on_delete=models.PROTECT, related_name="packs")
    key = models.CharField(max_length=64, unique=True)
    message_id = models.CharField(max_length=19, unique=True)
    card_net_no = models.CharField(max_length=4)
    card_type = models.SmallIntegerField()
    count = models.IntegerField()
    fee = models.BigIntegerField()
    made_at = models.BigIntegerField()


class ExtensionTrade(models.Model):
    """One payment as its provider said it; never changed but for being put into its pack."""

    provider = models.ForeignKey(ServiceProvider, on_delete=models.PROTECT, related_name="trades")
    trade_id = models.CharField(max_length=64)
    time = models.BigIntegerField()
    fee = models.BigIntegerField()
    card_net_no = models.CharField(max_length=4)
    card_type = models.SmallIntegerField()
    card_id = models.CharField(max_length=16)
    record = models.JSONField()
    taken_at = models.BigIntegerField()
    pack = models.ForeignKey(
        ExtensionPack, on_delete=models.PROTECT, null=True, related_name="trades"
    )
    trans_id = models.IntegerField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["provider", "trade_id"], name="extension_trade_once"),
            models.UniqueConstraint(fields=["pack", "trans_id"], name="extension_trade_place"),
            models.CheckConstraint(
                condition=Q(pack__isnull=True, trans_id__isnull=True)
                | Q(pack__isnull=False, trans_id__gt=0),
                name="extension_trade_is_placed",
            ),
            models.CheckConstraint(condition=Q(fee__gt=0), name="extension_trade_fee"),
        ]


class PackBooking(models.Model):
    """What the extension centre booked of a pack; inserted once. Fees in fen."""

    pack = models.OneToOneField(ExtensionPack, on_delete=models.PROTECT, related_name="booking")
    message_id = models.CharField(max_length=19)
    booked_on = models.DateField()
    confirmed_count = models.IntegerField()
    confirmed_fee = models.BigIntegerField()
    booked_at = models.BigIntegerField()

    class Meta:
        indexes = [models.Index(fields=["booked_on"], name="pack_booking_by_day")]


class PackDispute(models.Model):
    """A trade of a pack that was disputed, for its reason; `result` 0 pay, 1 bad debt, once."""

    trade = models.OneToOneField(ExtensionTrade, on_delete=models.PROTECT, related_name="dispute")
    reason = models.SmallIntegerField()
    opened_on = models.DateField()
    result = models.SmallIntegerField(null=True)
    ruled_on = models.DateField(null=True)
    file_id = models.CharField(max_length=9, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(result__isnull=True, ruled_on__isnull=True)
                | Q(result__in=[0, 1], ruled_on__isnull=False),
                name="pack_dispute_result",
            )
        ]
        indexes = [models.Index(fields=["ruled_on"], name="pack_dispute_by_day")]


class PackStatistic(models.Model):
    """What the extension centre counted of a clear day, and what we answered; fee in fen."""

    message_id = models.CharField(max_length=19, unique=True)
    day = models.DateField()
    count = models.IntegerField()
    fee = models.BigIntegerField()
    result = models.SmallIntegerField()
    taken_at = models.BigIntegerField()


class CountedItem(models.Model):
    """A pack or a file of rulings that a statistic names as counted, of a provider."""

    statistic = models.ForeignKey(PackStatistic, on_delete=models.PROTECT, related_name="items")
    provider_code = models.CharField(max_length=16)
    kind = models.CharField(max_length=4)
    item = models.CharField(max_length=19)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["statistic", "provider_code", "kind", "item"], name="counted_item_once"
            )
        ]
        indexes = [models.Index(fields=["kind", "item"], name="counted_item_by_name")]
