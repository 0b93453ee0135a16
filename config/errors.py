"""How settings and secrets fail."""

from dataclasses import dataclass


class ConfigError(Exception):
    """Something that the shop set cannot be used. The text says what, where and what to do."""


class SecretError(ConfigError):
    """A secret is missing, or kept where others can read it."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One wrong setting: where it was set (file with line, or variable), what was given, what would do."""

    key: str
    origin: str
    given: str
    allowed: str

    def __str__(self) -> str:
        given = f" is {self.given}" if self.given else ""
        return f"{self.key}{given} ({self.origin}): {self.allowed}"


class SettingsError(ConfigError):
    """One or more settings are wrong; all of them are listed."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        count = "a setting is" if len(problems) == 1 else f"{len(problems)} settings are"
        super().__init__("\n".join([f"{count} wrong:", *(f"  {problem}" for problem in problems)]))
        self.problems = problems
