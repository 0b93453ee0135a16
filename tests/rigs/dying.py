"""Dying as a power switch would have it, always at the same place: at the nth step of the database in an act."""

import os
import signal

from sqlalchemy import Engine, PoolProxiedConnection, event


class Death:
    """SIGKILL for this very process after `steps` steps within acts whose names begin with `act`.

    A step is the moment before or after a statement, before or after a commit, and after an act, before anybody is
    told of it.
    """

    def __init__(self, engine: Engine, act: str, steps: int) -> None:
        self.act = act
        self.left = steps
        self.near = False
        for name in ("before_cursor_execute", "after_cursor_execute", "commit"):
            event.listen(engine, name, self.step)
        self._commit = engine.dialect.do_commit
        engine.dialect.do_commit = self._after_commit  # type: ignore[method-assign, assignment]

    def _after_commit(self, connection: PoolProxiedConnection) -> None:
        self._commit(connection)
        self.step()

    def begin(self, act: str) -> None:
        """From now on it is this act that is done."""
        self.near = act.startswith(self.act)

    def step(self, *_of_the_event: object) -> None:
        """One step further, or the end."""
        if self.near:
            self.left -= 1
            if self.left <= 0:
                die()


def die() -> None:
    """End at once, in the middle of whatever this is."""
    os.kill(os.getpid(), signal.SIGKILL)
