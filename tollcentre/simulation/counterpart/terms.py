"""What every counterpart refuses."""

from tollcentre.core.refusal import Reason

UNKNOWN_VALUE = Reason(
    "unknown_plan_value",
    "没有名为 {name} 的参数；可用：{known}",
    "there is no value {name}; known: {known}",
)
WRONG_SHAPE = Reason(
    "plan_value_of_wrong_shape",
    "{name} 应为{wanted_zh}，不能是 {value}",
    "{name} must be {wanted_en}, not {value}",
)
FILE_UNREADABLE = Reason(
    "file_unreadable",
    "无法读取 {path}：{why}",
    "cannot read {path}: {why}",
)
CLOCK_UNREADABLE = Reason(
    "clock_unreadable",
    "时钟文件 {path} 里没有纪元秒",
    "the clock file {path} holds no epoch seconds",
)
STATE_OF_ANOTHER_RUN = Reason(
    "state_of_another_run",
    "状态目录属于种子 {kept}，不能用种子 {given} 继续",
    "the state belongs to seed {kept}; it cannot go on with seed {given}",
)
NO_STATE = Reason(
    "no_state",
    "{path} 中没有对端的状态",
    "there is no state of a counterpart in {path}",
)
