"""Django application of the statuslist domain."""

from django.apps import AppConfig


class StatuslistConfig(AppConfig):
    """Registers the tables of this domain."""

    name = "tollcentre.statuslist"
