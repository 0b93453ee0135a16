"""What the devices report, as lights in the status bar and as news for the cashier."""

import datetime as dt

from hardware.ports import ScannerFault, ScannerState
from tui_pos.i18n import _, ngettext
from tui_pos.i18n.spans import span_text
from tui_pos.printing.queue import DRAWER
from tui_pos.printing.spooler import PrinterState
from tui_pos.printing.words import fault_text, light_text
from tui_pos.widgets.bars import Light, Mood

News = tuple[str, Mood]


def scanner_light(state: ScannerState) -> Light:
    """How the scanner is."""
    if not state.connected:
        return Light(_("scanner"), _scanner_word(state.fault), Mood.BAD)
    if state.fault is not None:
        return Light(_("scanner"), _("code lost"), Mood.WARNING)
    return Light(_("scanner"), _("ready"), Mood.GOOD)


def _scanner_word(fault: ScannerFault | None) -> str:
    words = {
        ScannerFault.MISSING: _("not there"),
        ScannerFault.BUSY: _("in use elsewhere"),
        ScannerFault.REFUSED: _("no permission"),
        ScannerFault.LOST: _("unplugged"),
    }
    return words.get(fault, _("error")) if fault else _("off")


def scanner_news(before: ScannerState | None, state: ScannerState) -> News | None:
    """What to tell of a scanner that came, went or lost a code; None where nothing is new."""
    if not state.connected:
        if before is not None and (before.connected, before.fault) == (False, state.fault):
            return None
        gone = _("The scanner is gone ({word}): check its cable. Codes can be typed.")
        return gone.format(word=_scanner_word(state.fault)), Mood.BAD
    if state.fault is not None:  # every lost code is to be scanned again
        return _("A code was cut off and not sold: scan it again."), Mood.BAD
    if before is not None and not before.connected:
        return _("The scanner is back."), Mood.GOOD
    return None


def printer_light(state: PrinterState) -> Light:
    """How the printer is, and how many pages wait for it."""
    word = light_text(state.status)
    if state.status.fault is not None:
        waiting = ngettext("{count} page waits", "{count} pages wait", state.waiting).format(
            count=state.waiting
        )
        return Light(_("printer"), word, Mood.BAD, more=waiting if state.waiting else "")
    if word:
        return Light(_("printer"), word, Mood.WARNING)
    return Light(_("printer"), _("ready"), Mood.GOOD)


def backup_news(text: str) -> str:
    """What to tell of a backup that was not made; the first line of why is enough at the till."""
    why = text.partition("\n")[0].strip() or _("nobody knows why")
    return _("Backup: {why} Selling goes on; tell the owner (tui-pos doctor).").format(why=why)


def clock_news(by: dt.timedelta) -> str:
    """What to tell of a clock that was set back."""
    text = _("The clock is {span} behind the books. Sales keep their order by number; tell the owner.")
    return text.format(span=span_text(by))


def printer_news(before: PrinterState | None, state: PrinterState) -> News | None:
    """What to tell of a page that was not printed, or of a printer that has just failed."""
    job = state.job
    if job is not None and job.fault and job.kind == DRAWER:
        return fault_text(job.fault), Mood.BAD
    if job is not None and job.fault:
        lost = _("{title} was NOT printed. {what} Then: /reprint.")
        return lost.format(title=job.title, what=fault_text(job.fault)), Mood.BAD
    fault_before = None if before is None else before.status.fault
    if state.status.fault is None:
        return (_("The printer is back."), Mood.GOOD) if fault_before else None
    if state.status.fault is fault_before:
        return None
    return fault_text(state.status.fault) + " " + _("Selling goes on."), Mood.WARNING
