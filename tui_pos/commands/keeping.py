"""The commands `tui-pos backup` and `tui-pos restore`: copies of the books, and the way back."""

import argparse
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from tui_pos import typed
from tui_pos.i18n import _, use_language

if TYPE_CHECKING:
    from config.loading import Loaded
    from config.settings import Settings
    from tui_pos.keeping.backup import Made
    from tui_pos.keeping.proof import Proof
    from tui_pos.people.actor import Actor

OK, NOT_WHOLE, NOT_EVERYWHERE = 0, 3, 4
"""Exit codes of both, beside those of every command. NOT_WHOLE: done, but the journal does not vouch for all of it.
NOT_EVERYWHERE: a folder did not take it, or is away for too long."""

LOWEST_PRIORITY = 19


def describe_backup(parser: argparse.ArgumentParser) -> None:
    """The options of `tui-pos backup`."""
    text = _("where to (backup.folders of the settings); folders that are there")
    parser.add_argument("folders", nargs="*", type=typed.path, metavar=_("FOLDER"), help=text)
    text = _("only where one is due, and without being in anybody's way: what the running till does")
    parser.add_argument("--scheduled", action="store_true", help=text)


def describe_restore(parser: argparse.ArgumentParser) -> None:
    """The options of `tui-pos restore`."""
    parser.add_argument("file", type=typed.path, metavar="FILE", help=_("a backup"))
    text = _("a new file, or the postgresql:// address of an empty database")
    parser.add_argument("target", type=typed.not_empty, metavar="TO", help=text)


def run_backup(arguments: argparse.Namespace, loaded: "Loaded") -> int:
    """Make a backup, prove it, and tell where it is."""
    from tui_pos import bootstrap
    from tui_pos.keeping.backup import back_up

    settings, now = loaded.settings, bootstrap.utc_now()
    till, rules = settings.till.name, settings.backup
    folders = tuple(folder.expanduser().absolute() for folder in arguments.folders) or rules.folders
    if arguments.scheduled:
        return _run_scheduled(arguments, loaded, folders)
    engine = bootstrap.open_for_copying(loaded)
    actor = bootstrap.command_actor(settings, engine, arguments.as_name, "backup")
    made = back_up(engine, till, folders, actor, now, keep=rules.keep, settings=settings_text(loaded))
    _tell_made(made, settings)
    return _code_of(made)


def _run_scheduled(arguments: argparse.Namespace, loaded: "Loaded", folders: tuple[Path, ...]) -> int:
    """Make a backup where one is due, at the lowest priority, and tell of folders that are away for too long."""
    from tui_pos import bootstrap
    from tui_pos.keeping.backup import back_up
    from tui_pos.keeping.missed import missed, missed_text
    from tui_pos.keeping.schedule import due_folders
    from tui_pos.people.actor import built_in_actor
    from tui_pos.storage.engine import reading

    settings, now = loaded.settings, bootstrap.utc_now()
    till, rules = settings.till.name, settings.backup
    use_language(settings.language)
    due = due_folders(folders, till, rules.every_h, now)
    if not due and all(folder.is_dir() for folder in folders):
        return OK
    os.nice(LOWEST_PRIORITY)
    engine = bootstrap.open_for_copying(loaded)
    actor = built_in_actor("owner", id=bootstrap.SYSTEM)
    if arguments.as_name is not None:
        actor = bootstrap.command_actor(settings, engine, arguments.as_name, "backup")
    code = OK
    if due:
        made = back_up(engine, till, due, actor, now, keep=rules.keep, settings=settings_text(loaded))
        _tell_made(made, settings)
        code = _code_of(made)
    with reading(engine) as session:
        away = missed(session, folders, till, rules.every_h, now)
    for each in away:
        print(missed_text(each), file=sys.stderr)
    return code or (NOT_EVERYWHERE if away else OK)


def _code_of(made: "Made") -> int:
    if made.proof.wrong:
        return NOT_WHOLE
    return NOT_EVERYWHERE if any(skipped.is_there for skipped in made.skipped) else OK


def _tell_made(made: "Made", settings: "Settings") -> None:
    for file in made.files:
        print(_("Backup: {file} ({size} bytes)").format(file=file, size=made.size_bytes))
    if made.proof.wrong:
        text = _(
            "The books are not whole: {wrong} This backup is kept beside the others, and takes the place of none."
        )
        print(text.format(wrong=made.proof.wrong), file=sys.stderr)
    else:
        print(_("It was read again and proved: its journal is whole, and its books say what it says."))
        _tell_last_sales(made.proof, settings)
    for skipped in made.skipped:
        text = _("No backup in {folder}: {why}.")
        print(text.format(folder=skipped.folder, why=skipped.why), file=sys.stderr)
    if made.unrecorded:
        text = _("The journal could not take an entry of it: {why}")
        print(text.format(why=made.unrecorded), file=sys.stderr)


def _tell_last_sales(proof: "Proof", settings: "Settings") -> None:
    from tui_pos.sales.receipt import receipt_label

    for last in proof.last_sales:
        text = _("The last receipt in it: {label}, {time}")
        at = last.at.astimezone(settings.shop.timezone)
        print(text.format(label=receipt_label(last.till, last.number), time=f"{at:%Y-%m-%d %H:%M}"))


def settings_text(loaded: "Loaded") -> str:
    """The settings as they are laid beside a backup: the file as it stands, and what variables set; no secret.

    What may be a password in an address is blotted out.
    """
    from config.fields import PREFIX, mask_password
    from config.toml_file import decoded

    text = decoded(loaded.file.path.read_bytes()) if loaded.file else ""
    lines = [mask_password(line) if "://" in line else line for line in text.splitlines()]
    given = [row for row in loaded.rows() if row.origin.startswith(PREFIX)]
    if given:
        lines += ["", _("# Set by variables:"), *(f"# {row.origin}={row.value}" for row in given)]
    return "\n".join(lines) + "\n"


def run_restore(arguments: argparse.Namespace, loaded: "Loaded") -> int:
    """Bring a backup back to a new place, and say how the till is made to use it."""
    from tui_pos import bootstrap
    from tui_pos.keeping.restore import restore

    settings, now = loaded.settings, bootstrap.utc_now()
    actor = _restorer(arguments, loaded)
    target = _target(arguments.target)
    done = restore(arguments.file, target, settings.till.name, actor, now)
    print(_("The books were brought back to {target}.").format(target=arguments.target))
    _tell_last_sales(done.proof, settings)
    if done.proof.wrong:
        text = _(
            "They are not whole: {wrong} Look for a better backup, or ask whoever looks after the books."
        )
        print(text.format(wrong=done.proof.wrong), file=sys.stderr)
    else:
        print(_("They were proved there: the journal is whole, and the books say what it says."))
    print(_("To sell with them, close the till, and have this in the settings:"))
    print(f"\n[database]\n{_setting(arguments.target)}\n")
    if done.settings is not None:
        print(_("The settings of then are in {file}.").format(file=done.settings))
    print(_("The signing key is in no backup. See how it is: {command}").format(command="tui-pos doctor"))
    return NOT_WHOLE if done.proof.wrong else OK


def _restorer(arguments: argparse.Namespace, loaded: "Loaded") -> "Actor":
    """On a new machine there are no books yet to look a name up in: the system's user needs none."""
    from tui_pos import bootstrap
    from tui_pos.shell import system_user

    settings = loaded.settings
    if arguments.as_name is None:
        return system_user(bootstrap.build_access(settings.security))
    engine = bootstrap.open_database(loaded)
    return bootstrap.command_actor(settings, engine, arguments.as_name, "restore")


def _target(text: str) -> str:
    """A path, or a database's address with the password in place. Raises SettingsError, SecretError."""
    if not text.startswith("postgresql"):
        return text
    from config.secrets import database_url
    from config.settings import Database

    return database_url(Database(url=text))


def _setting(target: str) -> str:
    """The line below [database]."""
    from config.fields import mask_password
    from tui_pos.keeping.restore import file_target

    if not target.startswith("postgresql"):
        target = f"sqlite:///{file_target(target)}"
    return f'url = "{mask_password(target)}"'
