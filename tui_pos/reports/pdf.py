"""A page as a PDF, for the bookkeeper's folder: the same lines as on paper, on A4."""

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from hardware.document import Document, Logo, StyledLine, lay_out
from tui_pos.i18n import _
from tui_pos.reports.errors import ReportError

if TYPE_CHECKING:
    from fpdf import FPDF

FontOf = Callable[[str], Path | None]
"""Finds a font file that has every letter of a text; None where this machine has none."""

COLUMNS = 48
_MARGIN_MM = 20.0
_COLUMN_MM = 2.2  # so that 48 columns take 106 mm: the width of a receipt, and easily read
_SIZE_PT = 10.4  # Courier is 0.6 of its size wide: 10.4 pt * 0.6 = 2.2 mm
_LINE_MM = 4.4
_PAGE_WIDTH_MM = 210.0


def to_pdf(document: Document, made_at: dt.datetime, font_of: FontOf) -> bytes:
    """The page as a PDF file. The same page always gives the same bytes: `made_at` is its date of creation.

    What Latin-1 can write is set in the PDF's own Courier. Other scripts need a font of this machine that has all the
    letters: raises ReportError where there is none.
    """
    from fpdf import FPDF

    lines = [line for line in lay_out(document, COLUMNS) if not isinstance(line, Logo)]
    texts = [
        line if isinstance(line, StyledLine) else StyledLine(line.data, align="center") for line in lines
    ]
    pdf = FPDF(format="A4")
    pdf.set_creation_date(made_at)
    pdf.set_producer("tui-pos")
    pdf.set_title(document.title)
    pdf.set_margins(_MARGIN_MM, _MARGIN_MM)
    pdf.set_auto_page_break(True, _MARGIN_MM)
    family = _choose_font(pdf, "".join(text.left + text.right for text in texts), font_of)
    pdf.add_page()
    for text in texts:
        _write(pdf, family, text)
    return bytes(pdf.output())


def _choose_font(pdf: "FPDF", letters: str, font_of: FontOf) -> str:
    """The family to write in; the font's own bold is Courier's only, another font is the same in both."""
    try:
        letters.encode("latin-1")
    except UnicodeEncodeError:
        path = font_of("".join(sorted(set(letters))))
        if path is None:
            text = _(
                "No font of this machine has all the letters of this report. Install one (on Debian "
                "fonts-dejavu or fonts-noto), or name its file in printer.font."
            )
            raise ReportError(text) from None
        for style in ("", "B"):
            pdf.add_font("page", style, path)
        return "page"
    return "Courier"


def _write(pdf: "FPDF", family: str, line: StyledLine) -> None:
    """One line: its left part from the left, its right part to the right, so that no font needs fixed widths."""
    width = COLUMNS * _COLUMN_MM
    left = (_PAGE_WIDTH_MM - width) / 2
    pdf.set_font(family, "B" if line.bold else "", _SIZE_PT * line.size)
    height = _LINE_MM * line.size
    if line.empty:
        pdf.ln(height)
        return
    align = {"left": "L", "center": "C", "right": "R"}[line.align]
    pdf.set_x(left)
    if line.right:
        pdf.cell(width, height, line.left, align="L")
        pdf.set_x(left)
        pdf.cell(width, height, line.right, align="R")
    else:
        pdf.cell(width, height, line.left, align=align)
    pdf.ln(height)
