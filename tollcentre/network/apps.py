"""Django application of the network domain."""

from django.apps import AppConfig


class NetworkConfig(AppConfig):
    """Registers the tables of this domain."""

    name = "tollcentre.network"
