"""Money between us and other provinces: what arose, and what the ministry counted of it."""

from collections import defaultdict
from datetime import date

from tollcentre.ledger.queries import nets_by_day

from ..terms import COUNTED_KEY, CrossProvince

RECEIVABLE, PAYABLE = "receivable.province", "payable.province"


def cross_province(start: date, end: date) -> list[CrossProvince]:
    """跨省应收, 跨省应付 and net of clear days by province, newest day first; fen.

    Read from the ledger: what runs and rulings posted arose on the day, what the ministry's
    statistics of the day counted has moved to its accounts.
    """
    found: dict[tuple[date, str], list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    for day, family, province, counted, net in nets_by_day(
        [RECEIVABLE, PAYABLE], COUNTED_KEY, start=start, end=end
    ):
        sign = 1 if (family == RECEIVABLE) is not counted else -1
        found[day, province][2 * counted + (family == PAYABLE)] += sign * net
    rows = [CrossProvince(day, province, *cell) for (day, province), cell in found.items()]
    return sorted(rows, key=lambda row: (-row.clear_date.toordinal(), row.province))
