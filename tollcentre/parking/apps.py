"""Django application of parking."""

from django.apps import AppConfig


class ParkingConfig(AppConfig):
    """Registers the tables of this domain."""

    name = "tollcentre.parking"
