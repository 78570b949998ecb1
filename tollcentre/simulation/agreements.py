"""The fictitious province's banks and channels, and what was agreed with each of its owners."""

from collections.abc import Iterator
from itertools import product

from .province import Province

PARTIES = (
    ("bank-a", "bank", "模拟甲银行", "fictitious bank A"),
    ("bank-b", "bank", "模拟乙银行", "fictitious bank B"),
    ("treasury", "treasury", "模拟省财政非税专户", "fictitious treasury, public revenue"),
    ("wechat", "channel", "微信支付", "WeChat Pay"),
    ("alipay", "channel", "支付宝", "Alipay"),
    ("unionpay", "channel", "银联", "UnionPay"),
)
FROM, SIGNED, SOURCE = "2026-01-01", "2025-12-01", "模拟 / fictitious"
ACCOUNTS = (
    ("bank-a", "6299000000000018", "模拟省联网收费清分专户（甲）", FROM),
    ("bank-b", "6299000000000026", "模拟省联网收费清分专户（乙）", FROM),
)
TREASURY_ACCOUNT = "6299000000000034"
CENTRES = (
    ("000000", "6299000000000042", "模拟部联网中心"),
    ("620101", "6299000000000059", "模拟本省发行服务机构"),
)
CYCLES = (("daily", 1), ("weekly", 3), ("monthly", 5))
MOMENTS = ("gantry", "exit", "clear_day")
BANKS = {"bank-a": "模拟甲银行", "bank-b": "模拟乙银行"}


def agreement_rows(province: Province) -> Iterator[tuple[str | int, ...]]:
    """One agreement an owner, every cycle with every moment in turn, and those of the centres.

    The first owner's road was built on a government loan: its tolls are public revenue.
    """
    turns = list(product(CYCLES, MOMENTS))
    owners = sorted({section.legal_owner_id for section in province.sections})
    for number, owner in enumerate(owners):
        (cycle, lag), moment = turns[number % len(turns)]
        bank = list(BANKS)[number % len(BANKS)]
        if number == 0:
            model, account, name = "remit", TREASURY_ACCOUNT, PARTIES[2][2]
        else:
            model, account, name = "allot", f"62990000{owner:>08}", f"模拟业主 {owner}"
        yield (
            f"MN-{owner}-1", owner, FROM, cycle, lag, model, moment, account, name, BANKS[bank],
            bank, "house", SIGNED, SOURCE,
        )  # fmt: skip
    for party, account, name in CENTRES:
        yield (
            f"MN-{party}-1", party, FROM, "daily", 1, "allot", "gantry", account, name,
            BANKS["bank-a"], "bank-a", "house", SIGNED, SOURCE,
        )  # fmt: skip
