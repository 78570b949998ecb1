"""Django application of the issuing domain."""

from django.apps import AppConfig


class IssuingConfig(AppConfig):
    """Registers the tables of this domain."""

    name = "tollcentre.issuing"
