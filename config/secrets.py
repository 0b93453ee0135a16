"""Secrets, which never stand in the settings: a variable, a file that only we can read, or the key ring."""

import os
import stat
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from config.errors import SecretError
from config.fields import APP_NAME, SECRET_PREFIX
from config.loading import Row
from config.settings import Database

if TYPE_CHECKING:
    from keyring.backend import KeyringBackend

DATABASE_PASSWORD = "database-password"
SECRETS = (DATABASE_PASSWORD,)
"""The names of all secrets that the till knows."""
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


def keep_secret(name: str, value: str) -> None:
    """Keep a secret that this program made: in the key ring, where there is one, else in a file only for us.

    Raises SecretError where neither can hold it.
    """
    if not _into_keyring(name, value):
        _to_file(name, value)


def forget_secret(name: str) -> None:
    """Remove a secret that `keep_secret` kept, wherever it is. Nothing happens where there is none."""
    _file(name).unlink(missing_ok=True)
    from keyring.errors import KeyringError

    for backend in _safe_backends():
        with suppress(KeyringError):  # one that does not hold it says so in this way
            backend.delete_password(APP_NAME, name)


class SecretStore:
    """The secrets as an object, for those who are handed a place to keep things."""

    def find(self, name: str) -> str | None:
        """Raises SecretError as `find_secret` does."""
        secret = find_secret(name)
        return secret.value if secret else None

    def keep(self, name: str, value: str) -> None:
        keep_secret(name, value)

    def forget(self, name: str) -> None:
        forget_secret(name)


def database_url(database: Database) -> str:
    """The URL with its password in place; never show or log it. Raises SecretError where there is none."""
    if _PLACEHOLDER not in database.url:
        return database.url
    secret = find_secret(DATABASE_PASSWORD)
    if secret is None:
        places = (
            f"the variable {_variable(DATABASE_PASSWORD)}, the file {_file(DATABASE_PASSWORD)}, the key ring"
        )
        raise SecretError(
            f"database.url needs the secret {DATABASE_PASSWORD}, and there is none in {places}; "
            f"run: tui-pos secret set {DATABASE_PASSWORD}"
        )
    return database.url.replace(_PLACEHOLDER, quote(secret.value, safe=""))


def store_secret(name: str, value: str) -> str:
    """Keep a secret in the safe key ring, or where there is none in a file for us alone; returns where, in words.

    A file that would win over the key ring is removed. Raises SecretError if neither takes it, or if a variable
    holds another one, which would still win.
    """
    if not value:
        raise SecretError(f"the secret {name} is empty: nothing was kept")
    if "\n" in value or "\0" in value:
        raise SecretError(f"the secret {name} must be one line of text: nothing was kept")
    elsewhere = _from_variable(name)
    if elsewhere is not None and elsewhere.value != value:
        raise SecretError(
            f"the variable {_variable(name)} holds another {name} and would win: take it away first"
        )
    backend = next(_safe_backends(), None)
    return _to_file(name, value) if backend is None else _to_keyring(backend, name, value)


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
        with path.open(encoding="utf-8-sig") as file:
            if stat.S_IMODE(os.fstat(file.fileno()).st_mode) & 0o077:
                raise SecretError(f"{path}: others can read this secret; run: chmod 600 {path}")
            value = file.read().strip("\r\n")
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as error:
        raise SecretError(f"{path}: cannot be read: {error}") from error
    return Secret(value, f"file {path}")


def _from_keyring(name: str) -> Secret | None:
    from keyring.errors import KeyringError

    for backend in _safe_backends():
        try:
            value = backend.get_password(APP_NAME, name)
        except KeyringError as error:
            raise SecretError(f"the key ring {backend.name} does not answer: {error}") from error
        if value:
            return Secret(value, f"key ring {backend.name}")
    return None


def _into_keyring(name: str, value: str) -> bool:
    """Whether a key ring took it, and gives it back."""
    from keyring.errors import KeyringError

    for backend in _safe_backends():
        with suppress(KeyringError):  # locked, or for reading only: the file is there
            backend.set_password(APP_NAME, name, value)
            if backend.get_password(APP_NAME, name) == value:
                return True
    return False


def _to_keyring(backend: "KeyringBackend", name: str, value: str) -> str:
    from keyring.errors import KeyringError

    try:
        backend.set_password(APP_NAME, name, value)
    except KeyringError as error:
        raise SecretError(f"the key ring {backend.name} did not take it: {error}; unlock it first") from error
    path = _file(name)
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        raise SecretError(
            f"{path}: holds an older {name} and would win: remove it ({error.strerror})"
        ) from error
    return f"key ring {backend.name}"


def _to_file(name: str, value: str) -> str:
    """Written beside its place and moved there: nobody ever sees half of it, or finds it readable."""
    path = _file(name)
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle, unfinished = tempfile.mkstemp(
            dir=path.parent, prefix=f".{name}-"
        )  # 0600 from its first moment
        try:
            with open(handle, "w", encoding="utf-8") as file:
                file.write(value + "\n")
                file.flush()
                os.fsync(file.fileno())
            os.replace(unfinished, path)
        except BaseException:
            os.unlink(unfinished)
            raise
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)  # or a power cut could lose the name of the file
        finally:
            os.close(folder)
    except OSError as error:
        raise SecretError(f"{path}: cannot be written: {error.strerror}") from error
    return f"file {path}"


def _safe_backends() -> "Iterator[KeyringBackend]":
    """Key rings that keep what they are given to themselves, best first."""
    import keyring

    chosen = keyring.get_keyring()
    # A chain would also ask back ends that keep plain text.
    for backend in getattr(chosen, "backends", [chosen]):
        if backend.priority >= _LOWEST_PRIORITY:
            yield backend
