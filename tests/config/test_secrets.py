import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace

import keyring
import pytest
from keyring.backend import KeyringBackend
from keyring.errors import KeyringLocked, PasswordDeleteError, PasswordSetError

from config.errors import SecretError
from config.secrets import DATABASE_PASSWORD, SecretStore, database_url, find_secret, store_secret
from config.settings import Database


class Ring(KeyringBackend):
    """A key ring in memory; keyring asks a class for its priority."""

    priority = 5

    def get_password(self, service: str, username: str) -> str | None:
        return f"ring of {service}"

    def set_password(self, service: str, username: str, password: str) -> None:
        raise NotImplementedError

    def delete_password(self, service: str, username: str) -> None:
        raise NotImplementedError


class PlainText(Ring):
    priority = 0.5  # type: ignore[assignment]

    def get_password(self, service: str, username: str) -> str | None:
        raise AssertionError("a key ring of plain text was asked")


class Locked(Ring):
    def get_password(self, service: str, username: str) -> str | None:
        raise KeyringLocked("dismissed")


@pytest.fixture(autouse=True)
def no_ring(monkeypatch: pytest.MonkeyPatch) -> None:
    use_ring(monkeypatch, PlainText())


def use_ring(monkeypatch: pytest.MonkeyPatch, ring: object) -> None:
    monkeypatch.setattr(keyring, "get_keyring", lambda: ring)


@pytest.fixture
def secret_file(empty_home: Path) -> Path:
    path = empty_home / ".config" / "tui-pos" / "secrets" / DATABASE_PASSWORD
    path.parent.mkdir(parents=True)
    path.write_text("from file\n")
    path.chmod(0o600)
    return path


def test_nothing_holds_the_secret() -> None:
    assert find_secret(DATABASE_PASSWORD) is None
    with pytest.raises(SecretError, match=r"TUI_POS_SECRET_DATABASE_PASSWORD, the file .*, the key ring"):
        database_url(Database(url="postgresql://till:{password}@db/shop"))


def test_the_variable_wins_then_the_file_then_the_ring(
    monkeypatch: pytest.MonkeyPatch, secret_file: Path
) -> None:
    use_ring(monkeypatch, Ring())
    monkeypatch.setenv("TUI_POS_SECRET_DATABASE_PASSWORD", "from variable")
    sources = []
    for leave in (lambda: monkeypatch.delenv("TUI_POS_SECRET_DATABASE_PASSWORD"), secret_file.unlink, bool):
        secret = find_secret(DATABASE_PASSWORD)
        assert secret is not None
        sources.append((secret.value, secret.source))
        leave()

    assert sources[0] == ("from variable", "variable TUI_POS_SECRET_DATABASE_PASSWORD")
    assert sources[1] == ("from file", f"file {secret_file}")
    assert sources[2][0] == "ring of tui-pos"
    assert sources[2][1].startswith("key ring ")


def test_a_chain_of_rings_is_asked_only_where_it_is_safe(monkeypatch: pytest.MonkeyPatch) -> None:
    use_ring(monkeypatch, SimpleNamespace(priority=10, backends=[PlainText(), Ring()]))
    secret = find_secret(DATABASE_PASSWORD)
    assert secret is not None
    assert secret.value == "ring of tui-pos"


def test_a_locked_ring_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    use_ring(monkeypatch, Locked())
    with pytest.raises(SecretError, match="does not answer: dismissed"):
        find_secret(DATABASE_PASSWORD)


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o622])
def test_a_file_that_others_may_touch_is_refused(secret_file: Path, mode: int) -> None:
    secret_file.chmod(mode)
    with pytest.raises(SecretError, match=f"chmod 600 {secret_file}"):
        find_secret(DATABASE_PASSWORD)


def test_the_password_is_quoted_into_the_url(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TUI_POS_SECRET_DATABASE_PASSWORD", "p@ss/wörd")
    url = database_url(Database(url="postgresql://till:{password}@db/shop"))
    assert url == "postgresql+psycopg://till:p%40ss%2Fw%C3%B6rd@db/shop"


def test_a_url_without_a_placeholder_asks_for_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "keyring", ModuleType("keyring"))  # asking it would fail
    assert database_url(Database(url="sqlite:////shop.db")) == "sqlite:////shop.db"


class Memory(Ring):
    """A ring that keeps what it is given."""

    def __init__(self) -> None:
        self.kept: dict[str, str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.kept.get(username)

    def set_password(self, service: str, username: str, password: str) -> None:
        self.kept[username] = password

    def delete_password(self, service: str, username: str) -> None:
        if self.kept.pop(username, None) is None:
            raise PasswordDeleteError("not there")


class ReadOnly(Memory):
    def set_password(self, service: str, username: str, password: str) -> None:
        raise PasswordSetError("not allowed")


def test_a_ring_keeps_what_the_program_makes(monkeypatch: pytest.MonkeyPatch, empty_home: Path) -> None:
    ring = Memory()
    use_ring(monkeypatch, SimpleNamespace(priority=10, backends=[PlainText(), ring]))
    store = SecretStore()
    store.keep("signing-key-1", "abc")
    assert (ring.kept, store.find("signing-key-1")) == ({"signing-key-1": "abc"}, "abc")
    assert list(empty_home.rglob("signing-key-1")) == []
    store.forget("signing-key-1")
    store.forget("signing-key-1")
    assert store.find("signing-key-1") is None


@pytest.mark.parametrize("ring", [PlainText(), ReadOnly()], ids=["plain text", "read-only"])
def test_without_a_ring_a_file_keeps_it_for_us_alone(
    monkeypatch: pytest.MonkeyPatch, empty_home: Path, ring: Ring
) -> None:
    use_ring(monkeypatch, ring)
    store = SecretStore()
    store.keep("signing-key-1", "abc")
    store.keep("signing-key-1", "def")
    (path,) = (found for found in empty_home.rglob("*") if found.is_file())
    assert (path.name, path.stat().st_mode & 0o777, path.parent.stat().st_mode & 0o777) == (
        "signing-key-1",
        0o600,
        0o700,
    )
    assert store.find("signing-key-1") == "def"
    store.forget("signing-key-1")
    assert not path.exists()


def test_a_secret_that_cannot_be_kept_says_so(empty_home: Path) -> None:
    (empty_home / ".config").write_text("in the way")
    with pytest.raises(SecretError, match="cannot be written"):
        SecretStore().keep("signing-key-1", "abc")


def test_a_secret_does_not_show_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TUI_POS_SECRET_DATABASE_PASSWORD", "hunter2")
    assert "hunter2" not in repr(find_secret(DATABASE_PASSWORD))


class Keeping(Ring):
    """A key ring that remembers."""

    def __init__(self) -> None:
        self.kept: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.kept[service, username] = password


def stored(value: str = "hunter2") -> str:
    """Store a secret; it is then found where it is said to be."""
    place = store_secret(DATABASE_PASSWORD, value)
    found = find_secret(DATABASE_PASSWORD)
    assert found is not None
    assert (found.value, found.source) == (value, place)
    return place


def test_without_a_safe_ring_a_secret_goes_into_a_file_of_ours(empty_home: Path) -> None:
    place = stored()
    path = empty_home / ".config" / "tui-pos" / "secrets" / DATABASE_PASSWORD
    assert place == f"file {path}"
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700
    assert stored("another") == place
    assert [each.name for each in path.parent.iterdir()] == [DATABASE_PASSWORD]


def test_a_file_that_others_could_read_is_replaced_by_a_safe_one(secret_file: Path) -> None:
    secret_file.chmod(0o644)
    assert stored() == f"file {secret_file}"


def test_a_safe_ring_takes_it_and_no_older_file_wins(
    monkeypatch: pytest.MonkeyPatch, secret_file: Path
) -> None:
    ring = Keeping()
    use_ring(monkeypatch, SimpleNamespace(priority=10, backends=[PlainText(), ring]))
    assert stored().startswith("key ring ")
    assert ring.kept == {("tui-pos", DATABASE_PASSWORD): "hunter2"}
    assert not secret_file.exists()


def test_a_ring_that_refuses_says_so_and_the_old_secret_stays(
    monkeypatch: pytest.MonkeyPatch, secret_file: Path
) -> None:
    ring = Keeping()
    monkeypatch.setattr(ring, "set_password", lambda *_given: (_ for _ in ()).throw(PasswordSetError("no")))
    use_ring(monkeypatch, ring)
    with pytest.raises(SecretError, match="did not take it: no; unlock it first"):
        store_secret(DATABASE_PASSWORD, "hunter2")
    assert secret_file.read_text() == "from file\n"


@pytest.mark.parametrize("value", ["", "one\ntwo", "a\0b"])
def test_what_is_no_password_is_not_kept(value: str) -> None:
    with pytest.raises(SecretError, match="nothing was kept"):
        store_secret(DATABASE_PASSWORD, value)
    assert find_secret(DATABASE_PASSWORD) is None


def test_a_variable_that_would_win_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TUI_POS_SECRET_DATABASE_PASSWORD", "other")
    with pytest.raises(SecretError, match="holds another database-password and would win"):
        store_secret(DATABASE_PASSWORD, "hunter2")


def test_a_place_that_cannot_be_written_is_named(empty_home: Path) -> None:
    (empty_home / ".config").write_text("in the way")
    with pytest.raises(SecretError, match=r"secrets/database-password: cannot be written: "):
        store_secret(DATABASE_PASSWORD, "hunter2")
