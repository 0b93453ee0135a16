"""Bringing in biip: late, and without its table of the world's company prefixes.

The table takes 14 MB and a fifth of a second, and says which company a GTIN belongs to, which nobody asks here.
"""

import lzma
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

_TABLE_BYTES = 50_000
"""The packed table is larger, the one of the countries' prefixes, which is needed, much smaller."""


@contextmanager
def _without_company_prefixes() -> Iterator[None]:
    real, thread = lzma.decompress, threading.get_ident()

    def decompress(data: Any, *args: Any, **kwargs: Any) -> bytes:
        if threading.get_ident() == thread and len(data) > _TABLE_BYTES:
            return b"{}"
        return real(data, *args, **kwargs)

    lzma.decompress = decompress
    try:
        yield
    finally:
        lzma.decompress = real


with _without_company_prefixes():
    from biip import ParseConfig, ParseError
    from biip.gs1_element_strings import GS1ElementString
    from biip.gtin import Gtin
    from biip.rcn import Rcn, RcnRegion
    from biip.upc import Upc

__all__ = ["GS1ElementString", "Gtin", "ParseConfig", "ParseError", "Rcn", "RcnRegion", "Upc"]
