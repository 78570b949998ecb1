"""The console's words for the relations and steps of a clear day, and for what they name."""

from django.utils.translation import gettext_lazy as _

STEP_TITLES = {
    "exit_version": _("出口流水取有效版本"),
    "exit_correction": _("出口更正流水"),
    "exit_counted": _("出口流水计入更正"),
    "entry_counted": _("入口流水去重"),
    "trade_by_id": _("按通行标识归集门架交易"),
    "overdue_pass": _("到期未出的行程"),
    "passage_key": _("当日通行清单"),
    "orphan_trade": _("无通行标识的交易归集"),
    "trade": _("门架交易去重"),
    "passage_head": _("通行概况"),
    "passage_base": _("通行基表"),
    "plate_of_passage": _("牌识与通行匹配"),
    "passage_read": _("通行定位点"),
    "read_step": _("相邻定位点"),
    "plain_pass": _("可直接还原的通行"),
    "plain_unit": _("直接还原的单元"),
    "hard_read": _("需搜索还原的定位点"),
    "path_unit": _("还原路径"),
    "passage_sure": _("还原置信度"),
    "unit_fee": _("逐单元重算费额"),
    "expected": _("按还原路径应收"),
    "charge": _("已计费单元"),
    "pass_charge": _("已计费通行"),
    "province_part": _("分省金额"),
    "passage_amount": _("待拆分金额"),
    "split_weight": _("拆分权重"),
    "split_total": _("拆分权重合计"),
    "unit_share": _("单元份额"),
    "unit_split": _("单元拆分"),
    "owner_net": _("路主净额"),
    "held": _("留待复核金额"),
    "party_net": _("各方净额"),
    "difference": _("差异"),
    "passage": _("通行结果"),
    "passage_event": _("通行事件"),
}
DIFFERENCE_KINDS = {
    "driven_not_charged": _("走了未计费"),
    "charged_not_driven": _("计费未走"),
    "charged_sum_differs": _("计费合计与实收不符"),
    "recomputed_differs": _("重算费额不符"),
    "path_in_review": _("路径待复核"),
    "unknown_gantry": _("未知门架"),
    "repeated_trade": _("重复交易"),
}
HELD_REASONS = {
    "province_parts_misfit": _("分省金额之和不符"),
    "nothing_to_split_by": _("没有可拆分的依据"),
    "unknown_unit": _("未知收费单元"),
    "second_exit_record": _("第二条出口流水"),
    "correction_without_source": _("更正流水缺原流水"),
}
UNRESTORED = {
    "no_way_explains_the_reads": _("没有路径能解释这些定位点"),
    "low_confidence": _("置信度不足"),
    "no_usable_reads": _("没有可用的定位点"),
}
