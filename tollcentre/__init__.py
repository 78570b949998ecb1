"""The toll centre: the operations platform of a provincial expressway ETC service centre."""

__version__ = "0.1.0"
