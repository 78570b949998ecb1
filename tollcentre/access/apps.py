"""Django application of the access domain."""

from django.apps import AppConfig


class AccessConfig(AppConfig):
    """Registers the tables of this domain."""

    name = "tollcentre.access"
