"""How amounts, times, plates and codes are shown: once, here, for pages, files and PDFs alike."""

from .clock import local_text


def amount_text(fen: int) -> str:
    """`¥1,234.56` of an amount in fen; a negative one as `-¥1,234.56`."""
    sign = "-" if fen < 0 else ""
    yuan, rest = divmod(abs(fen), 100)
    return f"{sign}¥{yuan:,}.{rest:02d}"


def time_text(epoch: int | None) -> str:
    """`2026-11-22 08:00:00`, or a dash where there is no time."""
    return "—" if epoch is None or epoch <= 0 else local_text(epoch)


def distance_text(metres: int) -> str:
    """`12.345 km` of metres."""
    kilometres, rest = divmod(metres, 1000)
    return f"{kilometres:,}.{rest:03d} km"


def count_text(count: int) -> str:
    """`1,234,567`."""
    return f"{count:,}"
