"""Numbers of customers and businesses: the issuer, and a serial number of fourteen digits."""

ISSUER_DIGITS, SERIAL_DIGITS = 6, 14


def number_of(issuer_id: str, serial: int) -> str:
    """The number that a serial number has at an issuer, 20 digits."""
    return f"{issuer_id}{serial:0{SERIAL_DIGITS}d}"


def serial_of(number: str) -> int:
    """The serial number in a number; 0, which nothing has, where it is none."""
    serial = number[ISSUER_DIGITS:]
    return (
        int(serial) if len(serial) == SERIAL_DIGITS and number.isascii() and number.isdigit() else 0
    )
