"""Django application of the organisation domain."""

from django.apps import AppConfig


class OrganisationConfig(AppConfig):
    """Registers the tables of this domain."""

    name = "tollcentre.organisation"
