"""Every write of clearing: what goes up to the ministry of a clear day, and what it says of it."""

from .records import queue_records
from .results import keep_counted, take_split_result, take_statistics
from .uploads import keep_trades, queue_uploads

__all__ = [
    "keep_counted",
    "keep_trades",
    "queue_records",
    "queue_uploads",
    "take_split_result",
    "take_statistics",
]
