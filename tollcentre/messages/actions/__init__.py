"""Every write of intake."""

from .quarantine import replay_quarantine
from .take_in import take_in_paths

__all__ = ["replay_quarantine", "take_in_paths"]
