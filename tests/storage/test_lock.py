"""One program a till, whatever the database; and the lock goes with the program."""

import subprocess
import sys
import textwrap

import pytest
from sqlalchemy import Engine

from tui_pos.storage.lock import only_one
from tui_pos.storage.migrate import DatabaseError

HOLDER = """
    import sys
    from tui_pos.storage.engine import open_engine
    from tui_pos.storage.lock import only_one

    with only_one(open_engine(sys.argv[1]), "till1"):
        print("held", flush=True)
        sys.stdin.read()
"""


def test_a_second_program_on_one_till_is_refused(engine: Engine) -> None:
    refused = pytest.raises(DatabaseError, match="till1 is open in another window")
    with only_one(engine, "till1"), refused, only_one(engine, "till1"):
        pass


def test_another_till_is_free(engine: Engine) -> None:
    with only_one(engine, "till1"), only_one(engine, "till2"):
        pass


def test_the_till_is_free_again_afterwards(engine: Engine) -> None:
    for _time in range(2):
        with only_one(engine, "till1"):
            pass
    with pytest.raises(ZeroDivisionError), only_one(engine, "till1"):
        raise ZeroDivisionError
    with only_one(engine, "till1"), pytest.raises(DatabaseError), only_one(engine, "till1"):
        pass


def test_a_killed_program_holds_nothing(sqlite_engine: Engine) -> None:
    command = [sys.executable, "-P", "-c", textwrap.dedent(HOLDER), str(sqlite_engine.url)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        with pytest.raises(DatabaseError), only_one(sqlite_engine, "till1"):
            pass
        holder.kill()
        holder.wait()
    with only_one(sqlite_engine, "till1"):
        pass
