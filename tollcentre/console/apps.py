"""Django application of the console domain."""

from django.apps import AppConfig


class ConsoleConfig(AppConfig):
    """Registers the tables of this domain."""

    name = "tollcentre.console"
