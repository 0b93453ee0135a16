#!/usr/bin/env python3
"""Check a journal archive of tui-pos: python3 verify_archive.py ARCHIVE.zip [--key ID]

This one file needs Python 3.8 or newer and nothing else. It checks every byte of the archive: its structure, the
signature of its manifest, the hash of every file, the chain of every stream of the journal, the signed closures, and
that the tables for people (CSV) say what the journal says. It names the first fault that it finds.

Exit codes: 0 the archive is whole, 1 it is not, 2 it cannot be read, or the command was wrong.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import io
import json
import re
import struct
import sys
import zlib
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any, BinaryIO, NamedTuple

WHOLE, BROKEN, UNREADABLE = 0, 1, 2
KIND = "tui-pos journal archive"
SCHEMA = 1
STREAMS = ("receipts", "events", "closures", "copies", "training")
SIGNED = "signed_closures.jsonl"
MANIFEST, SIGNATURE = "manifest.json", "manifest.sig"
GENESIS = bytes(32).hex()
CHUNK = 1 << 16
MAX_MANIFEST = 10_000_000
KEY_DIGITS = 16


class Fault(Exception):
    """The archive is not what was signed; the text names the first place."""


# ECDSA on the curve P-256 (FIPS 186-4, SEC 2), checking only: nothing here is secret, so nothing need be constant-time.

P = 0xFFFFFFFF00000001000000000000000000000000FFFFFFFFFFFFFFFFFFFFFFFF
N = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
B = 0x5AC635D8AA3A93E7B3EBBD55769886BC651D06B0CC53B0F63BCE3C3E27D2604B
G = (
    0x6B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C296,
    0x4FE342E2FE1A7F9B8EE7EB4A7C0F9E162BCE33576B315ECECBB6406837BF51F5,
)
SPKI_HEADER = bytes.fromhex("3059301306072a8648ce3d020106082a8648ce3d03010703420004")

if TYPE_CHECKING:  # what Python 3.8 cannot say at run time
    Point = tuple[int, int, int]  # Jacobian: x / z², y / z³; z = 0 is the point at infinity
INFINITY: Point = (1, 1, 0)


def double(point: Point) -> Point:
    """2 · point, for a curve with a = -3."""
    x, y, z = point
    if not z:
        return point
    delta, gamma = z * z % P, y * y % P
    beta = x * gamma % P
    alpha = 3 * (x - delta) * (x + delta) % P
    new_x = (alpha * alpha - 8 * beta) % P
    new_z = 2 * y * z % P
    return new_x, (alpha * (4 * beta - new_x) - 8 * gamma * gamma) % P, new_z


def add(one: Point, two: Point) -> Point:
    x1, y1, z1 = one
    x2, y2, z2 = two
    if not z1:
        return two
    if not z2:
        return one
    zz1, zz2 = z1 * z1 % P, z2 * z2 % P
    u1, u2 = x1 * zz2 % P, x2 * zz1 % P
    s1, s2 = y1 * zz2 * z2 % P, y2 * zz1 * z1 % P
    if u1 == u2:
        return double(one) if s1 == s2 else INFINITY
    h, r = u2 - u1, s2 - s1
    hh = h * h % P
    hhh, v = h * hh % P, u1 * hh % P
    x3 = (r * r - hhh - 2 * v) % P
    return x3, (r * (v - x3) - s1 * hhh) % P, h * z1 * z2 % P


def multiples(x: int, y: int) -> list[Point]:
    """0 to 15 times a point."""
    found = [INFINITY, (x, y, 1)]
    while len(found) < 16:
        found.append(add(found[-1], found[1]))
    return found


G_MULTIPLES = multiples(*G)


def public_point(spki: bytes) -> tuple[int, int]:
    """The point of a public key (SubjectPublicKeyInfo in DER). Raises Fault for what is no point of the curve."""
    if len(spki) != len(SPKI_HEADER) + 64 or not spki.startswith(SPKI_HEADER):
        raise Fault("a public key is not one of the curve P-256")
    x, y = (int.from_bytes(spki[start : start + 32], "big") for start in (-64, -32 + len(spki)))
    if x >= P or y >= P or (y * y - x * x * x + 3 * x - B) % P:
        raise Fault("a public key is no point of the curve P-256")
    return x, y


def parsed_signature(der: bytes) -> tuple[int, int]:
    """r and s of a DER signature; (0, 0), which is never valid, for any other bytes than the one right form."""
    numbers = []
    if len(der) < 8 or der[0] != 0x30 or der[1] != len(der) - 2 or der[1] >= 0x80:
        return 0, 0
    rest = der[2:]
    for _number in range(2):
        if len(rest) < 3 or rest[0] != 2 or not 1 <= rest[1] <= len(rest) - 2:
            return 0, 0
        digits, rest = rest[2 : 2 + rest[1]], rest[2 + rest[1] :]
        if digits[0] >= 0x80 or (len(digits) > 1 and digits[0] == 0 and digits[1] < 0x80):
            return 0, 0
        numbers.append(int.from_bytes(digits, "big"))
    return (0, 0) if rest else (numbers[0], numbers[1])


def is_signed(spki: bytes, signature: bytes, content: bytes) -> bool:
    """Whether this is the signature (with the lower s, the one form accepted) of that key over `content`."""
    x, y = public_point(spki)
    r, s = parsed_signature(signature)
    if not (0 < r < N and 0 < s <= N // 2):
        return False
    inverse = pow(s, N - 2, N)
    digest = int.from_bytes(hashlib.sha256(content).digest(), "big")
    of_g, of_key = digest * inverse % N, r * inverse % N
    key_multiples = multiples(x, y)
    total = INFINITY
    for shift in range(252, -4, -4):
        total = double(double(double(double(total))))
        total = add(total, G_MULTIPLES[of_g >> shift & 15])
        total = add(total, key_multiples[of_key >> shift & 15])
    if not total[2]:
        return False
    return total[0] * pow(total[2] * total[2], P - 2, P) % P % N == r


# The container: a ZIP in one fixed form, so that there is no byte in it that may be anything.

LOCAL, CENTRAL, END = "<4s5H3I2H", "<4s6H3I5H2I", "<4s4H2IH"
DOS_DATE = 0x21  # 1980-01-01, the earliest that there is
STORED, DEFLATED = 0, 8


class Member(NamedTuple):
    """A file in the archive, as the central directory lists it."""

    name: str
    method: int
    crc: int
    packed_size: int
    size: int
    start: int  # of its local header

    def local_header(self) -> bytes:
        name = self.name.encode()
        fields = (20, 0, self.method, 0, DOS_DATE, self.crc, self.packed_size, self.size, len(name), 0)
        return struct.pack(LOCAL, b"PK\3\4", *fields) + name

    def central_header(self) -> bytes:
        name = self.name.encode()
        sizes = (self.crc, self.packed_size, self.size, len(name), 0, 0, 0, 0, 0, self.start)
        return struct.pack(CENTRAL, b"PK\1\2", 20, 20, 0, self.method, 0, DOS_DATE, *sizes) + name

    @property
    def data_start(self) -> int:
        return self.start + len(self.local_header())


def end_record(count: int, size: int, start: int) -> bytes:
    return struct.pack(END, b"PK\5\6", 0, 0, count, count, size, start, 0)


def members(file: BinaryIO) -> dict[str, Member]:
    """The files of the archive, by name. Raises Fault for any byte between them that is not as it must be."""
    length = file.seek(0, io.SEEK_END)
    end_size = struct.calcsize(END)
    if length < end_size:
        raise Fault("the file is too short for an archive")
    file.seek(length - end_size)
    end = file.read(end_size)
    _magic, _disk, _start_disk, _here, count, size, start, _comment = struct.unpack(END, end)
    if end != end_record(count, size, start) or start + size + end_size != length:
        raise Fault("the end of the archive is damaged, or the file is no archive")
    file.seek(start)
    directory = file.read(size)
    found: dict[str, Member] = {}
    at = expected = 0
    for _entry in range(count):
        member = _listed(directory, at)
        header = member.central_header()
        if directory[at : at + len(header)] != header or member.start != expected or member.name in found:
            raise Fault(f"{member.name}: its entry in the archive's directory is damaged")
        file.seek(member.start)
        if file.read(len(member.local_header())) != member.local_header():
            raise Fault(f"{member.name}: its header in the archive is damaged")
        at += len(header)
        expected = member.data_start + member.packed_size
        found[member.name] = member
    if at != size or expected != start:
        raise Fault("the archive holds bytes that belong to no file")
    return found


def _listed(directory: bytes, at: int) -> Member:
    head = struct.calcsize(CENTRAL)
    if len(directory) < at + head:
        raise Fault("the archive's directory is cut short")
    fields = struct.unpack(CENTRAL, directory[at : at + head])
    name = directory[at + head : at + head + fields[10]]
    try:
        return Member(name.decode("ascii"), fields[4], fields[7], fields[8], fields[9], fields[16])
    except UnicodeDecodeError:
        raise Fault("the archive's directory names a file in strange letters") from None


def packed(file: BinaryIO, member: Member) -> Iterator[bytes]:
    """The bytes of a file as they lie in the archive."""
    left = member.packed_size
    file.seek(member.data_start)
    while left:
        part = file.read(min(CHUNK, left))
        if not part:
            raise Fault(f"{member.name}: it is cut short")
        left -= len(part)
        yield part


def unpacked(file: BinaryIO, member: Member) -> Iterator[bytes]:
    """The bytes of a file, held against size and checksum when all were given."""
    crc = size = 0
    unpacker = zlib.decompressobj(-15) if member.method == DEFLATED else None
    position = 0
    for raw in packed(file, member):
        position += len(raw)
        try:
            part = unpacker.decompress(raw) if unpacker else raw
        except zlib.error:
            raise Fault(f"{member.name}: it cannot be unpacked") from None
        crc, size = zlib.crc32(part, crc), size + len(part)
        yield part
        file.seek(member.data_start + position)  # whoever reads along may have moved it
    whole = unpacker is None or (unpacker.eof and not unpacker.unused_data)
    if not whole or crc != member.crc or size != member.size:
        raise Fault(f"{member.name}: its content does not fit its checksum")


def text_lines(file: BinaryIO, member: Member) -> Iterator[bytes]:
    """The lines of a file, without their ends."""
    rest = b""
    for part in unpacked(file, member):
        lines = (rest + part).split(b"\n")
        rest = lines.pop()
        yield from lines
    if rest:
        raise Fault(f"{member.name}: its last line has no end")


# The tables for people: made out of the journal's entries, when the archive is written and when it is checked.


def money(amount_minor: Any, exponent: int) -> str:
    """1234 with two decimals is 12.34; nothing stays nothing."""
    if amount_minor is None:
        return ""
    digits = str(abs(amount_minor)).rjust(exponent + 1, "0")
    sign = "-" if amount_minor < 0 else ""
    return sign + (f"{digits[:-exponent]}.{digits[-exponent:]}" if exponent else digits)


class Context(NamedTuple):
    """What the tables need beside the entry: the currency's decimals, and who acted: names by ids."""

    exponent: int
    names: dict[str, str]


def _of_sale(table: str, columns: list[str]) -> Callable[[dict[str, Any], Context], Iterator[list[Any]]]:
    """What gives one line of a CSV for each row of `table` in an entry; amounts in the currency's own unit."""

    def lines(content: dict[str, Any], context: Context) -> Iterator[list[Any]]:
        rows = content.get("rows", {})
        for sale in rows.get("sale", ()):
            for row in rows.get(table, ()):
                cells = [
                    money(row.get(name), sale["exponent"]) if name.endswith("_minor") else row.get(name)
                    for name in columns
                ]
                named = [context.names.get(row["actor"], "")] if table == "sale" else []
                yield [*cells, *named] if table == "sale" else [sale["number"], *cells]

    return lines


def _of_rows(table: str, columns: list[str]) -> Callable[[dict[str, Any], Context], Iterator[list[Any]]]:
    """One line for each row of `table` in an entry, and at its end the name of who acted."""

    def lines(content: dict[str, Any], context: Context) -> Iterator[list[Any]]:
        for row in content.get("rows", {}).get(table, ()):
            cells = [
                money(row.get(name), context.exponent) if name.endswith("_minor") else row.get(name)
                for name in columns
            ]
            yield [*cells, context.names.get(content["actor"], "")]

    return lines


SALE_COLUMNS = [
    "number", "business_date", "completed_at", "actor", "currency", "net_minor", "tax_minor", "gross_minor",
    "discount_minor", "cash_rounding_minor", "change_minor", "discount_reason", "customer_text", "id",
]  # fmt: skip
LINE_COLUMNS = [
    "position", "sku", "name", "quantity", "unit", "unit_price_minor", "list_price_minor", "line_discount_minor",
    "sale_discount_minor", "amount_minor", "net_minor", "tax_minor", "tax_class", "tax_percent", "department", "code",
    "lot", "serial", "expires_on", "supplement", "returns_sale_id", "returns_position",
]  # fmt: skip
TAX_COLUMNS = ["tax_class", "kind", "percent", "net_minor", "tax_minor", "gross_minor"]
TENDER_COLUMNS = [
    "position", "kind", "amount_minor", "given_minor", "entered_by_hand", "authorisation", "last_four",
]  # fmt: skip
CASH_COLUMNS = [
    "at", "kind", "amount_minor", "currency", "reason", "shift_id", "takes_back", "actor", "id",
]  # fmt: skip
SHIFT_COLUMNS = [
    "number",
    "drawer",
    "opened_at",
    "float_minor",
    "carried_over",
    "currency",
    "opened_by",
    "id",
]
COUNT_COLUMNS = [
    "at",
    "purpose",
    "blind",
    "pieces",
    "total_minor",
    "expected_minor",
    "shift_id",
    "actor",
    "id",
]
CLOSE_COLUMNS = [
    "closed_at", "expected_minor", "counted_minor", "left_minor", "explanation", "shift_id", "closed_by",
]  # fmt: skip
CORRECTION_COLUMNS = ["at", "kind", "amount_minor", "detail", "reason", "entry", "sale_id", "actor", "id"]
Z_COLUMNS = [
    "number", "business_date", "from", "to", "currency", "first_receipt", "last_receipt", "receipts", "sales_minor",
    "returns_minor", "gross_minor", "net_minor", "tax_minor", "cash_rounding_minor",
]  # fmt: skip
Z_CASH_COLUMNS = ["expected_minor", "counted_minor", "over_short_minor"]
Z_TOTALS = ["sales_minor", "returns_minor", "net_minor"]


def _zs(content: dict[str, Any], _context: Context) -> Iterator[list[Any]]:
    z = content["data"].get("z") if content["event"] == "z" else None
    if z is not None:
        parts = [(z, Z_COLUMNS), (z.get("cash", {}), Z_CASH_COLUMNS), (z.get("perpetual", {}), Z_TOTALS)]
        yield [
            money(part.get(name), z["exponent"]) if name.endswith("_minor") else part.get(name)
            for part, names in parts
            for name in names
        ]


def headed(columns: Iterable[str], first: Iterable[str] = ()) -> list[str]:
    """The names over the columns: amounts there are no minor units any more."""
    return [*first, *(name[: -len("_minor")] if name.endswith("_minor") else name for name in columns)]


class Table(NamedTuple):
    """A CSV: of which stream, the names over its columns, and its lines for one entry."""

    stream: str
    heading: list[str]
    lines: Callable[[dict[str, Any], Context], Iterator[list[Any]]]


def _events(table: str, columns: list[str]) -> Table:
    return Table("events", [*headed(columns), "actor_name"], _of_rows(table, columns))


TABLES = {
    "sales.csv": Table("receipts", [*headed(SALE_COLUMNS), "actor_name"], _of_sale("sale", SALE_COLUMNS)),
    "lines.csv": Table("receipts", headed(LINE_COLUMNS, ["sale"]), _of_sale("sale_line", LINE_COLUMNS)),
    "taxes.csv": Table("receipts", headed(TAX_COLUMNS, ["sale"]), _of_sale("sale_tax", TAX_COLUMNS)),
    "tenders.csv": Table(
        "receipts", headed(TENDER_COLUMNS, ["sale"]), _of_sale("sale_tender", TENDER_COLUMNS)
    ),
    "cash.csv": _events("cash_movement", CASH_COLUMNS),
    "shifts.csv": _events("shift", SHIFT_COLUMNS),
    "counts.csv": _events("cash_count", COUNT_COLUMNS),
    "closes.csv": _events("shift_close", CLOSE_COLUMNS),
    "corrections.csv": _events("correction", CORRECTION_COLUMNS),
    "zs.csv": Table(
        "closures",
        headed([*Z_COLUMNS, *Z_CASH_COLUMNS, *(f"total_{name}" for name in Z_TOTALS)]),
        _zs,
    ),
}


PEOPLE = "people.csv"
PEOPLE_COLUMNS = ["id", "name", "role"]
STAFF_EVENTS = ("staff_added", "staff_changed")


def csv_bytes(lines: Iterable[list[Any]]) -> bytes:
    """Lines as CSV in UTF-8, with commas and CR LF (RFC 4180)."""
    written = io.StringIO()
    csv.writer(written).writerows([plain(cell) for cell in line] for line in lines)
    return written.getvalue().encode()


def plain(cell: Any) -> Any:
    """A text that no spreadsheet takes for a formula; numbers stay what they are."""
    if (
        isinstance(cell, str)
        and cell[:1] in tuple("=+-@\t\r\n＝＋－＠")
        and not re.fullmatch(r"-[0-9]+(\.[0-9]+)?", cell)
    ):
        return f"'{cell}"
    return cell


# What the archive says


def read_manifest(file: BinaryIO, found: dict[str, Member]) -> dict[str, Any]:
    """The manifest, once its signature was found right."""
    for name in (MANIFEST, SIGNATURE):
        if name not in found or found[name].method != STORED or found[name].size > MAX_MANIFEST:
            raise Fault(f"{name} is missing, or not as it must be")
    body, line = (b"".join(unpacked(file, found[name])) for name in (MANIFEST, SIGNATURE))
    try:
        signature = bytes.fromhex(line.decode("ascii"))
    except ValueError:
        signature = b""
    if line != signature.hex().encode() + b"\n":
        raise Fault(f"{SIGNATURE}: it holds no signature")
    try:
        manifest: dict[str, Any] = json.loads(body)
        keys = {key["id"]: bytes.fromhex(key["public"]) for key in manifest["keys"]}
        public = keys[manifest["key"]]
        context = (manifest["currency"], manifest["exponent"])
        known = (manifest["kind"], manifest["schema"]) == (KIND, SCHEMA)
    except (ValueError, KeyError, TypeError):
        raise Fault(f"{MANIFEST}: it cannot be read") from None
    if not is_signed(public, signature, body):
        raise Fault(f"{MANIFEST}: its signature is not right")
    if not (known and isinstance(context[0], str) and isinstance(context[1], int)):
        raise Fault(f"{MANIFEST}: this is an archive of another kind; look for a newer verify_archive.py")
    return manifest


def check_keys(manifest: dict[str, Any], wanted: str) -> None:
    """Each key is vouched for by the one before it, or marked as following one that was lost."""
    previous: dict[str, Any] = {}
    trusted: list[str] = []  # those from which the present key can be told
    for key in manifest["keys"]:
        public = bytes.fromhex(key["public"])
        if key["id"] != hashlib.sha256(public).hexdigest() or key["previous"] != previous.get("id", ""):
            raise Fault(f"{MANIFEST}: key {key['id'][:8]} does not name itself and the one before it")
        if previous and not key["outage"]:
            vouched = canonical({"till": manifest["till"], "new_key": key["id"]})
            if not is_signed(bytes.fromhex(previous["public"]), bytes.fromhex(key["signature"]), vouched):
                raise Fault(f"{MANIFEST}: key {key['id'][:8]} is not vouched for by the one before it")
        trusted = [key["id"]] if key["outage"] else [*trusted, key["id"]]
        previous = key
    if manifest["key"] != previous.get("id"):
        raise Fault(f"{MANIFEST}: it is not signed by the newest key")
    if wanted and not any(each.startswith(wanted.lower()) for each in trusted):
        raise Fault(f"the archive is signed, but key {wanted} does not vouch for it")


def check_files(file: BinaryIO, found: dict[str, Member], manifest: dict[str, Any]) -> None:
    """Exactly the files of the manifest, each with its hash, packed and unpacked."""
    listed = manifest["files"]
    expected = {*(f"{stream}.jsonl" for stream in STREAMS), SIGNED, PEOPLE, *TABLES}
    if set(listed) != expected or set(found) != {*expected, MANIFEST, SIGNATURE}:
        raise Fault(f"the archive does not hold the files {', '.join(sorted(expected))}")
    for name, about in sorted(listed.items()):
        member = found[name]
        if member.method != DEFLATED:
            raise Fault(f"{name}: it is not packed as it must be")
        if _sha256(packed(file, member)) != about["packed_sha256"] or member.size != about["size"]:
            raise Fault(f"{name}: its bytes are not those that were signed")
        if _sha256(unpacked(file, member)) != about["sha256"]:
            raise Fault(f"{name}: its content is not what was signed")


def _sha256(parts: Iterable[bytes]) -> str:
    digest = hashlib.sha256()
    for part in parts:
        digest.update(part)
    return digest.hexdigest()


def canonical(value: dict[str, Any]) -> bytes:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def read_people(file: BinaryIO, found: dict[str, Member]) -> dict[str, str]:
    """The names of those who acted, by their ids."""
    text = b"".join(unpacked(file, found[PEOPLE])).decode()
    heading, *people = csv.reader(io.StringIO(text, newline=""))
    if heading != PEOPLE_COLUMNS or any(len(row) != len(heading) for row in people):
        raise Fault(f"{PEOPLE}: it is no table of people")
    return {row[0]: row[1] for row in people}


class Closing(NamedTuple):
    """A signed closure, as its line says."""

    number: int
    body: dict[str, Any]
    text: bytes
    key: str
    signature: bytes

    @property
    def proof(self) -> str:
        return hashlib.sha256(self.text + self.signature).hexdigest()


def read_closures(file: BinaryIO, found: dict[str, Member], manifest: dict[str, Any]) -> list[Closing]:
    """The closures, each chained to the one before it."""
    about = manifest["closures"]
    closings: list[Closing] = []
    for line in text_lines(file, found[SIGNED]):
        where = f"{SIGNED}, line {len(closings) + 1}"
        try:
            outer = json.loads(line)
            text = outer["body"].encode()
            body = json.loads(text)
            closing = Closing(body["number"], body, text, outer["key"], bytes.fromhex(outer["signature"]))
            prev, till, key = body["prev"], body["till"], body["key"]
        except (ValueError, KeyError, TypeError, AttributeError):
            raise Fault(f"{where}: it cannot be read") from None
        number = closings[-1].number + 1 if closings else about["first"]
        if (closing.number, till, key) != (number, manifest["till"], closing.key):
            raise Fault(f"{where}: closure {number} should stand here")
        if prev != (closings[-1].proof if closings else about["prev"]):
            raise Fault(f"{where}: closure {number} does not follow the one before it")
        closings.append(closing)
    last = (closings[-1].number, closings[-1].proof) if closings else (about["first"] - 1, about["prev"])
    if last != (about["last"], about["proof"]):
        raise Fault(f"{SIGNED}: closures are missing at its end")
    return closings


class Chain:
    """One stream: walked once, while the tables made of it are made again."""

    def __init__(
        self,
        stream: str,
        manifest: dict[str, Any],
        heads: dict[int, list[tuple[int, str]]],
        context: Context,
    ) -> None:
        self.stream = stream
        self.context = context
        self.till = manifest["till"]
        self.about = manifest["streams"][stream]
        self.heads = heads  # hashes that closures name, by the entry's number
        self.seq, self.hash = self.about["first"] - 1, self.about["prev"]
        self.numbers: dict[str, int] = {}
        self.zs: dict[int, Any] = {}
        self.keys: list[dict[str, Any]] = []  # as the manifest lists them
        self.tables = {name: hashlib.sha256() for name, table in TABLES.items() if table.stream == stream}
        for name, digest in self.tables.items():
            digest.update(csv_bytes([TABLES[name].heading]))

    def walk(self, lines: Iterable[bytes]) -> None:
        self._meet()
        for number, line in enumerate(lines, 1):
            try:
                self._take(line)
            except Fault as fault:
                raise Fault(f"{self.stream}.jsonl, line {number}: {fault}") from None
        if (self.seq, self.hash) != (self.about["last"], self.about["hash"]):
            raise Fault(f"{self.stream}.jsonl: entries are missing at its end")

    def _take(self, line: bytes) -> None:
        try:
            content = json.loads(line)
            stated = (content["till"], content["stream"], content["seq"], content["prev"])
        except (ValueError, KeyError, TypeError):
            raise Fault("it cannot be read") from None
        if stated != (self.till, self.stream, self.seq + 1, self.hash):
            raise Fault(f"entry {self.seq + 1}, following the one before it, should stand here")
        self.seq, self.hash = self.seq + 1, hashlib.sha256(line).hexdigest()
        self._meet()
        self._check_numbers(content)
        if content["event"] == "z":
            self.zs[self.seq] = content["data"]["z"].get("perpetual")
        elif content["event"] == "new_key":
            about = {name: content["data"][name] for name in ("public", "previous", "signature", "outage")}
            self.keys.append({"id": content["data"]["key"], "at": content["at"], "seq": self.seq, **about})
        elif content["event"] in STAFF_EVENTS and content["data"]["staff"] not in self.context.names:
            raise Fault(f"{PEOPLE} does not name {content['data']['staff']}")
        for name, digest in self.tables.items():
            digest.update(csv_bytes(TABLES[name].lines(content, self.context)))

    def _meet(self) -> None:
        """Where a closure names this entry, it must name this hash."""
        for number, stated in self.heads.get(self.seq, ()):
            if stated != self.hash:
                raise Fault(f"entry {self.seq} is not the one that closure {number} signed")

    def _check_numbers(self, content: dict[str, Any]) -> None:
        """Numbers of receipts and Zs go up by one."""
        for table, rows in content.get("rows", {}).items():
            for row in rows:
                if "number" not in row:
                    continue
                if row["number"] != self.numbers.get(table, row["number"] - 1) + 1:
                    raise Fault(f"number {row['number']} of {table} does not follow the one before it")
                self.numbers[table] = row["number"]


def check_closures(manifest: dict[str, Any], closings: list[Closing], closures: Chain) -> list[int]:
    """Signatures, and one closure for each Z. Returns the numbers of those that no signature covers."""
    keys = {key["id"]: key for key in manifest["keys"]}
    waiting: list[int] = []
    for closing in closings:
        name, body = f"{SIGNED}: closure {closing.number}", closing.body
        seq = body["heads"]["closures"]["seq"]
        if [each for each in body["unsigned"] if each >= closings[0].number] != waiting:
            raise Fault(f"{name} does not name the closures that were not signed")
        if (
            body["kind"] == "z"
            and closures.about["first"] <= seq
            and closures.zs.pop(seq, None) != body["totals"]
        ):
            raise Fault(f"{name} does not follow its Z, or has other totals")
        if not closing.key:
            waiting.append(closing.number)
            if closing.signature:
                raise Fault(f"{name} has a signature and names no key")
            continue
        in_force = [key for key in manifest["keys"] if key["seq"] <= seq]
        if not in_force or in_force[-1]["id"] != closing.key:
            raise Fault(f"{name} is signed by a key that was not the till's at that time")
        if not is_signed(bytes.fromhex(keys[closing.key]["public"]), closing.signature, closing.text):
            raise Fault(f"{name}: its signature is not right")
        waiting = []
    if closures.zs:
        raise Fault(f"{SIGNED}: the closure of the Z in entry {min(closures.zs)} is missing")
    return waiting


class Checked(NamedTuple):
    """What was found right."""

    manifest: dict[str, Any]
    unsigned: list[int]


def check(file: BinaryIO, key: str = "") -> Checked:
    """Check a whole archive. Raises Fault naming the first place that is wrong."""
    found = members(file)
    manifest = read_manifest(file, found)
    try:
        return _check_content(file, found, manifest, key)
    except (KeyError, TypeError, ValueError, AttributeError, csv.Error) as error:
        # Only where who holds the key signed something that no till writes.
        raise Fault(f"something in it is not of the form that it should have ({error!r})") from None


def _check_content(file: BinaryIO, found: dict[str, Member], manifest: dict[str, Any], key: str) -> Checked:
    check_keys(manifest, key)
    check_files(file, found, manifest)
    closings = read_closures(file, found, manifest)
    context = Context(manifest["exponent"], read_people(file, found))
    chains = {}
    for stream in STREAMS:
        heads: dict[int, list[tuple[int, str]]] = {}
        for closing in closings:
            head = closing.body["heads"][stream]
            heads.setdefault(head["seq"], []).append((closing.number, head["hash"]))
            if (
                head["seq"] > max(manifest["streams"][stream]["last"], 0)
                and manifest["streams"][stream]["last"]
            ):
                raise Fault(f"{stream}.jsonl: entries that closure {closing.number} signed are missing")
        chains[stream] = Chain(stream, manifest, heads, context)
        chains[stream].walk(text_lines(file, found[f"{stream}.jsonl"]))
        for name, digest in chains[stream].tables.items():
            if digest.hexdigest() != manifest["files"][name]["sha256"]:
                raise Fault(f"{name}: it does not say what {stream}.jsonl says")
    about = manifest["streams"]["closures"]
    inside = [key for key in manifest["keys"] if about["first"] <= key["seq"] <= about["last"]]
    if inside != chains["closures"].keys:
        raise Fault(f"{MANIFEST}: its keys are not those of closures.jsonl")
    return Checked(manifest, check_closures(manifest, closings, chains["closures"]))


def _counted(about: dict[str, Any]) -> str:
    numbers = f" ({about['first']} to {about['last']})" if about["count"] else ""
    return f"{about['count']}{numbers}"


def report(name: str, checked: Checked) -> str:
    manifest = checked.manifest
    lines = [
        f"{name} is whole.",
        f"  till {manifest['till']}, {manifest['from']} to {manifest['to']}, written by {manifest['software']}",
        *(f"  {stream}: {_counted(manifest['streams'][stream])}" for stream in STREAMS),
        f"  signed closures: {_counted(manifest['closures'])}",
        f"  signed by key {manifest['key']}",
    ]
    lines += [
        f"  NOTE: the key before {each['id'][:8]} was lost; nothing vouches for this one"
        for each in manifest["keys"]
        if each["outage"]
    ]
    if not any(manifest["streams"][stream]["count"] for stream in STREAMS):
        lines.append("  NOTE: the journal has nothing of these days; the archive proves only that")
    if checked.unsigned:
        lines.append(f"  NOTE: not signed: closures {', '.join(map(str, checked.unsigned))}")
    return "\n".join(lines)


def key_id(text: str) -> str:
    """Fewer digits could be hit upon, by making keys until one fits."""
    if not re.fullmatch(f"[0-9a-fA-F]{{{KEY_DIGITS},64}}", text):
        raise argparse.ArgumentTypeError(f"{text} is no key: give at least the first {KEY_DIGITS} digits")
    return text


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0].partition(":")[0])
    parser.add_argument("archive")
    parser.add_argument(
        "--key",
        type=key_id,
        metavar="ID",
        help="the key (or the first 16 digits of it) that must vouch for it",
    )
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # a letter that the shell lacks says nothing of the archive
            stream.reconfigure(errors="replace")
    arguments = parser.parse_args()
    try:
        with open(arguments.archive, "rb") as file:
            checked = check(file, arguments.key or "")
    except OSError as error:
        print(f"{arguments.archive} cannot be read: {error.strerror}", file=sys.stderr)
        return UNREADABLE
    except Fault as fault:
        print(f"{arguments.archive} is NOT whole: {fault}", file=sys.stderr)
        return BROKEN
    print(report(arguments.archive, checked))
    return WHOLE


if __name__ == "__main__":
    sys.exit(main())
