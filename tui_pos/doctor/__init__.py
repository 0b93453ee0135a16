"""The command `tui-pos doctor`: look at everything that a till needs, and say what to do."""

import argparse
import json
from collections.abc import Sequence
from typing import TYPE_CHECKING

from tui_pos.i18n import _

if TYPE_CHECKING:
    from tui_pos.doctor.findings import Finding


def describe_doctor(parser: argparse.ArgumentParser) -> None:
    """The options of `tui-pos doctor`."""
    text = _(
        "do not walk the journal nor the whole file of the books, which takes minutes where they are large"
    )
    parser.add_argument("--quick", action="store_true", help=text)
    parser.add_argument("--json", action="store_true", help=_("for programs"))


def run_doctor(arguments: argparse.Namespace) -> int:
    """Tell what was found. Returns 0: all is well, 1: something wants attention, 2: something is wrong."""
    from tui_pos.doctor.examine import examine

    findings = examine(getattr(arguments, "config", None), quick=arguments.quick)
    if arguments.json:
        print(json.dumps([finding.as_json() for finding in findings], ensure_ascii=False, indent=1))
    else:
        _print(findings)
    return max(finding.level for finding in findings)


def _print(findings: "Sequence[Finding]") -> None:
    from tui_pos.console import print_table

    levels = {"OK": _("OK"), "WARN": _("WARN"), "BAD": _("BAD")}
    topics = _topics()
    rows = [(levels[each.level.name], topics.get(each.topic, each.topic), each.told) for each in findings]
    print_table(("", _("what"), _("how it is, and what to do")), rows)


def _topics() -> dict[str, str]:
    """What was looked at, in the reader's language; programs get the names themselves."""
    return {
        "settings": _("settings"), "secrets": _("secrets"), "database": _("database"), "rights": _("rights"),
        "journal": _("journal"), "signing key": _("signing key"), "clock": _("clock"), "people": _("people"),
        "pages": _("pages"), "backups": _("backups"), "disk": _("disk"), "log": _("log"),
        "scanner": _("scanner"), "printer": _("printer"), "time": _("time"),
    }  # fmt: skip
