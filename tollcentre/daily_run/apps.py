"""Django application of the daily_run domain."""

from django.apps import AppConfig


class DailyRunConfig(AppConfig):
    """Registers the tables of this domain."""

    name = "tollcentre.daily_run"
