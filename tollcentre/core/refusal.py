"""A refusal names the field and the reason, in Chinese and in English."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Reason:
    """One sentence-like reason code with its two texts; `{name}` places take the details."""

    code: str
    zh: str
    en: str


class Refusal(Exception):
    """Refused input: nothing was changed. `code` is stable, `field` is the national field name."""

    def __init__(self, reason: Reason, field: str = "", **details: object) -> None:
        self.reason = reason
        self.code = reason.code
        self.field = field
        self.details = details
        super().__init__(self.text())

    def text_zh(self) -> str:
        """The Chinese sentence."""
        return self.reason.zh.format(**self.details)

    def text_en(self) -> str:
        """The English sentence."""
        return self.reason.en.format(**self.details)

    def text(self) -> str:
        """One plain line: code, field, 中文, English."""
        field = f" [{self.field}]" if self.field else ""
        return f"{self.code}{field}: {self.text_zh()} / {self.text_en()}"
