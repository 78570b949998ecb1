"""Working days, and the deadlines counted in them."""

from datetime import date, timedelta

from ..terms import WorkingCalendar

SATURDAY = 5


def is_working_day(day: date, calendar: WorkingCalendar) -> bool:
    """Whether the offices work on the day."""
    if day in calendar.works:
        return True
    return day.weekday() < SATURDAY and day not in calendar.rests


def after_working_days(day: date, count: int, calendar: WorkingCalendar) -> date:
    """The working day that is so many after the day; the day itself is not counted."""
    while count:
        day += timedelta(days=1)
        count -= is_working_day(day, calendar)
    return day


def working_days_left(today: date, last: date, calendar: WorkingCalendar) -> int:
    """Working days after today up to the last one, that included; negative once it has passed."""
    if today <= last:
        days = (today + timedelta(days=n) for n in range(1, (last - today).days + 1))
        return sum(is_working_day(day, calendar) for day in days)
    return -working_days_left(last, today, calendar)
