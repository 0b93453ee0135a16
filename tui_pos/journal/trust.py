"""Whether the keys that signed the books are the shop's own.

A signature tells that nothing was changed after it, not who made it: books can be made anew with another key. What
tells is known outside of them: the key that the owner noted down, and what this machine remembers of its own.
"""

from collections.abc import Sequence
from itertools import pairwise

from tui_pos.i18n import _
from tui_pos.journal.closures import KeyUse
from tui_pos.journal.signing import KeyStore, newest_key_name, secret_name

MIN_KEY_CHARACTERS = 16
"""Of a key's id: fewer could be hit upon by making keys until one fits."""


def vouches(keys: Sequence[KeyUse], noted: str) -> bool:
    """Whether the key whose id begins with `noted` is the newest one, or vouches for it through those between them."""
    trusted: list[str] = []
    for key in keys:
        trusted = [key.id] if key.outage else [*trusted, key.id]
    return any(each.startswith(noted.lower()) for each in trusted)


def lost_after(keys: Sequence[KeyUse], noted: str) -> tuple[list[str], KeyUse] | None:
    """Up to where the key whose id begins with `noted` vouches, if a loss came after it: the ids of the keys in
    whose closures it can be trusted, and the key that followed the loss. None where no loss came, or it is not here.
    """
    trusted: list[str] = []
    for key in keys:
        if key.outage and trusted:
            return trusted, key
        if trusted or key.id.startswith(noted.lower()):
            trusted.append(key.id)
    return None


def doubts(till: str, keys: Sequence[KeyUse], store: KeyStore) -> list[str]:
    """What speaks against the books on the machine that signs for `till`: each as a sentence.

    Whatever the store raises where it does not answer comes through.
    """
    newest = keys[-1].id if keys else ""
    said = []
    remembered = store.find(newest_key_name(till))
    if remembered and remembered != newest:
        text = _(
            "{till}: this machine last signed with key {ours}, and by these books the newest key is {theirs}. "
            "They are of an older state, or somebody else made them."
        )
        said.append(text.format(till=till, ours=remembered, theirs=newest or "-"))
    for old, new in pairwise(keys):
        if new.outage and store.find(secret_name(old.id)):
            text = _("{till}: by these books key {key} was lost on {date}, but this machine still has it.")
            said.append(text.format(till=till, key=old.id[:MIN_KEY_CHARACTERS], date=new.at[:10]))
    return said


def lacks_key(keys: Sequence[KeyUse], store: KeyStore) -> bool:
    """Whether the newest key is not in this store, so that the store says nothing for the books."""
    return bool(keys) and not store.find(secret_name(keys[-1].id))
