"""What the settings' own checks say of a value, in the language of who must put it right.

`config` and the checks of settings speak English, since they know no other: here their sentences have translations.
"""

import re
from collections.abc import Callable
from functools import cache

from config.errors import ConfigError, Problem, SettingsError
from tui_pos.i18n import _, ngettext

_MEANT = re.compile(r"(?P<text>.+); did you mean (?P<meant>.+)\?", re.DOTALL)
_PLACE = re.compile(r"\\{(\w+)\\}")


def refusal(error: ConfigError) -> str:
    """All that an error says: each wrong setting on a line of its own."""
    if not isinstance(error, SettingsError):
        return in_words(str(error))
    count = len(error.problems)
    several = ngettext("{count} setting is wrong:", "{count} settings are wrong:", count)
    head = _("a setting is wrong:") if count == 1 else several.format(count=count)
    return "\n".join([head, *(f"  {_line(problem)}" for problem in error.problems)])


def _line(problem: Problem) -> str:
    text = _("{key} is {given} ({origin}): {allowed}") if problem.given else "{key} ({origin}): {allowed}"
    allowed = in_words(problem.allowed)
    return text.format(key=problem.key, given=problem.given, origin=problem.origin, allowed=allowed)


def in_words(allowed: str) -> str:
    """A sentence of the checks; one that is not among these stays as it is."""
    meant = _MEANT.fullmatch(allowed)
    if meant:
        return _("{text}; did you mean {meant}?").format(text=in_words(meant["text"]), meant=meant["meant"])
    for template, translated in zip(_templates(), _texts(_), strict=True):
        found = template.fullmatch(allowed)
        if found:
            return translated.format(**found.groupdict()) if found.groupdict() else translated
    return allowed


@cache
def _templates() -> tuple[re.Pattern[str], ...]:
    """The texts as they are said in English, with anything in their places."""
    return tuple(
        re.compile(
            _PLACE.sub(r"(?P<\1>.+)", re.escape(text)) if _takes_values(text) else re.escape(text), re.DOTALL
        )
        for text in _texts(str)
    )


def _takes_values(text: str) -> bool:
    """Some name places themselves, those of a QR code's text, say."""
    return text not in _literal(str)


def _literal(_: Callable[[str], str]) -> tuple[str, ...]:
    return (
        _("allowed is sqlite:////path/of/shop.db or postgresql://user:{password}@host/name"),
        _("allowed is a text that may hold {shop}, {till}, {number}, {date} and {total}"),
    )


def _texts(_: Callable[[str], str]) -> tuple[str, ...]:
    """Every sentence, as `_` gives it: in the reader's language, or as it stands. The widest come last."""
    return (
        *_literal(_),
        _("there is no such setting"),
        _("allowed is two letters such as IE, SE or DE"),
        _("allowed is three letters such as EUR, SEK or GBP"),
        _("allowed is a currency of ISO 4217, such as EUR, SEK or GBP"),
        _("allowed is a country of ISO 3166, such as IE, SE or GB"),
        _("allowed is a language such as en or sv, or nothing for that of the shop"),
        _("allowed is a language and country such as en_IE, sv_SE or de_CH"),
        _("allowed is a zone such as Europe/Dublin"),
        _("allowed is a time such as 04:00"),
        _("allowed is a month and a day such as 01-01 or 04-06"),
        _("allowed is up to 40 letters (A-Z, a-z), digits, hyphens and underscores"),
        _("allowed is names of up to 20 letters, digits and hyphens"),
        _("allowed is names that differ from each other"),
        _("allowed is as many pins as there are names, or none"),
        _("allowed is a list of {least} or more"),
        _("allowed is a list of at most {most}"),
        _("allowed is a text of at most {most} characters"),
        _("allowed is names of roles, such as owner"),
        _(
            "allowed is 3 to 40 characters without blanks, not digits alone, such as STAFF-, or nothing: "
            "else goods could not be sold"
        ),
        _("allowed is a whole number"),
        _("allowed is true or false"),
        _("allowed is a text"),
        _("allowed is a text or a list of texts"),
        _("allowed is a section with its settings"),
        _("allowed is a path"),
        _("allowed is a path from the root or from ~: the till may be started in any folder"),
        _("allowed is a path from the root, with four strokes: sqlite:////var/lib/tui-pos/shop.db"),
        _("allowed is a file that is there and can be read"),
        _("allowed is a file, not a folder or a device"),
        _("allowed is currency, none, or the smallest amount that is handed over, such as 0.05"),
        _("allowed is currency, none, or a multiple of {smallest}, the smallest amount of {currency}"),
        _("allowed is an amount in the currency's main unit, such as 100.00"),
        _("allowed is an account as the bookkeeper writes it, on one line"),
        _("allowed is name = account, such as standard = 8400, reduced 7 = 8300 or card = 1360"),
        _("allowed is vendor:product such as 04b8:0e15"),
        _("allowed is name:number such as cp858:19"),
        _("allowed is a key such as f2, ctrl+p, delete or ?"),
        _("allowed is a key that types nothing, such as f2 or ctrl+p: {key} is for the entry line"),
        _("allowed is a key for one action only, and {key} is given to {first} and {second}"),
        _("allowed is ? for help only, which it opens at every till, and it is given to {action}"),
        _("allowed is greater than or equal to {least}"),
        _("allowed is less than or equal to {most}"),
        _("allowed is one of {values}, or nothing"),
        _("allowed is one of {values}"),
        _("is missing: a serial port, since kind is serial"),
        _("is missing: a name or address, since kind is network"),
        _("is missing: a device or file, since kind is file"),
        _("is missing: such as 04b8:0e15, since kind is usb"),
        _("it is unknown; did you mean {meant}? Known are {names}"),
        _("it is unknown; Known are {names}"),
        _("there is no role {names}. tui-pos staff roles lists those that there are"),
        _("the folder {folder} cannot be used: {reason}. See to its rights, or set another one"),
        _(
            "the prices in the database {database} are in {kept}, and would be read as {wanted}. Set {kept_too}; "
            "for a shop in {wanted_too} set database.url to an empty database"
        ),
        _("database.url needs the secret {name}, and there is none in {places}; run: {command}"),
        _("{file}: others can read this secret; run: {command}"),
        _("the key ring {name} does not answer: {reason}"),
        _("{file}: there is no such file"),
        _("{file}: cannot be read: {reason}"),
        _("{file}: is not UTF-8 text (byte {number})"),
        _("{file}: is not TOML: {reason}"),
        _("allowed is {values} or {last}"),
        _("allowed is {values}"),
    )
