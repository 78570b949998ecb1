"""Django application of the settlement domain."""

from django.apps import AppConfig


class SettlementConfig(AppConfig):
    """Registers the tables of this domain."""

    name = "tollcentre.settlement"
