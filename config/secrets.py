"""Secrets, which never stand in the settings: a variable, a file that only we can read, or the key ring."""

import os
import stat
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

from config.errors import SecretError
from config.fields import APP_NAME, SECRET_PREFIX
from config.loading import Row
from config.settings import Database

DATABASE_PASSWORD = "database-password"
_PLACEHOLDER = "{password}"
_LOWEST_PRIORITY = 1  # below it are back ends that keep plain text, or nothing


@dataclass(frozen=True, slots=True)
class Secret:
    """A secret's value, and in words where it was found."""

    value: str = field(repr=False)
    source: str


def find_secret(name: str) -> Secret | None:
    """The secret called `name`, or None where no place holds it.

    The variable wins, then the file; the key ring, which is slow and may ask to be unlocked, is asked last.
    Raises SecretError for a file that others can read, or a key ring that does not answer.
    """
    return _from_variable(name) or _from_file(name) or _from_keyring(name)


def database_url(database: Database) -> str:
    """The URL with its password in place; never show or log it. Raises SecretError where there is none."""
    if _PLACEHOLDER not in database.url:
        return database.url
    secret = find_secret(DATABASE_PASSWORD)
    if secret is None:
        places = (
            f"the variable {_variable(DATABASE_PASSWORD)}, the file {_file(DATABASE_PASSWORD)}, the key ring"
        )
        raise SecretError(f"database.url needs the secret {DATABASE_PASSWORD}: put it into one of {places}")
    return database.url.replace(_PLACEHOLDER, quote(secret.value, safe=""))


def secret_rows(database: Database) -> list[Row]:
    """For each secret that the settings need, where it comes from; never what it is."""
    if _PLACEHOLDER not in database.url:
        return []
    secret = find_secret(DATABASE_PASSWORD)
    return [
        Row(
            f"secret {DATABASE_PASSWORD}",
            "********" if secret else "",
            secret.source if secret else "missing",
        )
    ]


def _variable(name: str) -> str:
    return SECRET_PREFIX + name.upper().replace("-", "_")


def _file(name: str) -> Path:
    from platformdirs import user_config_path

    return user_config_path(APP_NAME, appauthor=False) / "secrets" / name


def _from_variable(name: str) -> Secret | None:
    value = os.environ.get(_variable(name))
    return Secret(value, f"variable {_variable(name)}") if value else None


def _from_file(name: str) -> Secret | None:
    path = _file(name)
    try:
        with path.open(encoding="utf-8") as file:
            if stat.S_IMODE(os.fstat(file.fileno()).st_mode) & 0o077:
                raise SecretError(f"{path}: others can read this secret; run: chmod 600 {path}")
            value = file.read().strip("\r\n")
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as error:
        raise SecretError(f"{path}: cannot be read: {error}") from error
    return Secret(value, f"file {path}")


def _from_keyring(name: str) -> Secret | None:
    import keyring
    from keyring.errors import KeyringError

    chosen = keyring.get_keyring()
    for backend in getattr(
        chosen, "backends", [chosen]
    ):  # a chain would also ask back ends that keep plain text
        if backend.priority < _LOWEST_PRIORITY:
            continue
        try:
            value = backend.get_password(APP_NAME, name)
        except KeyringError as error:
            raise SecretError(f"the key ring {backend.name} does not answer: {error}") from error
        if value:
            return Secret(value, f"key ring {backend.name}")
    return None
