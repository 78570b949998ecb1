"""Django application of the reporting domain."""

from django.apps import AppConfig


class ReportingConfig(AppConfig):
    """Registers the tables of this domain."""

    name = "tollcentre.reporting"
