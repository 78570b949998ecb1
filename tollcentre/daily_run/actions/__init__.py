"""Every write of the clear day."""

from .clear import clear_day, plan_day

__all__ = ["clear_day", "plan_day"]
