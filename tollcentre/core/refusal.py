"""A refusal names the field and the reason, in Chinese and in English; a report, each line."""

from collections import Counter
from dataclasses import dataclass, field


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


@dataclass(frozen=True)
class RefusedLine:
    """One line of a file that was not taken, and why; the others were."""

    line: int
    refusal: Refusal

    def as_json(self) -> dict[str, object]:
        """Line, code, field and both sentences."""
        refusal = self.refusal
        return {
            "line": self.line,
            "code": refusal.code,
            "field": refusal.field,
            "zh": refusal.text_zh(),
            "en": refusal.text_en(),
        }


@dataclass
class FileReport:
    """What became of a file's lines: each was new, there before, or refused with its reason."""

    rows: int = 0
    new: int = 0
    refused: list[RefusedLine] = field(default_factory=list)

    @property
    def known(self) -> int:
        """Lines that said what was there before."""
        return self.rows - self.new - len(self.refused)

    def as_json(self) -> dict[str, object]:
        """The figures, how many lines were refused by reason, and each of those."""
        reasons = Counter(line.refusal.code for line in self.refused)
        return {
            "rows": self.rows,
            "new": self.new,
            "known": self.known,
            "reasons": dict(sorted(reasons.items())),
            "refused": [line.as_json() for line in self.refused],
        }
