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
ACTS = {
    "passage.decide_path": _("通行路径复核"),
    "dispute.rule": _("省内争议裁定"),
    "deposit.rule": _("缴存差异处理"),
    "refund.approve_change": _("退补费复核"),
    "settlement.release": _("结算单释放"),
    "settlement.pay": _("付款发出"),
    "settlement.reinstruct": _("付款重发"),
    "settlement.match": _("银行流水核对"),
    "settlement.explain": _("银行流水说明"),
    "settlement.uphold": _("业主异议成立"),
}
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
    "silent": _("静默"),
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
    "silent": "bad",
}
MESSAGE_KINDS = {
    "exit_upload": _("出口交易上传"),
    "serving_sum": _("服务方合计"),
    "other_exit_upload": _("其他出口上传"),
    "entry_upload": _("入口记录上传"),
    "gantry_upload": _("门架交易上传"),
    "batch_sum_upload": _("小时合计上传"),
    "trades_to_book": _("待记账交易"),
    "booking_result": _("记账结果"),
    "dispute_result": _("争议处理结果"),
    "split_result": _("拆分结果"),
    "clearing_statistics": _("清分统计"),
    "holdings": _("对账清单"),
    "payment": _("付款指令"),
    "payment_result": _("付款结果"),
    "payment_return": _("退汇"),
    "deposit_slip": _("缴款单"),
    "statement": _("银行对账单"),
    "receipt": _("文件回执"),
    "bill": _("渠道账单"),
    "toll_change": _("退补费"),
    "toll_change_result": _("退补费结果"),
    "toll_change_to_credit": _("待入账退补费"),
    "toll_change_credited": _("退补费入账结果"),
    "original_pack": _("原始交易包"),
    "pack_reply": _("报文包应答"),
    "pack_booking": _("记账处理"),
    "pack_dispute_result": _("拓展争议处理结果"),
    "pack_clearing_statistics": _("拓展清分统计"),
}
PEER_KINDS = {
    "centre": _("中心"),
    "bank": _("银行"),
    "channel": _("支付渠道"),
    "pack": _("拓展中心"),
}
NOTICE_STATES = {"waiting": _("等待"), "done": _("已处理")}
NOTICE_TAGS = {"waiting": "info", "done": "good"}
BILL_STATES = {"missing": _("未取得"), "here": _("已取得")}
BILL_TAGS = {"missing": "warn", "here": "good"}
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
DIRECTIONS = {
    "toll": _("本省收费"),
    "issuer": _("本省发行"),
    "local": _("省内"),
    "serving": _("本省服务"),
}
DISPUTE_REASONS = {
    reason.value: _of_both(reason.value, *DISPUTE_TITLES[reason]) for reason in DisputeReason
}
DISPUTE_STATES = {"open": _("争议中"), "paid": _("裁定应付"), "bad_debt": _("坏账")}
RULING_RESULTS = {0: _("应付"), 1: _("坏账")}
RULING_SOURCES = {
    "ministry": _("部联网中心裁定"),
    "own": _("本中心裁定"),
    "deemed": _("逾期视同应付"),
}
LIABLES = {
    "issuer": _("发行方"),
    "owner": _("业主或路段"),
    "customer": _("通行用户"),
    "nobody": _("无责"),
}
DISPUTE_FACTS = {
    "pass_id": _("通行标识"),
    "vehicle": _("车牌"),
    "card": _("卡号"),
    "obu": _("OBU 号"),
    "entry": _("入口"),
    "exit": _("出口"),
    "pay_fee": _("应收"),
    "discount_fee": _("优惠"),
    "fee": _("实收"),
    "trans_fee": _("介质签名金额"),
    "terminal": _("终端机号与交易序号"),
    "tac": _("TAC"),
    "tac_check": _("TAC 验证"),
    "listed": _("交易时名单"),
    "repeated": _("另有同一扣费"),
    "checked_now": _("按现有资料校验"),
    "reads": _("门架读取次数"),
}
"""Names of what is known of a disputed trade; those of reads and shares are numbered."""
FACT_AMOUNTS = ("pay_fee", "discount_fee", "fee", "trans_fee")
FACT_VALUES = {
    "valid": _("通过"),
    "invalid": _("未通过"),
    "not_checkable": _("本中心无法验证"),
    "yes": _("有"),
    "no": _("无"),
    "payable": _("应付"),
}
DISPUTE_TAGS = {"open": "warn", "paid": "good", "bad_debt": "bad"}
FATES = {
    "to_send": _("待上传"),
    "sent": _("待记账"),
    "here": _("待本省记账"),
    "confirmed": _("已确认待清分"),
    "disputed": _("争议中"),
    "bad_debt": _("坏账"),
    "cleared": _("已清分"),
    "lane": _("车道已收待缴"),
    "credited": _("已缴存入账"),
    "free": _("免费放行"),
    "part": _("外省分摊待统计"),
    "served": _("本省分摊待统计"),
}
FATE_TAGS = {"credited": "good", "lane": "info", "free": "good", "part": "info", "served": "info",
             "to_send": "warn", "sent": "warn", "here": "warn", "confirmed": "info",
             "disputed": "warn", "bad_debt": "bad", "cleared": "good"}  # fmt: skip
STATISTIC_KINDS = {"trade": _("交易"), "split": _("跨省分摊"), "change": _("退补费")}
PROOF_STATES = {"proved": _("已核对"), "underway": _("上报中"), "late": _("待补报"),
                "differs": _("不一致")}  # fmt: skip
PROOF_TAGS = {"proved": "good", "underway": "info", "late": "warn", "differs": "bad"}
REQUEST_STATES = {"open": _("待补"), "answered": _("已补"), "closed": _("已关闭")}
REQUEST_TAGS = {"open": "warn", "answered": "good", "closed": "muted"}
EXTENSION_FATES = {
    "waiting": _("待装包"),
    "packed": _("待送达"),
    "sent": _("待记账"),
    "confirmed": _("已确认待清分"),
    "disputed": _("争议中"),
    "paid": _("裁定应付待清分"),
    "bad_debt": _("坏账"),
    "cleared": _("已清分"),
}
EXTENSION_FATE_TAGS = {"waiting": "info", "packed": "warn", "sent": "warn", "confirmed": "info",
                       "disputed": "warn", "paid": "info", "bad_debt": "bad",
                       "cleared": "good"}  # fmt: skip
CARD_TYPES = {22: _("储值卡"), 23: _("记账卡")}
MEDIUM_KINDS = {"obu": _("OBU"), "card": _("卡")}
CUSTOMER_KINDS = {"person": _("个人"), "company": _("单位")}
VEHICLE_KINDS = {"passenger": _("客车"), "truck": _("货车"), "special": _("专项作业车")}
CONTRACT_KINDS = {"bank": _("银行扣款"), "prepaid": _("预存")}
BUSINESS_KINDS = {
    "enrol": _("开户发行"),
    "change_customer": _("变更客户资料"),
    "change_vehicle": _("变更车辆资料"),
    "replace": _("更换介质"),
    "suspend": _("挂起"),
    "resume": _("解挂"),
    "report_lost": _("挂失"),
    "found": _("解挂失"),
    "reactivate": _("重新激活"),
    "cancel": _("注销"),
    "transfer": _("过户"),
}
ETC_ACCOUNT_STATES = {
    "normal": _("正常"),
    "suspended": _("已挂起"),
    "lost": _("已挂失"),
    "cancelled": _("已注销"),
    "overdrawn": _("账户透支"),
    "unlinked": _("未关联扣款渠道"),
    "restricted": _("支付机构限制"),
}
NATIONAL_STATES = {"free": _("全国可发行"), "held": _("外省已发行"), "silent": _("等待部中心答复")}
NATIONAL_TAGS = {"free": "good", "held": "bad", "silent": "warn"}
ETC_ACCOUNT_TAGS = {"normal": "good", "suspended": "warn", "lost": "warn", "cancelled": "",
                    "overdrawn": "bad", "unlinked": "bad", "restricted": "bad"}  # fmt: skip
ID_TYPES = {
    "101": _("居民身份证"),
    "102": _("护照"),
    "103": _("港澳居民来往内地通行证"),
    "104": _("台湾居民来往大陆通行证"),
    "105": _("军官证"),
    "106": _("武警警官证"),
    "201": _("统一社会信用代码证"),
    "202": _("组织机构代码证"),
    "203": _("营业执照"),
}
PERSONAL_KINDS = {
    "name": _("姓名或名称"),
    "phone": _("手机号"),
    "id_number": _("证件号码"),
    "address": _("地址"),
    "bank_account": _("银行账号"),
}
STATISTIC_SIDES = {"receivable": _("应收"), "payable": _("应付")}
CHAIN_STEPS = {
    "booked": _("发行方记账"),
    "disputed": _("列为争议"),
    "ruled": _("争议裁定"),
    "change": _("退补费单"),
    "settled": _("列入结算单"),
    "paid": _("付款指令"),
    "open": _("尚未列入结算单"),
}
UNIT_KINDS = {
    "bureau": _("省局"),
    "centre": _("中心"),
    "department": _("部门"),
    "liaison": _("联络分中心"),
    "office": _("运营处"),
    "station": _("收费站"),
    "audit_unit": _("稽核单元"),
    "outlet": _("自营网点"),
    "service_point": _("服务点"),
    "bank": _("合作银行"),
    "bank_outlet": _("银行网点"),
    "road_owner": _("路段业主"),
    "vendor": _("维护单位"),
}
SCOPES = {"all": _("全部"), "below": _("本机构及下级"), "own": _("本机构"), "mine": _("仅本人")}
PARTY_KINDS = {
    "road_owner": _("业主"),
    "issuer": _("发行服务机构"),
    "centre": _("收费中心"),
    "bank": _("银行"),
    "treasury": _("财政"),
    "channel": _("支付渠道"),
}
CYCLES = {"daily": _("按日"), "weekly": _("按周"), "monthly": _("按月")}
SETTLEMENT_MODELS = {"allot": _("划拨"), "remit": _("解缴")}
MOMENTS = {"gantry": _("过门架时刻"), "exit": _("出口时刻"), "clear_day": _("清分日")}
AGREEMENT_STATES = {"agreed": _("有协议"), "missing": _("无协议"), "": ""}
AGREEMENT_TAGS = {"agreed": "good", "missing": "bad"}
MEANS = {
    "cash": _("现金"),
    "mobile": _("移动支付"),
    "card": _("ETC 卡"),
    "unknown": _("方式不明"),
}
SHIFT_STATES = {
    "to_report": _("待报"),
    "to_deposit": _("待缴"),
    "to_credit": _("待入账"),
    "short": _("短款"),
    "over": _("长款"),
    "settled": _("已结清"),
}
SHIFT_TAGS = {"to_report": "warn", "to_deposit": "warn", "to_credit": "info", "short": "bad",
              "over": "bad", "settled": "good"}  # fmt: skip
DEPOSIT_DIFFERENCES = {
    "short": _("短款"),
    "over": _("长款"),
    "bill_only": _("有账单无流水"),
    "lane_only": _("有流水无账单"),
    "amount_differs": _("金额不符"),
    "paid_twice": _("重复支付"),
    "refunded": _("已退款"),
    "order_reused": _("订单号重复"),
    "no_order": _("流水无订单号"),
    "means_unknown": _("支付方式不明"),
}
LANE_FATES = {"": "—", "waiting": _("等账单")} | DEPOSIT_DIFFERENCES
ORDER_STATES = {"matched": _("已对账")} | DEPOSIT_DIFFERENCES
DIFFERENCE_STATES = {"open": _("未处理"), "kept": _("已留存")}
DIFFERENCE_TAGS = {"open": "warn", "kept": ""}
DEPOSIT_RULINGS = {
    "paid_in_cash": _("该笔实为现金支付"),
    "paid_by_order": _("该笔由无主订单支付"),
    "kept": _("长款留存"),
}
CHANGE_KINDS = {"refund": _("退费"), "supplement": _("补费")}
CHANGE_CAUSES = {
    "repeated_unit": _("门架重复扣费"),
    "second_exit": _("重复出口收费"),
    "unit_not_driven": _("未驶单元计费"),
    "above_tariff": _("高于费率"),
    "wrong_class": _("车型不符"),
    "complaint": _("客户投诉"),
    "below_tariff": _("低于费率"),
}
CHANGE_STATES = {
    "drafted": _("拟办"),
    "proposed": _("待批准"),
    "withdrawn": _("不予办理"),
    "approved": _("已批准"),
    "sent": _("已送部中心"),
    "accepted": _("已接受"),
    "rejected": _("部中心驳回"),
    "credited": _("已入账"),
    "closed": _("办结"),
}
CHANGE_TAGS = {"drafted": "warn", "proposed": "warn", "withdrawn": "", "approved": "info",
               "sent": "info", "accepted": "info", "rejected": "bad", "credited": "good",
               "closed": "good"}  # fmt: skip
CHANGE_ROUTES = {"ministry": _("经部中心"), "here": _("本地")}
CHANGE_PARTIES = {"owner": _("业主"), "province": _("外省"), "held": _("留待复核")}
INVOICE_FLAGS = {1: _("已开票"), 2: _("未开票")}
CREDIT_RESULTS = {
    "0": _("已入账"),
    "1": _("介质不存在"),
    "2": _("交易不存在"),
    "3": _("超过原金额"),
    "4": _("重复"),
}
CREDIT_TAGS = {"0": "good", "1": "bad", "2": "bad", "3": "bad", "4": "bad"}
