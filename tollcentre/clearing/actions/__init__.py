"""Every write of clearing: what goes up to the ministry of a clear day, and what it says of it."""

from .results import take_split_result, take_statistics
from .uploads import queue_uploads

__all__ = ["queue_uploads", "take_split_result", "take_statistics"]
