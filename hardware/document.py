"""A printable page."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Document:
    title: str
