"""What an examination finds."""

from dataclasses import dataclass
from enum import IntEnum


class Level(IntEnum):
    """How it is. The worst of all is the exit code."""

    OK = 0
    WARN = 1  # the till works, but somebody should see to it
    BAD = 2  # something does not work, or will not when it is needed


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at: how it is, and what to do where it is not well."""

    level: Level
    topic: str
    text: str
    to_do: str = ""

    @property
    def told(self) -> str:
        """Both as one line."""
        return " ".join(" → ".join(part for part in (self.text, self.to_do) if part).split())

    def as_json(self) -> dict[str, str]:
        """For programs. The names stay as they are; the texts are in the language of whoever asks."""
        return {"level": self.level.name.lower(), "topic": self.topic, "text": self.text, "do": self.to_do}


def ok(topic: str, text: str) -> Finding:
    """All is well."""
    return Finding(Level.OK, topic, text)


def warn(topic: str, text: str, to_do: str = "") -> Finding:
    """Somebody should see to it."""
    return Finding(Level.WARN, topic, text, to_do)


def bad(topic: str, text: str, to_do: str = "") -> Finding:
    """It does not work."""
    return Finding(Level.BAD, topic, text, to_do)
