"""Who acts. Every use case takes an Actor, so that every row can say who made it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Actor:
    """A person at a till: a stable id, and the name that receipts and the journal show."""

    id: str
    name: str
