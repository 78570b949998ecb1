"""Django application of the dispute domain."""

from django.apps import AppConfig


class DisputeConfig(AppConfig):
    """Registers the tables of this domain."""

    name = "tollcentre.dispute"
