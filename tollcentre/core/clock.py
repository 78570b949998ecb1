"""Time is Asia/Shanghai, kept as whole epoch seconds; China has had one fixed offset since 1991."""

from datetime import UTC, date, datetime, timedelta, timezone

SHANGHAI = timezone(timedelta(hours=8), "Asia/Shanghai")
OFFSET_SECONDS = 8 * 3600
DAY_SECONDS = 24 * 3600


def epoch_of(text: str) -> int:
    """Epoch seconds of `2026-11-22T08:00:00`, `2026-11-22 08:00:00`, `20261122080000` or a date.

    A text with its own offset (`…+08:00`, `Z`) keeps it; ValueError where it is no time.
    """
    text = text.strip()
    if len(text) == 14 and text.isdigit():
        moment = datetime.strptime(text, "%Y%m%d%H%M%S")
    else:
        moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=SHANGHAI)
    return int(moment.timestamp())


def local_text(epoch: int) -> str:
    """`2026-11-22 08:00:00`, as pages and files show it."""
    return datetime.fromtimestamp(epoch, SHANGHAI).strftime("%Y-%m-%d %H:%M:%S")


def day_of(epoch: int) -> date:
    """The Shanghai calendar day that the moment lies in."""
    return datetime.fromtimestamp(epoch, SHANGHAI).date()


def day_start(day: date) -> int:
    """Epoch seconds of the day's first second."""
    midnight = datetime(day.year, day.month, day.day, tzinfo=UTC)
    return int(midnight.timestamp()) - OFFSET_SECONDS


def day_from(text: str) -> date:
    """The day of `2026-11-22` or `20261122`; ValueError where it is none."""
    return date.fromisoformat(text.strip())
