"""The words of a command, parsed at the edge: what is none of the kind is refused before anything is opened."""

import argparse
import re
from pathlib import Path
from typing import TYPE_CHECKING

from tui_pos.i18n import _

if TYPE_CHECKING:
    import datetime as dt
    from decimal import Decimal


class TaxKindAction(argparse.Action):
    """`--kind taxed 25` or `--kind exempt`: a percentage belongs to what is taxed, and to nothing else."""

    def __call__(
        self,
        parser: argparse.ArgumentParser,
        namespace: argparse.Namespace,
        values: object,
        option_string: str | None = None,
    ) -> None:
        from tui_pos.money.tax import TaxKind

        assert isinstance(values, list)
        kind, *percents = values
        if kind not in list(TaxKind):
            parser.error(_("{kind} is none of {kinds}").format(kind=kind, kinds=", ".join(TaxKind)))
        if len(percents) != (1 if kind == TaxKind.TAXED else 0):
            parser.error(_("--kind taxed needs one percentage behind it, and every other kind none"))
        try:
            namespace.percent = percent(percents[0]) if percents else None
        except argparse.ArgumentTypeError as error:
            parser.error(str(error))
        namespace.kind = TaxKind(kind)


def percent(text: str) -> "Decimal":
    from decimal import Decimal

    digits = text.replace("%", "").strip().replace(",", ".")
    if not re.fullmatch(r"[0-9]+(\.[0-9]+)?", digits):
        raise argparse.ArgumentTypeError(_("{text} is no percentage, such as 25 or 8.875").format(text=text))
    return Decimal(digits)


def date(text: str) -> "dt.date":
    import datetime as dt

    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(
            _("{text} is no day, such as 2027-01-31").format(text=text)
        ) from None


def not_empty(text: str) -> str:
    """The name of a place. An empty one, of a variable that is not set, say, would mean the current folder."""
    if not text.strip():
        raise argparse.ArgumentTypeError(_("an empty name names no file and no folder"))
    return text


def encoding(text: str) -> str:
    import codecs
    import io

    try:
        name = codecs.lookup(text).name
        io.TextIOWrapper(io.BytesIO(), name)  # zip, rot13 and their like are no encodings of text
    except LookupError:
        wrong = _("{text} is no encoding of texts, such as utf-8, cp1250 or shift_jis")
        raise argparse.ArgumentTypeError(wrong.format(text=text)) from None
    return "utf-8-sig" if name == "utf-8" else name


def path(text: str) -> Path:
    return Path(not_empty(text))


def tax_code(text: str) -> str:
    if not re.fullmatch(r"[a-z][a-z0-9_]{0,31}", text):
        wrong = _("{text} is no code for a tax class: up to 32 of a-z, 0-9 and _, a letter first")
        raise argparse.ArgumentTypeError(wrong.format(text=text))
    return text


def tax_name(text: str) -> str:
    name = " ".join(text.split())
    if not 1 <= len(name) <= 80:
        raise argparse.ArgumentTypeError(_("a name of 1 to 80 letters is needed"))
    return name


def mapping(text: str) -> tuple[str, str]:
    ours, parted, theirs = text.partition("=")
    if not (ours and parted and theirs):
        raise argparse.ArgumentTypeError(_("{text} is not of the form OURS=THEIRS").format(text=text))
    return ours, theirs
