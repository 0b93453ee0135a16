"""Keys, and closures signed by them: what came before a signed closure cannot be rewritten without the key.

A closure's bytes hold the newest entry of every stream, the totals since installation, and the proof of the closure
before it. The private key is never in the database: whoever can write there can append, but not sign.

Signing is a `Signer`, so that a certified part (a signature card, a fiscal device) can take the place of the key in
software. Where it does not answer, the closure is made all the same and stays unsigned; the next one that is signed
names it, and covers it, since the closures are chained.
"""

import base64
import datetime as dt
import hashlib
import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Protocol

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from tui_pos.journal import chain
from tui_pos.journal.chain import JournalError
from tui_pos.journal.models import Closure, JournalEntry, SigningKey
from tui_pos.storage.lock import one_at_a_time

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey

NEW_KEY = "new_key"
"""The event of stream CLOSURES that introduces a key."""

Z = "z"
LATE = "late"
"""Kinds of closures: of a Z, and one made later only to cover those that could not be signed."""

P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
PROOF_CHARACTERS = 16
KEY_CHARACTERS = 8


class SigningUnavailable(JournalError):
    """The signer does not answer. The closure is made without a signature, and can be covered by a later one."""


class Signer(Protocol):
    """Whatever can sign for a till."""

    @property
    def key_id(self) -> str:
        """SHA-256 of the public key (SubjectPublicKeyInfo in DER), hexadecimal: the id of a SigningKey."""
        ...

    def sign(self, content: bytes) -> bytes:
        """An ECDSA P-256 signature over the SHA-256 of `content`, DER, with the lower s. Raises SigningUnavailable."""
        ...


class KeyStore(Protocol):
    """Where private keys are kept, outside the database."""

    def find(self, name: str) -> str | None: ...

    def keep(self, name: str, value: str) -> None: ...

    def forget(self, name: str) -> None: ...


class KeysInMemory:
    """Keys that are gone with the program: for the demo and for tests."""

    def __init__(self) -> None:
        self.kept: dict[str, str] = {}

    def find(self, name: str) -> str | None:
        return self.kept.get(name)

    def keep(self, name: str, value: str) -> None:
        self.kept[name] = value

    def forget(self, name: str) -> None:
        self.kept.pop(name, None)


class KeySigner:
    """Signs with a private key in memory. The same bytes always get the same signature (RFC 6979)."""

    def __init__(self, private: "EllipticCurvePrivateKey") -> None:
        from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

        self._private = private
        self.public = private.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        self.key_id = hashlib.sha256(self.public).hexdigest()

    def sign(self, content: bytes) -> bytes:
        from cryptography.hazmat.primitives.asymmetric.ec import ECDSA
        from cryptography.hazmat.primitives.hashes import SHA256

        return lower_s(self._private.sign(content, ECDSA(SHA256(), deterministic_signing=True)))

    def written(self) -> str:
        """The private key as one line for a KeyStore (PKCS #8 in DER, base64)."""
        from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

        der = self._private.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
        return base64.b64encode(der).decode()


def lower_s(signature: bytes) -> bytes:
    """The one accepted form of a signature: (r, s) and (r, n - s) are both valid, and one could pass for the other."""
    from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature

    r, s = decode_dss_signature(signature)
    return encode_dss_signature(r, min(s, P256_ORDER - s))


def secret_name(key_id: str) -> str:
    """Under which name a KeyStore keeps the private key."""
    return f"signing-key-{key_id[:16]}"


def newest_key_name(till: str) -> str:
    """Under which name a KeyStore remembers the id of the key that it last signed with for a till."""
    return f"newest-key-of-{till}"


def remember_key(store: KeyStore, till: str, key_id: str) -> None:
    """Note outside the database which key is the till's: books that name another one were not made here."""
    if store.find(newest_key_name(till)) != key_id:
        store.keep(newest_key_name(till), key_id)


def current_key_id(session: Session, till: str) -> str:
    """The id of the key that the till signs with now; empty where it never had one."""
    newest = (
        select(JournalEntry.body)
        .where(
            JournalEntry.till == till,
            JournalEntry.stream == chain.CLOSURES,
            JournalEntry.event == NEW_KEY,
        )
        .order_by(JournalEntry.seq.desc())
        .limit(1)
    )
    body = session.scalar(newest)
    return "" if body is None else str(json.loads(body)["data"]["key"])


def find_signer(session: Session, till: str, store: KeyStore) -> KeySigner | None:
    """The till's signer; None where it has no key yet, or its private key is not in the store."""
    key_id = current_key_id(session, till)
    return _load(store, key_id) if key_id else None


def ensure_key(
    session: Session, till: str, store: KeyStore, actor: str, now: dt.datetime
) -> KeySigner | None:
    """Make the till's key where it never had one. None where it has one and its private key is lost: see `new_key`."""
    key_id = current_key_id(session, till)
    return _load(store, key_id) if key_id else new_key(session, till, store, actor, now)


def new_key(session: Session, till: str, store: KeyStore, actor: str, now: dt.datetime) -> KeySigner:
    """Sign with a new key from now on. The old one vouches for it in the journal.

    Where the old private key is lost nothing can vouch for the new one: the entry is marked `outage`, and the closures
    that were not signed meanwhile are covered by a late one, made here.
    """
    from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key

    one_at_a_time(session, till)
    old_id = current_key_id(session, till)
    old = _load(store, old_id) if old_id else None
    new = KeySigner(generate_private_key(SECP256R1()))
    store.keep(secret_name(new.key_id), new.written())  # before the commit: a key too many harms nobody
    row = {"id": new.key_id, "till": till, "public": new.public, "created_at": now}
    session.execute(insert(SigningKey).values(row))
    data = {
        "key": new.key_id,
        "public": new.public.hex(),
        "previous": old_id,
        "signature": old.sign(introduction(till, new.key_id)).hex() if old else "",
        "outage": bool(old_id) and old is None,
    }
    chain.append(
        session,
        till=till,
        stream=chain.CLOSURES,
        event=NEW_KEY,
        actor=actor,
        now=now,
        data=data,
        rows={SigningKey: [row]},
    )
    if unsigned_numbers(session, till):
        last = _last_closure(session, till)
        assert last is not None
        sign_closure(session, till, new, json.loads(last.body)["totals"], now, kind=LATE)
    return new


def introduction(till: str, key_id: str) -> bytes:
    """What an old key signs to vouch for a new one."""
    return chain.canonical({"till": till, "new_key": key_id})


def _load(store: KeyStore, key_id: str) -> KeySigner | None:
    """The private key of this id; None where the store has none, or another one under its name."""
    written = store.find(secret_name(key_id))
    if written is None:
        return None
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
    from cryptography.hazmat.primitives.serialization import load_der_private_key

    try:
        private = load_der_private_key(base64.b64decode(written), None)
    except ValueError:
        return None
    if not isinstance(private, EllipticCurvePrivateKey):
        return None
    signer = KeySigner(private)
    return signer if signer.key_id == key_id else None


def sign_closure(
    session: Session,
    till: str,
    signer: Signer | None,
    totals: Mapping[str, int],
    now: dt.datetime,
    *,
    kind: str = Z,
) -> Closure:
    """Close what the journal holds so far, inside the caller's transaction and after the Z's own entry.

    `totals` are the perpetual ones, in minor units. Without a signer, or where it does not answer, the closure is
    unsigned: its key and signature are empty.
    """
    one_at_a_time(session, till)
    last = _last_closure(session, till)
    content = {
        "schema": chain.SCHEMA,
        "software": chain.software(),
        "till": till,
        "number": last.number + 1 if last else 1,
        "at": chain.written_time(now),
        "kind": kind,
        "heads": heads(session, till),
        "totals": dict(totals),
        "prev": proof(last) if last else chain.GENESIS.hex(),
        "unsigned": unsigned_numbers(session, till),
    }
    body, key_id, signature = _signed(content, signer)
    number = content["number"]
    assert isinstance(number, int)
    closure = Closure(till=till, number=number, at=now, body=body, key_id=key_id, signature=signature)
    session.add(closure)
    session.flush()
    return closure


def _signed(content: Mapping[str, object], signer: Signer | None) -> tuple[bytes, str, bytes]:
    """The bytes, which name the key, the key's id, and the signature."""
    if signer is not None:
        body = chain.canonical({**content, "key": signer.key_id})
        try:
            return body, signer.key_id, signer.sign(body)
        except SigningUnavailable:
            pass  # the day must close; the next closure covers this one
    return chain.canonical({**content, "key": ""}), "", b""


def heads(session: Session, till: str) -> dict[str, dict[str, int | str]]:
    """The newest entry of every stream, as Zs and closures state it: {stream: {"seq": …, "hash": hexadecimal}}."""
    ends = {stream: chain.head(session, till, stream) for stream in chain.STREAMS}
    return {stream: {"seq": end.seq, "hash": end.hash.hex()} for stream, end in ends.items()}


def unsigned_numbers(session: Session, till: str) -> list[int]:
    """The closures since the last signed one: those that nothing covers yet."""
    numbers = []
    newest_first = (
        select(Closure.number, Closure.key_id).where(Closure.till == till).order_by(Closure.number.desc())
    )
    for number, key_id in session.execute(newest_first.execution_options(yield_per=10)):
        if key_id:
            break
        numbers.append(number)
    return numbers[::-1]


def proof(closure: Closure) -> str:
    """SHA-256 of a closure's bytes and signature, hexadecimal: what the next closure names, and paper shows some of."""
    return hashlib.sha256(closure.body + closure.signature).hexdigest()


def signature_text(closure: Closure) -> str:
    """What a Z prints, 25 characters: the first of the key's id (or "unsigned") and of the closure's proof."""
    return f"{closure.key_id[:KEY_CHARACTERS] or 'unsigned'} {proof(closure)[:PROOF_CHARACTERS]}"


def _last_closure(session: Session, till: str) -> Closure | None:
    return session.scalar(
        select(Closure).where(Closure.till == till).order_by(Closure.number.desc()).limit(1)
    )
