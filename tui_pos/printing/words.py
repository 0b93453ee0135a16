"""What the cashier is told about the printer: what happened, and what to do."""

from hardware.ports import Fault, PrinterStatus
from tui_pos.i18n import _
from tui_pos.printing.queue import Trouble


def light_text(status: PrinterStatus) -> str:
    """One or two words beside the printer's light; empty where all is well."""
    if status.fault is None:
        return _("paper low") if status.paper_low else ""
    return {
        Fault.OFFLINE: _("offline"),
        Fault.NO_PAPER: _("no paper"),
        Fault.COVER_OPEN: _("cover open"),
        Fault.TIMEOUT: _("no answer"),
        Fault.ERROR: _("error"),
    }[status.fault]


def fault_text(fault: str) -> str:
    """A sentence for the `fault` of a job: a value of Fault or Trouble."""
    texts: dict[str, str] = {
        Fault.OFFLINE: _("The printer cannot be reached. Check its power and its cable."),
        Fault.NO_PAPER: _("The printer is out of paper. Put in a new roll."),
        Fault.COVER_OPEN: _("The printer's cover is open. Close it."),
        Fault.TIMEOUT: _("The printer stopped taking data. Switch it off and on."),
        Fault.ERROR: _("The printer reports an error. Look at its lights, or switch it off and on."),
        Trouble.INTERRUPTED: _("The program ended while the page was printing."),
        Trouble.TOO_LATE: _("The drawer could not be opened in time. Open it with its key, or try again."),
        Trouble.UNREADABLE: _("The stored page cannot be read. The log says why."),
    }
    return texts.get(fault, fault)
