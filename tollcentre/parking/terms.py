"""The words of parking: providers, trades of extension services, their packs and fates."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from tollcentre.core.refusal import Reason


class ExtensionFate(StrEnum):
    """What has become of a trade of an extension service (拓展交易去向)."""

    WAITING = "waiting"
    PACKED = "packed"
    SENT = "sent"
    CONFIRMED = "confirmed"
    DISPUTED = "disputed"
    PAID = "paid"
    BAD_DEBT = "bad_debt"
    CLEARED = "cleared"


@dataclass(frozen=True)
class PackParameters:
    """What packs go by on a day, out of `parameters/packs.yaml`."""

    records_max: int
    waits_s: int
    statistic_waits_s: int


@dataclass(frozen=True)
class ExtensionFateRow:
    """Trades of a provider with one fate; fee in fen."""

    provider: str
    fate: ExtensionFate
    count: int
    fee: int


@dataclass(frozen=True)
class ProviderDay:
    """A provider's part of a clear day: our figure, and what the extension centre counted, fen.

    The protocol tells one figure a day: `their_…` of a provider is what the packs and files that
    the centre names come to here; `missing` are those it leaves out, `unknown` those not ours.
    """

    provider: str
    our_count: int
    our_fee: int
    their_count: int
    their_fee: int
    missing: tuple[str, ...]
    unknown: tuple[str, ...]


@dataclass(frozen=True)
class ComparedDay:
    """A clear day as the extension centre counted it, against ours; fee in fen."""

    day: date
    message_id: str
    our_count: int
    our_fee: int
    their_count: int
    their_fee: int
    providers: tuple[ProviderDay, ...]

    @property
    def agrees(self) -> bool:
        """Whether figures, packs and files are the same on both sides."""
        same = (self.our_count, self.our_fee) == (self.their_count, self.their_fee)
        return same and not any(row.missing or row.unknown for row in self.providers)


@dataclass(frozen=True)
class TakenTrades:
    """What became of trades that a provider delivered: `taken` are new, `known` were here."""

    taken: int
    known: int


PROVIDER_EXISTS = Reason(
    "provider_exists", "服务方 {code} 已登记", "provider {code} is registered already"
)
PROVIDER_CODE_WRONG = Reason(
    "provider_code_wrong",
    "服务方编号 {code} 须为 16 位十六进制大写",
    "a provider's code is 16 hex digits in capitals, not {code}",
)
PROVIDER_NAME_WRONG = Reason(
    "provider_name_wrong",
    "服务方名称须为 1–64 个可见字符",
    "a provider's name is 1 to 64 visible characters",
)
NO_SUCH_PROVIDER = Reason(
    "no_such_provider", "没有登记服务方 {code}", "there is no provider {code}"
)
TRADES_MISSHAPEN = Reason(
    "trades_misshapen",
    "拓展交易须为对象列表，至多 {most} 笔",
    "extension trades are a list of objects, at most {most}",
)
TRADE_WITHOUT_FEE = Reason(
    "trade_without_fee", "拓展交易金额须大于 0", "the fee of an extension trade is above 0"
)
TRADE_KNOWN_OTHERWISE = Reason(
    "trade_known_otherwise",
    "拓展交易 {trade_id} 已按另一内容收取",
    "extension trade {trade_id} was already taken with other content",
)
PACK_UNKNOWN = Reason("pack_unknown", "没有报文包 {message_id}", "there is no pack {message_id}")
PACK_BOOKED_BEFORE = Reason(
    "pack_booked_before",
    "报文包 {message_id} 已有记账结果",
    "pack {message_id} has been booked already",
)
PACK_NOT_BOOKED = Reason(
    "pack_not_booked",
    "报文包 {message_id} 尚未记账",
    "pack {message_id} has not been booked yet",
)
PACK_MISFIT = Reason(
    "pack_misfit",
    "报文包 {message_id} 的 {name} 为 {own}，来文为 {stated}",
    "pack {message_id} has {name} {own}, the message says {stated}",
)
NOT_IN_DISPUTE = Reason(
    "extension_not_in_dispute",
    "报文包 {message_id} 的第 {trans_id} 笔不在争议中",
    "trade {trans_id} of pack {message_id} is not in dispute",
)
RULED_OTHERWISE = Reason(
    "extension_ruled_otherwise",
    "报文包 {message_id} 的第 {trans_id} 笔已裁定为 {ruled}",
    "trade {trans_id} of pack {message_id} was already ruled {ruled}",
)
STATISTIC_TOO_EARLY = Reason(
    "extension_statistic_too_early",
    "清分统计所列 {item} 尚未到达",
    "the statistic names {item}, which has not come yet",
)
EARLY = frozenset({PACK_NOT_BOOKED.code, STATISTIC_TOO_EARLY.code})
"""Refusals of something that has not come yet."""
