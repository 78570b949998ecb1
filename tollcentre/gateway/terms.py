"""Refusals of the machine interface."""

from tollcentre.core.refusal import Reason

BODY_TOO_LARGE = Reason(
    "body_too_large",
    "请求体超过 {limit} 字节（解压后计）",
    "the body exceeds {limit} bytes (counted after decompression)",
)
BAD_GZIP = Reason("bad_gzip", "请求体不是完整的 gzip 数据", "the body is not whole gzip data")
UNKNOWN_ENCODING = Reason(
    "unknown_content_encoding",
    "不支持的 Content-Encoding：{encoding}；可用 gzip 或不压缩",
    "Content-Encoding {encoding} is not supported; use gzip or none",
)
BAD_JSON = Reason(
    "bad_json",
    "请求体不是合法 JSON：第 {line} 行第 {column} 列",
    "the body is not valid JSON: line {line}, column {column}",
)
FIELD_MISSING = Reason("field_missing", "缺少字段 {name}", "field {name} is missing")
FIELD_WRONG = Reason("field_wrong", "字段 {name} 应为{zh}", "field {name} must be {en}")
TOO_MANY_RECORDS = Reason(
    "too_many_records",
    "每批至多 {limit} 条记录，收到 {count} 条",
    "a batch holds at most {limit} records, this one {count}",
)
KEY_MISSING = Reason(
    "idempotency_key_missing",
    "缺少请求头 Idempotency-Key（1–128 个可见字符）",
    "header Idempotency-Key (1 to 128 visible characters) is missing",
)
NO_SUCH_BATCH = Reason(
    "no_such_batch", "没有幂等键为 {key} 的批次", "no batch with idempotency key {key}"
)
BAD_DAY = Reason(
    "bad_day", "日期 {day} 无效，应如 2026-11-22", "{day} is no day; write it as 2026-11-22"
)
NOT_AUTHORISED = Reason("not_authorised", "令牌无效或已停用", "the token is unknown or disabled")
NO_TOKEN_FOR_PEER = Reason(
    "no_token_for_peer",
    "缺少对端 {code} 的令牌文件 keys/peer-{code}.token",
    "the key file keys/peer-{code}.token with the token for peer {code} is missing",
)
NOT_ACKNOWLEDGED = Reason(
    "frame_not_acknowledged",
    "对端未确认收到报文帧：{answer}",
    "the frame was not acknowledged: {answer}",
)
NO_EXTENSION_CENTRE = Reason(
    "no_extension_centre",
    "没有登记拓展中心，请先运行 tollcentre exchange extension",
    "no extension centre is registered: run `tollcentre exchange extension` first",
)
KEY_UNREADABLE = Reason(
    "key_unreadable",
    "{what} 不是可用的密钥：{why}",
    "{what} is no key that can be used: {why}",
)
KEY_GONE = Reason(
    "key_gone",
    "缺少对端 {code} 的密钥文件 keys/{name}",
    "the key file keys/{name} for peer {code} is missing",
)
SIGNATURE_WRONG = Reason(
    "signature_wrong", "签名或时间戳不正确", "signature or timestamp is not right"
)
CLOCK_OFF = Reason(
    "clock_off",
    "时间戳与本中心时钟相差超过 {most} 秒",
    "the timestamp is more than {most} s off this centre's clock",
)
NO_SUCH_CHANNEL = Reason(
    "no_such_channel", "没有登记渠道 {code}", "there is no payment channel {code}"
)
NOT_A_PEER = Reason(
    "not_a_peer",
    "该令牌不属于已登记的对端中心",
    "this token belongs to no registered centre",
)
