"""The console's words for national codes: Chinese as the source, English through the catalogue."""

from django.utils.functional import lazy
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from tollcentre.dispute.terms import DISPUTE_TITLES, DisputeReason
from tollcentre.messages.terms import ResultCode


def _text_of_both(code: int, zh: str, en: str) -> str:
    """A national code and its word in the reader's language."""
    return f"{code} {en if (get_language() or '').startswith('en') else zh}"


_of_both = lazy(_text_of_both, str)

PLATE_COLOURS = {
    0: _("蓝"),
    1: _("黄"),
    2: _("黑"),
    3: _("白"),
    4: _("渐变绿"),
    5: _("黄绿双拼"),
    6: _("蓝白渐变"),
    7: _("临时牌照"),
    9: _("未确定"),
    11: _("绿"),
    12: _("红"),
}
MEDIA_TYPES = {1: _("OBU"), 2: _("CPC 卡"), 3: _("纸券"), 9: _("无介质")}
VEHICLE_TYPES = {
    1: _("客一"),
    2: _("客二"),
    3: _("客三"),
    4: _("客四"),
    11: _("货一"),
    12: _("货二"),
    13: _("货三"),
    14: _("货四"),
    15: _("货五"),
    16: _("货六"),
    21: _("专项一"),
    22: _("专项二"),
    23: _("专项三"),
    24: _("专项四"),
    25: _("专项五"),
    26: _("专项六"),
}
VEHICLE_CLASSES = {
    0: _("普通"),
    6: _("公务"),
    8: _("军警"),
    10: _("紧急"),
    12: _("免费"),
    14: _("车队"),
    21: _("绿通"),
    22: _("联合收割机"),
    23: _("抢险救灾"),
    24: _("集装箱"),
    25: _("大件运输"),
    26: _("应急"),
    27: _("货车列车"),
    28: _("集装箱（J2）"),
}
EXIT_FEE_TYPES = {
    0: _("未计费"),
    1: _("OBU 累计优惠后金额"),
    2: _("OBU 累计优惠前金额"),
    3: _("CPC 卡内累计金额"),
    4: _("省中心在线计费"),
    5: _("部中心在线计费"),
    6: _("全网最小费额"),
    11: _("开放式收费"),
}
UNIT_SIGNS = {
    0: _("默认"),
    1: _("本门架"),
    2: _("代收"),
    3: _("唯一路径拟合"),
    4: _("最短路径拟合"),
    5: _("最小费额"),
}
NODE_KINDS = {
    0: _("匝道连接"),
    1: _("收费单元"),
    2: _("省界"),
    3: _("收费站"),
    9: _("互通"),
}
RECORD_SOURCES = {
    "entry": _("入口"),
    "exit": _("出口"),
    "trade": _("门架交易"),
    "gantry_trade": _("门架交易"),
    "plate": _("车牌识别"),
    "plate_read": _("车牌识别"),
    "entry_record": _("入口"),
    "exit_record": _("出口"),
}
RUN_STATES = {
    "started": _("进行中"),
    "done": _("完成"),
    "stopped": _("已停止"),
    "waiting": _("等待"),
    "running": _("进行中"),
}
RUN_STATE_TAGS = {
    "started": "info",
    "running": "info",
    "done": "good",
    "stopped": "bad",
    "waiting": "",
}
EXIT_KINDS = {
    "own": _("本省出口"),
    "elsewhere": _("外省出口"),
    "no_exit": _("未见出口"),
}
SIDES = {"debit": _("借"), "credit": _("贷")}
RELATIONS = {
    "gantry_trade": _("门架交易"),
    "charged_unit": _("计费单元"),
    "plate_read": _("车牌识别"),
    "entry_record": _("入口流水"),
    "exit_record": _("出口流水"),
    "batch_sum": _("小时批次合计"),
}
RESTORED_BY = {
    0: _("未还原"),
    1: _("直接还原"),
    2: _("搜索还原"),
    3: _("开放式出口所列"),
    4: _("人工决定"),
}
ACTS = {"passage.decide_path": _("通行路径复核")}
"""What a second person is asked to allow."""
APPROVAL_STATES = {
    "waiting": _("待审批"),
    "approved": _("已批准"),
    "refused": _("已退回"),
    "superseded": _("已被替代"),
}
APPROVAL_TAGS = {"waiting": "warn", "approved": "good", "refused": "bad", "superseded": ""}
HOLD_STATES = {"open": _("暂挂中"), "posted": _("已裁定"), "voided": _("已撤销")}
HOLD_TAGS = {"open": "warn", "posted": "good", "voided": ""}
ACCOUNT_KINDS = {"asset": _("资产"), "expense": _("支出"), "liability": _("负债")}
COMPLETENESS_STATES = {
    "complete": _("齐全"),
    "missing": _("缺少"),
    "surplus": _("多出"),
    "fee_differs": _("金额不符"),
    "undeclared": _("未申报"),
}
INTAKE_SOURCES = {
    "file": _("文件"),
    "http": _("接口"),
    "replay": _("重新检验"),
}
NETWORK_COUNTS = {
    "units": _("收费单元"),
    "connectors": _("匝道连接"),
    "stations": _("收费站"),
    "gantries": _("门架"),
    "edges": _("连接关系"),
}
COMPLETENESS_TAGS = {
    "complete": "good",
    "missing": "bad",
    "surplus": "warn",
    "fee_differs": "bad",
    "undeclared": "warn",
}
MESSAGE_KINDS = {
    "exit_upload": _("出口交易上传"),
    "serving_sum": _("服务方合计"),
    "batch_sum_upload": _("小时合计上传"),
    "trades_to_book": _("待记账交易"),
    "booking_result": _("记账结果"),
    "dispute_result": _("争议处理结果"),
    "split_result": _("拆分结果"),
    "clearing_statistics": _("清分统计"),
    "holdings": _("对账清单"),
}
MESSAGE_STATES = {
    "waiting": _("等待"),
    "taken": _("已送达"),
    "refused": _("被拒"),
    "done": _("已处理"),
    "failed": _("出错"),
}
MESSAGE_TAGS = {"waiting": "info", "taken": "good", "refused": "bad", "done": "good",
                "failed": "bad"}  # fmt: skip
RESULTS = {code.value: _of_both(code.value, code.zh, code.en) for code in ResultCode}
DIRECTIONS = {"toll": _("本省收费"), "issuer": _("本省发行")}
DISPUTE_REASONS = {
    reason.value: _of_both(reason.value, *DISPUTE_TITLES[reason]) for reason in DisputeReason
}
DISPUTE_STATES = {"open": _("争议中"), "paid": _("裁定应付"), "bad_debt": _("坏账")}
DISPUTE_TAGS = {"open": "warn", "paid": "good", "bad_debt": "bad"}
FATES = {
    "to_send": _("待上传"),
    "sent": _("待记账"),
    "here": _("待本省记账"),
    "confirmed": _("已确认待清分"),
    "disputed": _("争议中"),
    "bad_debt": _("坏账"),
    "cleared": _("已清分"),
}
FATE_TAGS = {"to_send": "warn", "sent": "warn", "here": "warn", "confirmed": "info",
             "disputed": "warn", "bad_debt": "bad", "cleared": "good"}  # fmt: skip
STATISTIC_SIDES = {"receivable": _("应收"), "payable": _("应付")}
