"""Receipt printers that speak ESC/POS, over a serial line, the network, USB or a file."""

from hardware.escpos.printer import EscPosPrinter
from hardware.escpos.transports import FileTransport, NetworkTransport, SerialTransport, UsbTransport

__all__ = ["EscPosPrinter", "FileTransport", "NetworkTransport", "SerialTransport", "UsbTransport"]
