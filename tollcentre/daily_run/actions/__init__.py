"""Every write of the clear day."""

from .clear import Report, clear_day, plan_day

__all__ = ["Report", "clear_day", "plan_day"]
