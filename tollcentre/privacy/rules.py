"""How personal data is written alike, and what of it is shown to everybody."""

from .terms import PersonalKind

MASK = "*"
SEPARATORS = str.maketrans("", "", " -\u3000\u00b7")
SHOWN_ENDS = {
    PersonalKind.PHONE: (3, 4),
    PersonalKind.ID_NUMBER: (3, 4),
    PersonalKind.BANK_ACCOUNT: (0, 4),
    PersonalKind.ADDRESS: (6, 0),
}
"""How many characters of a kind stay, at the front and at the end; a name keeps its first."""
COMPANY_FROM = 5


def alike(kind: PersonalKind, text: str) -> str:
    """The text as it is kept and searched: no blanks around, in numbers none at all, capitals."""
    if kind in (PersonalKind.NAME, PersonalKind.ADDRESS):
        return " ".join(text.split())
    return text.translate(SEPARATORS).upper()


def masked(kind: PersonalKind, text: str) -> str:
    """What everybody sees: `138****5678`, `620***********1234`, `张*`, `甘肃***公司`."""
    if kind is PersonalKind.NAME:
        front, end = (2, 2) if len(text) >= COMPANY_FROM else (1, 0)
    else:
        front, end = SHOWN_ENDS[kind]
    hidden = len(text) - front - end
    if hidden < 1:
        return MASK * len(text)
    return text[:front] + MASK * hidden + text[len(text) - end :]
