"""What the set-up asks on the screen, one question after the other; which ones follows from the answers so far."""

import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from tui_pos.i18n import _, languages
from tui_pos.setup.answers import (
    AGAIN,
    OWNER,
    PIN,
    Answer,
    Answers,
    address_lines,
    address_text,
    country_answers,
    text_of,
)
from tui_pos.setup.books import Books
from tui_pos.setup.countries import Country, country, country_codes, country_names, rounds_cash
from tui_pos.setup.drawers import drawers_in_words, names_question, pins_question
from tui_pos.setup.folders import folders_question
from tui_pos.setup.question import Found, Kind, Option, Question, Step

PRINTER_PLACES: Mapping[str, str] = {
    "serial": "printer.port",
    "network": "printer.host",
    "file": "printer.path",
    "usb": "printer.usb_id",
}
"""What says where a printer is, by how it is connected."""


def questions(answers: Answers, books: Books, find: Callable[[], Found], today: dt.date) -> list[Question]:
    """All questions that there are by now. `books` are what the shop has already, `find` looks for devices."""
    return [
        _language(),
        *_shop(answers, books),
        *_money(answers, books, today),
        *_till(answers, books),
        *_scanner(answers, find),
        *_printer(answers, find),
        *pins_question(answers),
        *_owner(answers, books.people),
        _backup(answers),
        *folders_question(answers),
        _summary(answers, books.people),
    ]


def _text(key: str, step: Step, name: str, text: str, answers: Answers, default: str = "") -> Question:
    return Question(
        key, step, name, text, initial=text_of(answers, key, default), typed=lambda typed: {key: typed}
    )


def _language() -> Question:
    def options() -> Sequence[Option]:
        from babel import Locale

        named = {code: Locale.parse(code).display_name or code for code in languages()}
        return [Option(name.capitalize(), {"display.language": code}) for code, name in named.items()]

    text = _("The till's language. Everybody who works at it can have another one.")
    return Question("display.language", Step.LANGUAGE, _("Language"), text, Kind.CHOICE, options=options)


def _shop(answers: Answers, books: Books) -> Iterator[Question]:
    language = text_of(answers, "display.language", "en")

    def countries() -> Sequence[Option]:
        return [
            Option(
                name,
                country_answers(answers, code, books.currency),
                code,
                (code, *country_codes().get(code, ())),
            )
            for code, name in country_names(language).items()
        ]

    text = _("Where the shop is: currency, tax, time and how numbers are written follow from it.")
    yield Question("shop.country", Step.SHOP, _("Country"), text, Kind.CHOICE, options=countries)
    place = country(text_of(answers, "shop.country", "IE"))
    if len(place.timezones) > 1:
        text = _("The shop's time zone: by it receipts are dated and days end.")
        yield Question(
            "shop.timezone",
            Step.SHOP,
            _("Time zone"),
            text,
            Kind.CHOICE,
            options=lambda: [
                Option(zone.replace("_", " "), {"shop.timezone": zone}) for zone in place.timezones
            ],
        )
    text = _("The name at the top of each receipt.")
    yield _text("shop.name", Step.SHOP, _("Name"), text, answers)
    text = _("The address under it; a comma begins a new line. May be empty.")
    initial = address_text(answers.get("shop.address", ""))
    yield Question(
        "shop.address",
        Step.SHOP,
        _("Address"),
        text,
        initial=initial,
        typed=lambda typed: {"shop.address": address_lines(typed)},
    )
    text = _("The VAT or tax number, as receipts must show it. May be empty.")
    yield _text("shop.tax_id", Step.SHOP, _("Tax number"), text, answers)


def _money(answers: Answers, books: Books, today: dt.date) -> Iterator[Question]:
    place = country(text_of(answers, "shop.country", "IE"))
    money = text_of(answers, "shop.currency", place.currency)
    if not books.currency:
        text = _("The currency of all prices, by its three letters. It stays for good once there are prices.")
        yield _text("shop.currency", Step.MONEY, _("Currency"), text, answers, place.currency)
    if len(place.locales) > 1:
        text = _("How amounts, numbers and dates are written.")
        yield Question(
            "shop.locale",
            Step.MONEY,
            _("Writing"),
            text,
            Kind.CHOICE,
            options=lambda: _locales(place, money, today),
        )
    text = _("Whether the prices on the shelf hold the tax. The country's tax classes are below.")
    facts = tax_facts(place.code, text_of(answers, "shop.locale", "en"), today)
    if books.currency:
        text = _("Whether the prices on the shelf hold the tax.")
        facts = (_("The tax classes stay as they are. To see and to change them: tui-pos taxes"),)
    yes_no = (
        Option(_("Yes: what the shelf says is what the customer pays"), {"shop.prices_include_tax": "true"}),
        Option(_("No: the tax is added at the till"), {"shop.prices_include_tax": "false"}),
    )
    yield Question(
        "shop.prices_include_tax",
        Step.MONEY,
        _("Prices with tax"),
        text,
        Kind.CHOICE,
        options=lambda: yes_no,
        facts=facts,
    )
    if rounds_cash(place.code, _known_currency(money, place)):
        text = _("What is paid in cash can be rounded, where the smallest coins are not handed out any more.")
        yield Question(
            "shop.cash_rounding",
            Step.MONEY,
            _("Cash rounding"),
            text,
            Kind.CHOICE,
            options=lambda: _roundings(place),
        )


def _known_currency(money: str, place: Country) -> str:
    from tui_pos.money.currency import UnknownCurrency, currency

    try:
        return currency(money.upper()).code
    except UnknownCurrency:
        return place.currency or "EUR"


def _locales(place: Country, money: str, today: dt.date) -> Sequence[Option]:
    from babel import Locale

    from tui_pos.i18n.formatting import format_date, format_money
    from tui_pos.money.currency import currency

    shown = currency(_known_currency(money, place))
    return [
        Option(
            Locale.parse(name).display_name or name,
            {"shop.locale": name},
            f"{format_money(123456, shown, name)}  {format_date(today, name)}",
        )
        for name in place.locales
    ]


def tax_facts(code: str, locale: str, today: dt.date) -> tuple[str, ...]:
    """A country's tax classes with the rates of today, a line each."""
    from tui_pos.catalogue.presets import countries, preset
    from tui_pos.i18n.formatting import format_percent
    from tui_pos.money.tax import TaxKind

    if code not in countries():
        return (
            _("The program knows no rates for this country: give the classes theirs afterwards, by"),
            "tui-pos taxes set CLASS PERCENT",
        )
    lines = []
    for each in preset(code):
        begun = [percent for start, percent in each.rates if start <= today]
        rate = format_percent(begun[-1], locale) if begun and each.kind is TaxKind.TAXED else "–"
        lines.append(f"{rate:>8}  {each.name}")
    return tuple(lines)


def _roundings(place: Country) -> Sequence[Option]:
    amounts = [] if place.cash_rounding == "currency" else [place.cash_rounding]
    return [
        *(
            Option(_("To {amount}").format(amount=amount), {"shop.cash_rounding": amount})
            for amount in amounts
        ),
        Option(_("By the currency's own rule"), {"shop.cash_rounding": "currency"}),
        Option(_("Not at all"), {"shop.cash_rounding": "none"}),
    ]


def _till(answers: Answers, books: Books) -> Iterator[Question]:
    text = _("The till's name, which stands beside each of its numbers; another one for each till.")
    yield _text("till.name", Step.TILL, _("Till"), text, answers, "till1")
    yield names_question(answers, books)


def _scanner(answers: Answers, find: Callable[[], Found]) -> Iterator[Question]:
    def options() -> Sequence[Option]:
        return [
            Option(_("One that types like a keyboard, or none yet"), {"scanner.kind": "none"}),
            *(
                Option(port, {"scanner.kind": "serial", "scanner.port": port}, words)
                for port, words in find().serial_ports
            ),
        ]

    def with_present() -> Sequence[Option]:
        return _with_present(options(), answers, "scanner.kind", {"serial": "scanner.port"})

    text = _("How the scanner is connected. A port that is not listed can be typed, such as /dev/ttyACM0.")
    yield Question(
        "scanner.port",
        Step.SCANNER,
        _("Scanner"),
        text,
        Kind.CHOICE,
        options=with_present,
        typed=lambda typed: {"scanner.kind": "serial", "scanner.port": typed},
        doubt=_absent,
    )
    if answers.get("scanner.kind") == "serial":
        text = _("The speed of its line. Over USB it does not matter; else the scanner's manual says it.")
        yield _speed("scanner.baudrate", Step.SCANNER, text)
    text = _("Scan something now: what arrives is told below. Enter goes on.")
    yield Question("scanner.trial", Step.SCANNER, _("Trial"), text, Kind.SCAN)


def _absent(port: str) -> str:
    """That there is no such device now; it may be plugged in later. Ports behind a URL cannot be seen."""
    if not port or "://" in port or Path(port).exists():
        return ""
    return _("{port} is not there now. Enter again keeps it; or type another one.").format(port=port)


def _with_present(
    options: Sequence[Option], answers: Answers, kind: str, places: Mapping[str, str]
) -> Sequence[Option]:
    """Also the device that is set already, though it may not be plugged in."""
    place = places.get(text_of(answers, kind), "")
    address = text_of(answers, place)
    values = {kind: answers.get(kind, ""), place: address}
    if not address or any(each.values == values for each in options):
        return options
    return [*options, Option(address, values, _("as set now"))]


def _speed(key: str, step: Step, text: str) -> Question:
    rates = ("9600", "19200", "38400", "57600", "115200", "4800", "2400")
    return Question(
        key,
        step,
        _("Speed"),
        text,
        Kind.CHOICE,
        options=lambda: [Option(rate, {key: rate}) for rate in rates],
        typed=lambda typed: {key: typed},
    )


def _printer(answers: Answers, find: Callable[[], Found]) -> Iterator[Question]:
    def options() -> Sequence[Option]:
        found = find()
        return [
            Option(_("None yet"), {"printer.kind": "none"}),
            Option(_("On the network"), {"printer.kind": "network"}),
            *(
                Option(address, {"printer.kind": kind, PRINTER_PLACES[kind]: address}, words)
                for kind, address, words in found.printers
            ),
            *(
                Option(port, {"printer.kind": "serial", "printer.port": port}, words)
                for port, words in found.serial_ports
                if port != answers.get("scanner.port") or answers.get("scanner.kind") != "serial"
            ),
            Option(_("Only on the screen, to practise"), {"printer.kind": "simulated"}),
        ]

    def with_present() -> Sequence[Option]:
        return _with_present(options(), answers, "printer.kind", PRINTER_PLACES)

    kind = answers.get("printer.kind")
    text = _("How the receipt printer is connected. A device that is not listed can be typed: /dev/usb/lp0.")
    yield Question(
        "printer.kind",
        Step.PRINTER,
        _("Printer"),
        text,
        Kind.CHOICE,
        options=with_present,
        typed=_typed_printer,
        doubt=lambda typed: _absent(typed) if typed.startswith("/") else "",
    )
    if kind == "network":
        text = _("Its name or address in the network, such as 192.168.1.50.")
        yield _text("printer.host", Step.PRINTER, _("Address"), text, answers)
    if kind == "serial":
        text = _(
            "The speed of its line: the printer prints it when it is switched on with its feed key held."
        )
        yield _speed("printer.baudrate", Step.PRINTER, text)
    if kind in (None, "none"):
        return
    widths = {
        "42": _("42 characters: most printers with paper of 80 mm"),
        "48": _("48 characters: others with paper of 80 mm"),
        "32": _("32 characters: paper of 58 mm"),
    }
    text = _("How many characters a line of the paper holds. The test receipt shows whether it is right.")
    yield Question(
        "printer.columns",
        Step.PRINTER,
        _("Paper"),
        text,
        Kind.CHOICE,
        options=lambda: [Option(words, {"printer.columns": width}) for width, words in widths.items()],
    )
    if kind != "simulated":
        text = _("Did it come out right: the line from edge to edge, ä ö å and €? Else go back with Esc.")
        choices = (Option(_("Print a test receipt"), {}), Option(_("Go on"), {}))
        yield Question("printer.trial", Step.PRINTER, _("Trial"), text, Kind.PRINT, options=lambda: choices)


def _typed_printer(typed: str) -> Mapping[str, Answer]:
    """A device of ours begins with a stroke; anything else is a name in the network."""
    if typed.startswith(("/dev/tty", "/dev/serial/", "/dev/rfcomm")):
        return {"printer.kind": "serial", "printer.port": typed}
    if typed.startswith("/"):
        return {"printer.kind": "file", "printer.path": typed}
    return {"printer.kind": "network", "printer.host": typed}


def _owner(answers: Answers, people: Sequence[str]) -> Iterator[Question]:
    if people:
        text = _("{names} can log in already. Is there another owner to take on?")
        yield Question(
            "owner.more",
            Step.OWNER,
            _("Another owner"),
            text.format(names=", ".join(people)),
            Kind.CHOICE,
            options=lambda: (
                Option(_("No"), {"owner.more": "no"}),
                Option(_("Yes"), {"owner.more": "yes"}),
            ),
        )
        if answers.get("owner.more") != "yes":
            return
    text = _("Who may do everything here, and takes on the others: the name that receipts show.")
    yield _text(OWNER, Step.OWNER, _("Name"), text, answers)
    text = _(
        "The owner's PIN: 4 to 12 digits, none that anybody would try first. Nobody can look it up later."
    )
    yield Question(PIN, Step.OWNER, "PIN", text, Kind.PIN, typed=lambda typed: {PIN: typed})
    text = _("The same PIN again.")
    yield Question(AGAIN, Step.OWNER, _("PIN again"), text, Kind.PIN, typed=lambda typed: {AGAIN: typed})


def _backup(answers: Answers) -> Question:
    text = _("Folders for copies of the books, best on another disk; a comma parts them. Empty: no copies.")
    return Question(
        "backup.folders",
        Step.BACKUP,
        _("Folders"),
        text,
        initial=address_text(answers.get("backup.folders", "")),
        typed=lambda typed: {"backup.folders": address_lines(typed)},
    )


def _summary(answers: Answers, people: Sequence[str]) -> Question:
    text = _("Nothing has been written so far. Enter sets the shop up like this; Esc goes back.")
    return Question(
        "summary",
        Step.SUMMARY,
        _("Summary"),
        text,
        Kind.SUMMARY,
        facts=tuple(f"{name:<17} {value}" for name, value in _summed_up(answers, people)),
    )


def _summed_up(answers: Answers, people: Sequence[str]) -> Iterator[tuple[str, str]]:
    place = country(text_of(answers, "shop.country", "IE"))
    yes_no = {"true": _("yes"), "false": _("no")}
    yield _("Shop"), text_of(answers, "shop.name")
    yield _("Address"), text_of(answers, "shop.address") or "–"
    yield _("Tax number"), text_of(answers, "shop.tax_id") or "–"
    zone = text_of(answers, "shop.timezone", place.timezone)
    yield _("Country"), f"{place.code} · {zone} · {text_of(answers, 'shop.locale')}"
    yield _("Currency"), text_of(answers, "shop.currency")
    included = text_of(answers, "shop.prices_include_tax", "true")
    yield _("Prices with tax"), yes_no.get(included, included)
    yield _("Till"), f"{text_of(answers, 'till.name')} · {drawers_in_words(answers)}"
    scanner = text_of(answers, "scanner.port") if answers.get("scanner.kind") == "serial" else _("keyboard")
    yield _("Scanner"), scanner
    yield _("Printer"), _printer_words(answers)
    owner = text_of(answers, OWNER)
    yield _("Owner"), owner if owner and answers.get(PIN) else ", ".join(people)
    yield _("Backups"), text_of(answers, "backup.folders") or _("none")


def _printer_words(answers: Answers) -> str:
    kind = text_of(answers, "printer.kind", "none")
    if kind not in PRINTER_PLACES:
        return _("none") if kind == "none" else _("on the screen")
    return f"{text_of(answers, PRINTER_PLACES[kind])} · {text_of(answers, 'printer.columns', '42')}"
