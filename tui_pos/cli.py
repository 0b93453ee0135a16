"""Every command of `tui-pos`. Only what a command needs is imported: `--help` is there at once."""

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from tui_pos.i18n import _, use_language

if TYPE_CHECKING:
    from config.loading import Loaded

OK, FAILED, WRONG_USAGE, INTERRUPTED = 0, 1, 2, 130
OUR_PACKAGES = ("tui_pos", "hardware", "config")


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command. Returns the exit code: 0 done, 1 failed, 2 wrong usage or settings, 130 stopped."""
    use_language(_language_of_environment())
    arguments = _parser().parse_args(argv)
    try:
        code: int = arguments.command(arguments)
        sys.stdout.flush()
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        # Whoever read our output has seen enough; Python would complain once more when it closes it.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return OK
    except Exception as error:
        if sys.flags.dev_mode:
            raise
        return _told(error)
    return code


def _told(error: Exception) -> int:
    """Say in one line what went wrong, and give the exit code for it."""
    from config.errors import ConfigError

    ours = type(error).__module__.partition(".")[0] in OUR_PACKAGES
    cause = (
        getattr(error, "orig", None) or error
    )  # SQLAlchemy wraps the database's own words in pages of its own
    text = str(error) if ours else " ".join(str(cause).split())
    if not ours and not isinstance(error, OSError):
        text = f"{type(cause).__name__}: {text}"
    print(f"tui-pos: {text}", file=sys.stderr)
    return WRONG_USAGE if isinstance(error, ConfigError) else FAILED


def _language_of_environment() -> str:
    """What other commands go by. The till itself speaks the language of its settings."""
    wanted = next(
        (os.environ[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if os.environ.get(name)), "en"
    )
    return wanted.partition(".")[0]


def _parser() -> argparse.ArgumentParser:
    everywhere = argparse.ArgumentParser(add_help=False)
    everywhere.add_argument(
        "--config", type=Path, metavar="FILE", default=argparse.SUPPRESS, help=_("the settings file")
    )
    parser = argparse.ArgumentParser(
        prog="tui-pos",
        parents=[everywhere],
        description=_("A till in a terminal. Without a command it opens the counter."),
    )
    parser.add_argument(
        "--version", action="store_const", const=_version, dest="command", help=_("show the version")
    )
    parser.set_defaults(command=_counter)
    commands = parser.add_subparsers(metavar=_("COMMAND"))

    def add(name: str, command: object, text: str, among: object = commands) -> argparse.ArgumentParser:
        assert isinstance(among, argparse._SubParsersAction)
        added: argparse.ArgumentParser = among.add_parser(
            name, parents=[everywhere], help=text, description=text
        )
        added.set_defaults(command=command)
        return added

    add("demo", _demo, _("open the counter on an invented shop, in a temporary folder"))
    add("settings", _settings, _("show every setting in force, and where it came from"))
    devices = add("devices", _devices, _("list the serial ports, and try the scanner and the printer"))
    devices.add_argument("--seconds", type=float, default=10, help=_("how long to wait for scans (10)"))
    devices.add_argument("--print", action="store_true", help=_("print a test page"))
    return parser


def _version(_arguments: argparse.Namespace) -> int:
    from importlib.metadata import version

    print(f"tui-pos {version('tui-pos')}")
    return OK


def _load(arguments: argparse.Namespace) -> "Loaded":
    from config.loading import load

    return load(getattr(arguments, "config", None))


def _counter(arguments: argparse.Namespace) -> int:
    from tui_pos import bootstrap

    bootstrap.run_counter(_load(arguments).settings)
    return OK


def _demo(_arguments: argparse.Namespace) -> int:
    from tui_pos import bootstrap

    bootstrap.run_demo()
    return OK


def _settings(arguments: argparse.Namespace) -> int:
    from config.secrets import secret_rows
    from tui_pos.console import print_table

    loaded = _load(arguments)
    rows = [*loaded.rows(), *secret_rows(loaded.settings.database)]
    print_table((_("setting"), _("value"), _("from")), [(row.key, row.value, row.origin) for row in rows])
    return OK


def _devices(arguments: argparse.Namespace) -> int:
    from functools import partial

    from tui_pos import bootstrap, devices_check
    from tui_pos.console import print_table

    settings = _load(arguments).settings
    shop = bootstrap.build_shop(settings)
    now = bootstrap.utc_now().astimezone(shop.zone)
    print_table((_("serial port"), _("what is there")), devices_check.serial_ports())
    page = devices_check.test_page(shop.name, now) if arguments.print else None
    worked = [
        devices_check.try_printer(bootstrap.build_printer(settings.printer), page),
        devices_check.try_scanner(
            partial(bootstrap.build_scanner, settings.scanner), arguments.seconds, shop, now.date()
        ),
    ]
    return OK if all(worked) else FAILED
