"""The verifier's own P-256 against the library's: it takes what is right, and nothing else."""

import random

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tui_pos.journal.closures import is_signed as library_says
from tui_pos.journal.signing import P256_ORDER, KeySigner
from tui_pos.journal.verify_archive import Fault, N, P, is_signed, public_point

SEED = 20261122


def key_of(number: int) -> ec.EllipticCurvePrivateKey:
    return ec.derive_private_key(number, ec.SECP256R1())


def spki(private: ec.EllipticCurvePrivateKey) -> bytes:
    return private.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def test_it_agrees_with_the_library_on_thousands_of_signatures() -> None:
    chance = random.Random(SEED)
    signers = [KeySigner(key_of(each)) for each in (1, 2, 3, N - 1, N - 2, chance.randrange(1, N), 2**128)]
    right = wrong = 0
    for _round in range(1000):
        signer, content = chance.choice(signers), chance.randbytes(chance.randrange(0, 200))
        signature = signer.sign(content)
        assert is_signed(signer.public, signature, content)
        right += 1
        for public, changed, text in variants(chance, signers, signer, signature, content):
            said = is_signed(public, changed, text)
            assert said == library_says(public, changed, text)
            wrong += not said
    assert (right, wrong) == (1000, 2000)


def variants(
    chance: random.Random, signers: list[KeySigner], signer: KeySigner, signature: bytes, content: bytes
) -> list[tuple[bytes, bytes, bytes]]:
    """Two that are nearly right: one bit of the signature, and one thing more."""
    r, s = decode_dss_signature(signature)
    further = chance.choice(
        [
            (signer.public, encode_dss_signature(r, N - s), content),
            (signer.public, encode_dss_signature(s, r), content),
            (signer.public, encode_dss_signature(r, (s + 1) % N or 1), content),
            (signer.public, signature, content + b"\0"),
            (signer.public, signature + b"\0", content),
            (signer.public, signature[:-1], content),
            (next(other.public for other in signers if other is not signer), signature, content),
        ]
    )
    return [(signer.public, flipped(chance, signature), content), further]


def flipped(chance: random.Random, content: bytes) -> bytes:
    """The same bytes with one bit changed."""
    changed = bytearray(content)
    changed[chance.randrange(len(changed))] ^= 1 << chance.randrange(8)
    return bytes(changed)


@pytest.mark.parametrize(
    ("r", "s"), [(0, 1), (1, 0), (0, 0), (N, 1), (1, N), (N + 1, 1), (P, 1), (1, 1), (N - 1, N // 2)]
)
def test_numbers_at_the_edge_are_refused(r: int, s: int) -> None:
    private = key_of(7)
    assert not is_signed(spki(private), encode_dss_signature(r, s), b"content")


@pytest.mark.parametrize(
    "signature",
    [
        "", "30", "3000", "300602010102010100", "30060201010201", "3006020101020101", "300702010102020001",
        "30070202000102010130", "3006028101020101", "3080020101020101", "3106020101020101", "3006020181020101",
    ],
)  # fmt: skip
def test_other_forms_of_a_signature_are_refused(signature: str) -> None:
    assert not is_signed(spki(key_of(7)), bytes.fromhex(signature), b"content")


def test_a_high_s_is_refused_though_the_curve_would_take_it() -> None:
    signer = KeySigner(key_of(7))
    r, s = decode_dss_signature(signer.sign(b"content"))
    high = encode_dss_signature(r, P256_ORDER - s)
    try:
        key_of(7).public_key().verify(high, b"content", ec.ECDSA(SHA256()))
    except InvalidSignature:  # pragma: no cover
        pytest.fail("the other half should be valid by the curve")
    assert s <= P256_ORDER // 2
    assert not is_signed(signer.public, high, b"content")
    assert not library_says(signer.public, high, b"content")


def test_keys_that_are_none_are_refused() -> None:
    good = spki(key_of(7))
    public_point(good)
    for bad in (good[:-1], good + b"\0", b"", good[:27] + bytes(64), good[:-1] + bytes([good[-1] ^ 1])):
        with pytest.raises(Fault):
            public_point(bad)
