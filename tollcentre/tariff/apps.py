"""Django application of the tariff domain."""

from django.apps import AppConfig


class TariffConfig(AppConfig):
    """Registers the tables of this domain."""

    name = "tollcentre.tariff"
