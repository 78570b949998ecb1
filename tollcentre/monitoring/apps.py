"""Django application of the monitoring domain."""

from django.apps import AppConfig


class MonitoringConfig(AppConfig):
    """Registers the tables of this domain."""

    name = "tollcentre.monitoring"
