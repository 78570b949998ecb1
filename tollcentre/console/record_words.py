"""The console's words for what intake finds wrong with a record."""

from typing import Any

from django.utils.translation import gettext_lazy as _

REASONS = {
    "missing_field": _("缺少字段"),
    "bad_form": _("格式不符"),
    "bad_code": _("代码不在码表"),
    "bad_time": _("时间不成立"),
    "bad_width": _("长度不符"),
    "not_a_number": _("不是数字"),
    "nul_byte": _("含空字节"),
    "control_character": _("含控制字符"),
    "broken_json": _("JSON 损坏"),
    "not_an_object": _("不是一条记录"),
    "stray_line_break": _("多出的换行"),
    "stray_quote": _("多出的引号"),
    "truncated_compression": _("压缩文件被截断"),
    "truncated_row": _("行被截断"),
    "undecodable_bytes": _("编码无法识别"),
    "unknown_kind": _("不知是何种记录"),
    "wrong_column_count": _("列数不符"),
    "time_in_future": _("时间在未来"),
    "time_too_early": _("时间过早"),
    "amount_identity": _("应收 ≠ 实收 + 优惠"),
    "negative_fee_without_source": _("负金额而无原流水"),
    "negative_count": _("数量为负"),
    "fee_without_unit": _("有金额而无收费单元"),
    "group_count_mismatch": _("单元组数目不符"),
    "exit_before_entry": _("出口早于入口"),
}


def reason_word(code: str) -> Any:
    """`缺少字段：passId` of `missing_field:passId`; a code without a word as it is."""
    name, _colon, field = code.partition(":")
    word = REASONS.get(name, name)
    return f"{word}: {field}" if field else word


def reason_words(codes: str) -> str:
    """The words of several reasons joined by `|`."""
    return "; ".join(str(reason_word(code)) for code in codes.split("|") if code)
