"""Every write of the clear day."""

from .build import build_day
from .clear import Report, clear_day, plan_day
from .inputs import name_hot_scan

__all__ = ["Report", "build_day", "clear_day", "name_hot_scan", "plan_day"]
