"""The printer that needs no printer."""

import threading

import pytest

from hardware.document import Document, Row, Text
from hardware.ports import DeviceError, Fault, Printer, PrinterStatus
from hardware.simulated import PAGES_KEPT, SimulatedPrinter

PAGE = Document("Receipt", (Text("Corner Shop"), Row("Rye bread", "3.20"), Row("Total", "3.20")))


def test_paper_shows_the_page() -> None:
    printer: Printer = SimulatedPrinter(columns=32)
    printer.print(PAGE)
    assert isinstance(printer, SimulatedPrinter)
    assert printer.paper == (
        "Corner Shop\nRye bread                   3.20\nTotal                       3.20\n",
    )
    assert printer.status() == PrinterStatus()


@pytest.mark.parametrize("fault", list(Fault))
def test_a_fault_refuses_the_page_until_mended(fault: Fault) -> None:
    printer = SimulatedPrinter()
    printer.fail(fault)
    with pytest.raises(DeviceError) as caught:
        printer.print(PAGE)
    assert (caught.value.fault, caught.value.began) == (fault, False)
    assert printer.status().fault is fault
    assert printer.paper == ()

    printer.mend()
    printer.print(PAGE)
    assert len(printer.paper) == 1


@pytest.mark.parametrize("fault", list(Fault))
def test_the_drawer_needs_no_paper(fault: Fault) -> None:
    printer = SimulatedPrinter()
    printer.fail(fault)
    if fault in (Fault.NO_PAPER, Fault.COVER_OPEN):
        printer.open_drawer()
        assert printer.drawer_pulses == 1
    else:
        with pytest.raises(DeviceError):
            printer.open_drawer()
        assert printer.drawer_pulses == 0


def test_death_in_mid_page_leaves_part_of_it_on_the_paper() -> None:
    printer = SimulatedPrinter(columns=32)
    printer.die_in_page(after_lines=1)
    with pytest.raises(DeviceError) as caught:
        printer.print(PAGE)
    assert (caught.value.fault, caught.value.began) == (Fault.OFFLINE, True)
    assert printer.paper == ("Corner Shop\n",)
    assert printer.status().fault is Fault.OFFLINE


def test_little_paper_is_a_warning_not_a_fault() -> None:
    printer = SimulatedPrinter()
    printer.run_low()
    printer.print(PAGE)
    assert printer.status() == PrinterStatus(paper_low=True)


def test_many_threads_lose_no_page_and_the_paper_has_an_end() -> None:
    printer = SimulatedPrinter()

    def print_twelve() -> None:
        for _page in range(12):
            printer.print(PAGE)

    threads = [threading.Thread(target=print_twelve) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(printer.paper) == min(96, PAGES_KEPT)
    for _ in range(20):
        printer.print(PAGE)
    assert len(printer.paper) == PAGES_KEPT
