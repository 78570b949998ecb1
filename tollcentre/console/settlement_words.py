"""The console's words for settlement: Chinese as the source, English through the catalogue."""

from django.utils.translation import gettext_lazy as _

SIDES = {"pay": _("应付"), "collect": _("应收")}
MODELS = {"allot": _("划拨业主"), "remit": _("解缴国库")}
STATEMENT_STATES = {
    "carried": _("结转下期"),
    "drafted": _("待释放"),
    "released": _("已释放"),
    "paid": _("已付讫"),
}
STATEMENT_TAGS = {"carried": "", "drafted": "warn", "released": "info", "paid": "good"}
COLLECT_STATES = STATEMENT_STATES | {"drafted": _("待收款"), "paid": _("已收讫")}
CAUSES = {
    "clear_day": _("清分"),
    "dispute": _("争议暂挂"),
    "ruling": _("争议裁定"),
    "refund": _("退费"),
    "adjustment": _("调整"),
}
PAYMENT_STATES = {
    "ready": _("待发出"),
    "sent": _("已发银行"),
    "answered": _("银行称已付"),
    "paid": _("已付"),
    "refused": _("银行拒付"),
    "returning": _("退汇途中"),
    "returned": _("已退汇"),
}
PAYMENT_TAGS = {"ready": "warn", "sent": "info", "answered": "info", "paid": "good",
                "refused": "bad", "returning": "warn", "returned": "bad"}  # fmt: skip
UNMATCHED = {
    "reference_unknown": _("附言不识别"),
    "already_matched": _("该附言已核对过"),
    "part_of_it": _("金额不足，等待其余"),
    "amount_differs": _("金额不符"),
    "ambiguous": _("不止一种可能"),
    "nothing_fits": _("没有对应的待收付"),
    "too_early": _("无附言，等待次日流水"),
}
ITEM_KINDS = {
    "payment": _("付款"),
    "return": _("退汇"),
    "undone": _("拒付冲回"),
    "statement": _("发行方应收"),
    "position": _("部中心应收"),
    "deposit": _("缴款与渠道"),
    "explained": _("人工说明"),
}
POSITION_STATES = {
    "differs": _("双方数字不一致"),
    "no_bank": _("没有收付银行"),
    "agreed": _("双方一致，待入账"),
    "due": _("已入账，款项在途"),
    "settled": _("已结清"),
}
POSITION_TAGS = {"differs": "bad", "no_bank": "bad", "agreed": "info", "due": "warn",
                 "settled": "good"}  # fmt: skip
WAITS_ON = {"us": _("本中心"), "bank": _("银行"), "": "—"}
WINDOW_STATES = {True: _("已到期"), False: _("进行中")}
WINDOW_TAGS = {True: "warn"}
FIGURES = {
    "collected": _("收取"),
    "allotted": _("划拨"),
    "remitted": _("解缴"),
    "held": _("留存"),
    "in_dispute": _("争议"),
}
CONTEST_STATES = {None: _("待答复"), True: _("成立"), False: _("不成立")}
