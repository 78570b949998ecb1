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


def amount_plain(fen: int) -> str:
    """`1234.56`: yuan as spreadsheets and machines read them."""
    sign = "-" if fen < 0 else ""
    yuan, rest = divmod(abs(fen), 100)
    return f"{sign}{yuan}.{rest:02d}"


def plate_text(vehicle_id: str) -> str:
    """`甘A·12345` of the national `甘A12345_0`; other texts as they are, an empty one as a dash."""
    plate = vehicle_id.partition("_")[0]
    if not plate:
        return "—"
    if len(plate) >= 7 and plate[0] > "\x7f" and plate[1].isascii():
        return f"{plate[:2]}·{plate[2:]}"
    return plate


def share_text(ppm: int) -> str:
    """`99.95 %` of parts per million, cut and never rounded up (99.999 % is not 100 %)."""
    return f"{ppm // 10_000}.{ppm % 10_000 // 100:02d} %"


def account_text(account: str) -> str:
    """`****0042`: a bank account by its last four digits, never more than half of it."""
    return "****" + account[-min(4, len(account) // 2) :] if len(account) > 1 else "****"
