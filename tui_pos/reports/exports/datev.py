"""DATEV: a Buchungsstapel in the format EXTF 700, version 13 (developer.datev.de, "DATEV-Format, Buchungsstapel").

Semicolons, Windows-1252, 31 fields in the first line, 125 columns below; the amount never has a sign: S (debit) or H
(credit) tells which way it goes on `Konto`, against `Gegenkonto`. Everything is booked against the drawers' cash, as
a German Kassenbuch is: sales gross for each rate, on an account that works out its tax by itself (or with a BU key,
from accounts.tax_codes), and cards from cash to their clearing account. So cash itself needs no line. `Belegdatum` has
no year: each fiscal year is a file of its own.
"""

import datetime as dt
import re
from collections.abc import Iterator
from itertools import groupby

from tui_pos.i18n import _
from tui_pos.reports.accounts import Accounts, Entry, Posting, Rate, Role
from tui_pos.reports.errors import ReportError
from tui_pos.reports.exports.format import WINDOWS, DatevRules, Format, Job, two_decimals, windows_text
from tui_pos.storage.csv_files import guarded

TEXT_LIMIT = 60
GUARD = 1
"""Room for the apostrophe before a text that begins like a formula."""
MAX_WHOLE_DIGITS = 10
MAX_LINES = 99_999

_SKR03 = Accounts(
    cash="1000",  # Kasse
    safe="1010",  # Nebenkasse 1
    cash_rounding="4900",  # Sonstige betriebliche Aufwendungen
    over_short="4900",
    paid_in="1590",  # Durchlaufende Posten
    paid_out="1590",
    tenders={"": "1360"},  # Geldtransit
    sales={
        "standard 19": "8400",
        "reduced 7": "8300",
        "exempt": "8100",
        "zero": "8290",
        "out_of_scope": "8950",
    },
    tax={"": "1776"},  # never written: the accounts of sales hold the tax
)
_SKR04 = Accounts(
    cash="1600",
    safe="1610",
    cash_rounding="6300",
    over_short="6300",
    paid_in="1370",
    paid_out="1370",
    tenders={"": "1460"},
    sales={
        "standard 19": "4400",
        "reduced 7": "4300",
        "exempt": "4100",
        "zero": "4290",
        "out_of_scope": "4690",
    },
    tax={"": "3806"},
)


def _accounts(rules: DatevRules) -> Accounts:
    return _SKR04 if rules.chart == "04" else _SKR03


_BEFORE_DETAILS = """
    Umsatz (ohne Soll/Haben-Kz);Soll/Haben-Kennzeichen;WKZ Umsatz;Kurs;Basis-Umsatz;WKZ Basis-Umsatz;Konto;
    Gegenkonto (ohne BU-Schlüssel);BU-Schlüssel;Belegdatum;Belegfeld 1;Belegfeld 2;Skonto;Buchungstext;
    Postensperre;Diverse Adressnummer;Geschäftspartnerbank;Sachverhalt;Zinssperre;Beleglink"""
_BETWEEN_DETAILS = """
    KOST1 - Kostenstelle;KOST2 - Kostenstelle;Kost-Menge;EU-Land u. UStID (Bestimmung);
    EU-Steuersatz (Bestimmung);Abw. Versteuerungsart;Sachverhalt L+L;Funktionsergänzung L+L;
    BU 49 Hauptfunktionstyp;BU 49 Hauptfunktionsnummer;BU 49 Funktionsergänzung"""
_AFTER_DETAILS = """
    Stück;Gewicht;Zahlweise;Forderungsart;Veranlagungsjahr;Zugeordnete Fälligkeit;Skontotyp;Auftragsnummer;
    Buchungstyp;USt-Schlüssel (Anzahlungen);EU-Land (Anzahlungen);Sachverhalt L+L (Anzahlungen);
    EU-Steuersatz (Anzahlungen);Erlöskonto (Anzahlungen);Herkunft-Kz;Buchungs GUID;KOST-Datum;
    SEPA-Mandatsreferenz;Skontosperre;Gesellschaftername;Beteiligtennummer;Identifikationsnummer;Zeichnernummer;
    Postensperre bis;Bezeichnung SoBil-Sachverhalt;Kennzeichen SoBil-Buchung;Festschreibung;Leistungsdatum;
    Datum Zuord. Steuerperiode;Fälligkeit;Generalumkehr (GU);Steuersatz;Land;Abrechnungsreferenz;BVV-Position;
    EU-Land u. UStID (Ursprung);EU-Steuersatz (Ursprung);Abw. Skontokonto"""


def _column_names() -> tuple[str, ...]:
    def pairs(first: str, second: str, count: int) -> list[str]:
        return [f"{name} {number}" for number in range(1, count + 1) for name in (first, second)]

    names = [
        *_BEFORE_DETAILS.split(";"),
        *pairs("Beleginfo - Art", "Beleginfo - Inhalt", 8),
        *_BETWEEN_DETAILS.split(";"),
        *pairs("Zusatzinformation - Art", "Zusatzinformation- Inhalt", 20),
        *_AFTER_DETAILS.split(";"),
    ]
    return tuple(name.strip() for name in names)


COLUMNS = _column_names()

TEXT_COLUMNS = frozenset(
    (
        2,
        3,
        6,
        9,
        11,
        12,
        14,
        16,
        20,
        *range(21, 39),
        40,
        42,
        *range(48, 88),
        91,
        95,
        96,
        98,
        102,
        103,
        105,
        107,
    )
) | {109, 110, 112, 118, 120, 121, 123}
"""Columns, counted from 1, whose cells stand in quotes, even where they are empty."""


def _write(job: Job) -> list[bytes]:
    rules = job.datev
    if not (1001 <= rules.consultant <= 9_999_999 and 1 <= rules.client <= 99_999):
        text = _(
            "DATEV needs the numbers of adviser and client: set accounts.datev_consultant and datev_client."
        )
        raise ReportError(text)
    by_year = groupby(job.entries, key=lambda entry: _year_begins(entry.date, rules))
    files = [_file(job, begins, list(entries)) for begins, entries in by_year]
    return files or [_file(job, _year_begins(job.first, rules), [])]


def _year_begins(date: dt.date, rules: DatevRules) -> dt.date:
    """The first day of the fiscal year that `date` lies in."""
    begins = date.replace(month=rules.year_begins[0], day=rules.year_begins[1])
    return begins if begins <= date else begins.replace(year=begins.year - 1)


def _file(job: Job, begins: dt.date, entries: list[Entry]) -> bytes:
    lines = [line for entry in entries for line in _lines(entry, job)]
    if len(lines) > MAX_LINES:
        text = _("DATEV takes {limit} lines in a file, and these days have {count}: export fewer of them.")
        raise ReportError(text.format(limit=MAX_LINES, count=len(lines)))
    whole = [_head(job, begins, entries), ";".join(COLUMNS), *lines]
    return "".join(f"{line}\r\n" for line in whole).encode(WINDOWS)


def _head(job: Job, begins: dt.date, entries: list[Entry]) -> str:
    """The 31 fields that tell whose it is, and of when: it counts as made when its last Z was, always the same."""
    rules = job.datev
    ends = begins.replace(year=begins.year + 1) - dt.timedelta(days=1)
    midnight = dt.datetime.combine(job.last, dt.time(), dt.UTC)
    made = max((entry.made_at.astimezone(dt.UTC) for entry in entries), default=midnight)
    currency = entries[0].currency if entries else "EUR"
    fields = (
        '"EXTF"', "700", "21", '"Buchungsstapel"', "13", f"{made:%Y%m%d%H%M%S}{made.microsecond // 1000:03}", "",
        '"RE"', '"tui-pos"', '""', str(rules.consultant), str(rules.client), f"{begins:%Y%m%d}",
        str(rules.account_digits), f"{max(job.first, begins):%Y%m%d}", f"{min(job.last, ends):%Y%m%d}",
        '"Kasse"', '""', "1", "0", "0", f'"{currency}"', "", '""', "", "", f'"{rules.chart}"', "", "", '""', '""',
    )  # fmt: skip
    return ";".join(fields)


def _lines(entry: Entry, job: Job) -> Iterator[str]:
    """What is booked against cash: the sales of each rate with their tax, then everything that is not cash itself."""
    gross_minor: dict[Rate, int] = {}
    for posting in entry.postings:
        if posting.rate:
            gross_minor[posting.rate] = gross_minor.get(posting.rate, 0) + posting.amount_minor
    for rate, amount_minor in gross_minor.items():
        sales = Posting(Role.SALES, job.accounts.of_sales(rate), amount_minor, f"sales {rate.name} %", rate)
        yield from _line(entry, sales, job)
    for posting in entry.postings:
        if not posting.rate and posting.role is not Role.CASH:
            yield from _line(entry, posting, job)


def _line(entry: Entry, posting: Posting, job: Job) -> Iterator[str]:
    """The posting against cash; nothing where it is nought, or on the account of cash itself."""
    amount_minor = posting.amount_minor
    if not amount_minor or posting.account == job.accounts.cash:
        return
    amount = two_decimals(abs(amount_minor), entry.exponent).replace(".", ",")
    if len(amount) > MAX_WHOLE_DIGITS + 3:
        raise ReportError(_("{amount} is more than DATEV can hold.").format(amount=amount))
    key = job.accounts.tax_code(posting.rate) if posting.rate else ""
    cells = {
        1: amount,
        2: "S" if amount_minor > 0 else "H",
        3: entry.currency,
        7: posting.account,
        8: job.accounts.cash,
        9: key.zfill(4) if key else "",
        10: f"{entry.date:%d%m}",
        11: f"{entry.number}-{entry.till}".replace("_", "-")[:36],
        14: guarded(windows_text(posting.text, TEXT_LIMIT - GUARD).replace('"', "'")),
        114: "0",
    }
    yield ";".join(
        f'"{cells.get(column, "")}"' if column in TEXT_COLUMNS else cells.get(column, "")
        for column in range(1, len(COLUMNS) + 1)
    )


FORMAT = Format(
    name="datev",
    suffix=".csv",
    accounts=_accounts,
    account=re.compile(r"[1-9][0-9]{3,8}"),
    account_rule=lambda: _("a number of 4 to 9 digits, such as 8400"),
    write=_write,
)
