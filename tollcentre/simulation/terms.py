"""The simulator's refusals and the options of a run."""

from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from tollcentre.core.refusal import Reason

PASSAGES_OUT_OF_RANGE = Reason(
    "passages_out_of_range",
    "通行数须在 1 到 {most} 之间",
    "the number of passages must lie between 1 and {most}",
)
UNKNOWN_NOISE = Reason(
    "unknown_noise",
    "没有名为 {name} 的噪声参数；可用：{known}",
    "there is no noise parameter {name}; known: {known}",
)
NETWORK_FILES_MISSING = Reason(
    "network_files_missing",
    "路网文件夹缺少 {name}",
    "the network folder has no {name}",
)
DISCOUNT_BEYOND_SIMULATION = Reason(
    "discount_beyond_simulation",
    "模拟器只会按车型和路段的优惠，路网带有按时段、座位或车种的优惠",
    "the simulator knows discounts by vehicle type and section only; the network brings others",
)
PASSAGES_MAX = 5_000_000


@dataclass(frozen=True)
class SimulationOptions:
    """One run: the day, how many passages, and what differs from the parameter files."""

    day: date
    passages: int
    seed: int
    out: Path
    quiet: bool = False
    noise: dict[str, float] = field(default_factory=dict)
    traffic: dict[str, float] = field(default_factory=dict)
    full_columns: bool = True
    tac_keys: Path | None = None
