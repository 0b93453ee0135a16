"""Checking the signed closures of a till against its journal, while the journal is walked."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from tui_pos.i18n import _
from tui_pos.journal import chain
from tui_pos.journal.chain import Entry, JournalBroken
from tui_pos.journal.models import Closure
from tui_pos.journal.rows import as_stored, stored_moment
from tui_pos.journal.signing import NEW_KEY, Z, introduction, lower_s, proof

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey

Z_EVENT = "z"


@dataclass(frozen=True, slots=True)
class KeyUse:
    """A key that the journal introduces, from which moment on, and whether the one before it was lost."""

    id: str
    at: str
    outage: bool
    seq: int
    public: bytes


@dataclass(frozen=True, slots=True)
class Signed:
    """What the closures of a till prove."""

    closures: int
    unsigned: tuple[int, ...]
    """Numbers of closures that no signature covers yet."""
    after_last: int
    """Entries since the last signed closure: chained, but not signed."""
    keys: tuple[KeyUse, ...]
    last_by_key: Mapping[str, int]
    """The number of the last closure that each key signed, by its id; none of a key that never did."""


@dataclass(slots=True)
class ClosureCheck:
    """Told of every entry of the till's streams, in order; `finish` then judges the closures.

    Every method raises JournalBroken, naming the closure or the entry that is wrong.
    """

    session: Session
    till: str
    _closures: list[Any] = field(default_factory=list)
    _bodies: list[dict[str, Any]] = field(default_factory=list)
    _wanted: dict[tuple[str, int], list[tuple[int, str]]] = field(default_factory=dict)
    _keys: list[KeyUse] = field(default_factory=list)
    _zs: dict[int, Any] = field(default_factory=dict)  # perpetual totals by the entry's number
    _entries: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        columns = as_stored(Closure, self.session.get_bind().dialect.name)
        rows = self.session.execute(
            select(*columns).where(Closure.till == self.till).order_by(Closure.number)
        ).all()
        before = None
        for row in rows:
            body = self._read(row, before)
            for stream, end in body["heads"].items():
                if end["seq"]:
                    self._wanted.setdefault((stream, end["seq"]), []).append((row.number, end["hash"]))
            self._closures.append(row)
            self._bodies.append(body)
            before = row

    def _wrong(self, number: int, why: str) -> JournalBroken:
        return JournalBroken(
            _("Closure {number} of {till}: {wrong}").format(number=number, till=self.till, wrong=why)
        )

    def _read(self, row: Any, before: Any) -> dict[str, Any]:
        """What a closure's bytes say, held against its columns and the closure before it."""
        number = before.number + 1 if before else 1
        if row.number != number:
            raise self._wrong(number, _("it is missing."))
        if not isinstance(row.body, bytes) or not isinstance(row.signature, bytes):
            raise self._wrong(number, _("its content cannot be read."))
        try:
            body: dict[str, Any] = json.loads(row.body)
            stated = (body["till"], body["number"], body["at"], body["key"])
            plain = isinstance(body["totals"], dict) and isinstance(body["unsigned"], list)
            heads = {stream: (end["seq"], end["hash"]) for stream, end in body["heads"].items()}
        except (ValueError, KeyError, TypeError, AttributeError):
            raise self._wrong(number, _("its content cannot be read.")) from None
        if stated != (row.till, row.number, stored_moment(row.at), row.key_id) or not plain:
            raise self._wrong(number, _("its columns do not say what its content says."))
        if body["prev"] != (proof(before) if before else chain.GENESIS.hex()):
            raise self._wrong(number, _("it does not follow the closure before it."))
        if set(heads) != set(chain.STREAMS):
            raise self._wrong(number, _("it does not name every stream of the journal."))
        return body

    def see(self, stream: str, entry: Entry) -> None:
        """One more entry of the journal, already found right in itself."""
        self._entries[stream] = entry.seq
        for number, stated in self._wanted.pop((stream, entry.seq), ()):
            if stated != entry.hash.hex():
                text = _("entry {seq} of stream {stream} is not the one that it signed.")
                raise self._wrong(number, text.format(seq=entry.seq, stream=stream))
        if stream == chain.CLOSURES and entry.event == NEW_KEY:
            self._introduce(entry)
        elif stream == chain.CLOSURES and entry.event == Z_EVENT:
            self._zs[entry.seq] = entry.content["data"].get("z", {}).get("perpetual")

    def _introduce(self, entry: Entry) -> None:
        """A new key: the one before it must vouch for it, unless it was lost and the entry says so."""
        try:
            data = entry.content["data"]
            key, public, previous = data["key"], bytes.fromhex(data["public"]), data["previous"]
            outage, signature = data["outage"], bytes.fromhex(data["signature"])
        except (KeyError, ValueError, TypeError):
            raise self._wrong_key(entry, _("it cannot be read.")) from None
        old = self._keys[-1] if self._keys else None
        if key != hashlib.sha256(public).hexdigest() or previous != (old.id if old else ""):
            raise self._wrong_key(entry, _("it does not name its own key and the one before it."))
        vouched = old is None or (
            outage is True
            if not signature
            else is_signed(old.public, signature, introduction(self.till, key))
        )
        if not vouched:
            raise self._wrong_key(entry, _("the key before it does not vouch for it."))
        self._keys.append(KeyUse(key, entry.content["at"], outage is True, entry.seq, public))

    def _wrong_key(self, entry: Entry, why: str) -> JournalBroken:
        return JournalBroken(
            _("New key of {till}, stream {stream}, entry {seq}: {wrong}").format(
                till=self.till, stream=chain.CLOSURES, seq=entry.seq, wrong=why
            )
        )

    def finish(self) -> Signed:
        """Judge the closures, now that the whole journal is known."""
        ends = dict.fromkeys(chain.STREAMS, 0)
        waiting: list[int] = []
        signed_until = 0
        last_by_key: dict[str, int] = {}
        for row, body in zip(self._closures, self._bodies, strict=True):
            for stream, end in body["heads"].items():
                if not ends[stream] <= end["seq"] <= self._entries.get(stream, 0):
                    text = _("it signed {seq} entries of stream {stream}, and {found} are there.")
                    found = self._entries.get(stream, 0)
                    raise self._wrong(row.number, text.format(seq=end["seq"], stream=stream, found=found))
                ends[stream] = end["seq"]
            if body["unsigned"] != waiting:
                raise self._wrong(row.number, _("it does not name the closures that were not signed."))
            self._check_z(row, body)
            if row.key_id:
                self._check_signature(row, ends[chain.CLOSURES])
                waiting, signed_until = [], sum(ends.values())
                last_by_key[row.key_id] = row.number
            else:
                waiting.append(row.number)
                if row.signature:
                    raise self._wrong(row.number, _("it has a signature and names no key."))
        if self._zs:
            seq = min(self._zs)
            text = _("Z in stream {stream}, entry {seq} of {till}: its closure is missing.")
            raise JournalBroken(text.format(stream=chain.CLOSURES, seq=seq, till=self.till))
        return Signed(
            closures=len(self._closures),
            unsigned=tuple(waiting),
            after_last=sum(self._entries.values()) - signed_until,
            keys=tuple(self._keys),
            last_by_key=last_by_key,
        )

    def _check_z(self, row: Any, body: Mapping[str, Any]) -> None:
        """Each Z has one closure, made right after its entry, with its totals since installation."""
        if body["kind"] != Z:
            return
        seq = body["heads"][chain.CLOSURES]["seq"]
        if seq not in self._zs:
            raise self._wrong(row.number, _("it does not follow the entry of a Z."))
        if self._zs.pop(seq) != body["totals"]:
            raise self._wrong(row.number, _("its totals are not those of its Z."))

    def _check_signature(self, row: Any, closures_seq: int) -> None:
        """By the key that was in force: one that was given up earlier, or came later, does not count."""
        known = [key for key in self._keys if key.seq <= closures_seq]
        if not known or known[-1].id != row.key_id:
            raise self._wrong(row.number, _("its key was not the till's key at that time."))
        if not is_signed(known[-1].public, row.signature, row.body):
            raise self._wrong(row.number, _("its signature is not right."))


def is_signed(public: bytes, signature: bytes, content: bytes) -> bool:
    """Whether this is the one accepted form of a signature by that key over `content`."""
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ec import ECDSA
    from cryptography.hazmat.primitives.hashes import SHA256

    try:
        key = _public_key(public)
        if lower_s(signature) != signature:
            return False
        key.verify(signature, content, ECDSA(SHA256()))
    except (InvalidSignature, ValueError):
        return False
    return True


def _public_key(public: bytes) -> "EllipticCurvePublicKey":
    """Raises ValueError for what is no P-256 key."""
    from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePublicKey
    from cryptography.hazmat.primitives.serialization import load_der_public_key

    key = load_der_public_key(public)
    if not isinstance(key, EllipticCurvePublicKey) or not isinstance(key.curve, SECP256R1):
        raise ValueError("this is no P-256 key")
    return key
