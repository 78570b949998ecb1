"""Django application of the gateway domain."""

from django.apps import AppConfig


class GatewayConfig(AppConfig):
    """Registers the tables of this domain."""

    name = "tollcentre.gateway"
