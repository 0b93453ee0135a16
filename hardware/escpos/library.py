"""Bringing in python-escpos: late, cached, and without what its import leaves behind.

The import takes half a second, half of it for reading a table of printers that it can keep in a pickle. It
makes a temporary folder that nobody removes, and sets up logging to the terminal, over the screen.
"""

import importlib
import importlib.util
import json
import logging
import pickle
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any

import platformdirs

log = logging.getLogger(__name__)

_lock = threading.Lock()


def load(cache: Path | None = None) -> Any:
    """The module `escpos.printer`. `cache` is where the pickle goes; by default the user's cache folder."""
    with _lock:
        if "escpos.printer" in sys.modules:
            return sys.modules["escpos.printer"]
        with _folder(cache) as folder:
            try:
                return _import(folder)
            except (EOFError, pickle.UnpicklingError):  # another program was just writing it
                for broken in folder.glob("*.capabilities.pickle"):
                    broken.unlink(missing_ok=True)
                return _import(folder)


@lru_cache(maxsize=1)
def capabilities() -> dict[str, Any]:
    """The library's table of `profiles` and `encodings`, read without importing the library."""
    found = importlib.util.find_spec("escpos")
    assert found is not None
    assert found.submodule_search_locations
    text = (Path(found.submodule_search_locations[0]) / "capabilities.json").read_text("utf-8")
    table: dict[str, Any] = json.loads(text)
    return table


def _import(folder: Path) -> Any:
    with _mkdtemp_gives(folder), _root_log_untouched():
        return importlib.import_module("escpos.printer")


@contextmanager
def _folder(cache: Path | None) -> Iterator[Path]:
    folder = cache or platformdirs.user_cache_path("tui-pos") / "escpos"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        log.info("no cache for printer profiles in %s: %s", folder, error)
        with tempfile.TemporaryDirectory(prefix="tui-pos-") as passing:
            yield Path(passing)
    else:
        yield folder


@contextmanager
def _mkdtemp_gives(folder: Path) -> Iterator[None]:
    """The library asks for a temporary folder even where ESCPOS_CAPABILITIES_PICKLE_DIR names another one."""
    real, thread = tempfile.mkdtemp, threading.get_ident()

    def mkdtemp(*args: Any, **kwargs: Any) -> Any:
        if threading.get_ident() == thread and not args and not kwargs:
            return str(folder)
        return real(*args, **kwargs)

    tempfile.mkdtemp = mkdtemp
    try:
        yield
    finally:
        tempfile.mkdtemp = real


@contextmanager
def _root_log_untouched() -> Iterator[None]:
    root = logging.getLogger()
    before = list(root.handlers)
    try:
        yield
    finally:
        for handler in root.handlers[:]:
            if handler not in before:
                root.removeHandler(handler)
