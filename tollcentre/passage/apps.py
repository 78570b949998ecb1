"""Django application of the passage domain."""

from django.apps import AppConfig


class PassageConfig(AppConfig):
    """Registers the tables of this domain."""

    name = "tollcentre.passage"
