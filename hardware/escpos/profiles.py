"""The table of printers and code pages that python-escpos brings along.

Only its file is read: importing the library takes half a second and 10 MB, leaves a temporary folder behind that
nobody removes, and sets up logging to the terminal, over the screen.
"""

import importlib.util
import json
from functools import lru_cache
from pathlib import Path
from typing import Any


@lru_cache(maxsize=1)
def capabilities() -> dict[str, Any]:
    """The table: `profiles` by the printer's name, `encodings` by that of the code page."""
    found = importlib.util.find_spec("escpos")
    assert found is not None
    assert found.submodule_search_locations
    text = (Path(found.submodule_search_locations[0]) / "capabilities.json").read_text("utf-8")
    table: dict[str, Any] = json.loads(text)
    return table
