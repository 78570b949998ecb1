"""Django application of the clearing domain."""

from django.apps import AppConfig


class ClearingConfig(AppConfig):
    """Registers the tables of this domain."""

    name = "tollcentre.clearing"
