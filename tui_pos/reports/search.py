"""Finding past sales: by number, days, cashier, goods, amount, tender, card, customer, or any words.

Reads only. Sales come newest first: those of a till in the order of their numbers, which no held sale and no wrong
clock can change, and those of several tills by the time between them. Days that are asked for are business days. A page
goes on where the one before ended, however many there are. Every question has an index of its own; what many sales fit
is looked for in the newest sales first, and what few fit is fetched, so that a million lines are searched quickly.
"""

import datetime as dt
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from heapq import merge
from itertools import accumulate, groupby, islice
from types import MappingProxyType
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Select,
    TextualSelect,
    and_,
    false,
    func,
    literal_column,
    or_,
    select,
    union_all,
)
from sqlalchemy.orm import InstrumentedAttribute, Session

from tui_pos.catalogue.naming import ever_named
from tui_pos.i18n import speaking
from tui_pos.i18n.formatting import format_money, read_date
from tui_pos.journal import chain
from tui_pos.money.amount import BadAmount, parse_amount
from tui_pos.money.currency import Currency
from tui_pos.people.actor import Actor
from tui_pos.people.models import Staff
from tui_pos.people.permissions import Permission
from tui_pos.sales.models import Sale, SaleLine, SaleTender
from tui_pos.sales.receipt import read_label, receipt_label, sold_in, tender_name
from tui_pos.sales.shop import Shop
from tui_pos.sales.view import TenderKind

PAGE_ROWS = 50
FEW_HITS = 30_000
"""Up to so many sold lines are fetched; where more fit, the sales are looked through from the newest on."""

FEW_SALES = 500
"""Up to so many sales that fit are put in order here; of more, the newest are soon met."""

MAX_QUERY_LENGTH = 200
_FROM_THE_NEWEST: Mapping[str, int] = MappingProxyType({})

_EMPTY: ColumnElement[str] = literal_column("''")
"""Written out, not bound: only so do the databases see that a partial index will do."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is looked for; everything that is given must fit. Amounts in minor units, without their sign.

    `words` are looked for in the goods, their serial numbers, what was noted of the customer, and the reasons of
    discounts; `customer` only in what was noted of the customer.
    """

    till: str = ""
    number: int | None = None
    first: dt.date | None = None
    last: dt.date | None = None
    cashier: str = ""
    product: str = ""
    least_minor: int | None = None
    most_minor: int | None = None
    tender: str = ""
    last_four: str = ""
    customer: str = ""
    words: str = ""


@dataclass(frozen=True, slots=True)
class FoundSale:
    """A past sale as a list shows it. `tenders` are kinds and what each covered, `first_item` one of its lines."""

    sale_id: UUID
    till: str
    number: int
    business_date: dt.date
    completed_at: dt.datetime
    cashier: str
    lines: int
    first_item: str
    net_minor: int
    tax_minor: int
    gross_minor: int
    currency: Currency
    tenders: tuple[tuple[str, int], ...]
    last_four: str
    discount_reason: str
    customer: str

    @property
    def label(self) -> str:
        """What its receipt calls it."""
        return receipt_label(self.till, self.number)

    def money(self, minor: int, locale: str, *, paper: bool = False) -> str:
        """An amount in the sale's own currency, as i18n.formatting writes it."""
        return format_money(minor, self.currency, locale, paper=paper)


@dataclass(frozen=True, slots=True)
class FoundSales:
    """One page of what fits. If there is `more`, the next one comes after `ended`: for each till the last number."""

    sales: tuple[FoundSale, ...]
    more: bool
    ended: Mapping[str, int]


def read_wanted(text: str, shop: Shop, today: dt.date | None = None) -> Wanted:
    """What somebody types to find a sale; whatever is none of these is a word. Never refuses.

    `#17` or `till2-000017` a receipt; `2026-11-20`, `2026-11` or `2026-11-01..2026-11-20` days; `12.50`, `=12` or
    `10.00..20.00` an amount; `@ada` a cashier; `*4242` a card; a word of `tender_words`, such as `cash`, its tender.
    With `today` days may be as the shop writes them, too: `20/11/2026`, `20/11`.
    """
    wanted = Wanted()
    words = []
    kinds = tender_words(shop)
    for token in text[:MAX_QUERY_LENGTH].split():
        told = _told_by(token, shop, kinds, today)
        if told is None:
            words.append(token)
        else:
            wanted = replace(wanted, **told)
    return replace(wanted, words=" ".join(words))


def tender_words(shop: Shop) -> dict[str, str]:
    """The kinds of tenders by what they are called: in English, in the till's language and in the shop's."""
    words = {kind.value: kind.value for kind in TenderKind}
    words |= {tender_name(kind).casefold(): kind.value for kind in TenderKind}
    with speaking(shop.locale):
        return words | {tender_name(kind).casefold(): kind.value for kind in TenderKind}


def _told_by(token: str, shop: Shop, kinds: dict[str, str], today: dt.date | None) -> dict[str, Any] | None:
    """What one typed token says; None where it is only a word."""
    if days := read_days(token, shop.locale, today):
        return {"first": days[0], "last": days[1]}
    label = read_label(token.removeprefix("#"), shop.till) if token[0] == "#" or "-" in token else None
    if label:
        return {"till": label[0], "number": label[1]}
    if token[0] == "@" and len(token) > 1:
        return {"cashier": token[1:]}
    if match := re.fullmatch(r"\*+(\d{4})", token):
        return {"last_four": match[1]}
    if token.casefold() in kinds:
        return {"tender": kinds[token.casefold()]}
    if token[0] == "=" or re.search(r"[.,]", token):
        amounts = read_amounts(token.removeprefix("="), shop.rules.currency)
        return {"least_minor": amounts[0], "most_minor": amounts[1]} if amounts else None
    return None


def read_days(text: str, locale: str = "", today: dt.date | None = None) -> tuple[dt.date, dt.date] | None:
    """The days that `2026-11-20`, `2026-11` or two of these with `..` between them mean; None where they are none.

    With `today` a day may also be as `locale` writes it.
    """
    first, parted, last = text.partition("..")
    begin, end = (_month_or_day(each, locale, today) for each in (first, last if parted else first))
    return (begin[0], end[1]) if begin and end and begin[0] <= end[1] else None


def _month_or_day(text: str, locale: str, today: dt.date | None) -> tuple[dt.date, dt.date] | None:
    try:
        if re.fullmatch(r"\d{4}-\d\d", text):
            first = dt.date.fromisoformat(f"{text}-01")
            return first, (first + dt.timedelta(days=31)).replace(day=1) - dt.timedelta(days=1)
        if re.fullmatch(r"\d{4}-\d\d-\d\d", text):
            return (dt.date.fromisoformat(text),) * 2
    except (ValueError, OverflowError):
        return None
    day = read_date(text, locale, today) if today else None
    return (day, day) if day else None


def read_amounts(text: str, currency: Currency) -> tuple[int, int] | None:
    """The least and the most that `12.50` or `10.00..20.00` mean, in minor units; None where it is no amount."""
    first, parted, last = text.partition("..")
    try:
        least, most = (abs(parse_amount(part, currency).minor) for part in (first, last if parted else first))
    except BadAmount:
        return None
    return (least, most) if least <= most else (most, least)


def find_sales(
    session: Session,
    wanted: Wanted,
    actor: Actor,
    *,
    after: Mapping[str, int] = _FROM_THE_NEWEST,
    limit: int = PAGE_ROWS,
) -> FoundSales:
    """The newest sales that fit, of all tills; with `after` those that follow a page, which is its `ended`.

    A till's sales come in the order of its numbers, whatever its clock said. Raises NotAllowed.
    """
    actor.require(Permission.SEARCH_SALES)
    conditions = tuple(_conditions(session, wanted))
    merged = list(islice(_merged(_numbered(session, wanted, conditions, after, limit + 1)), limit + 1))
    page = merged[:limit]
    ended = dict(after)
    for row in page:
        ended[row.till] = row.number
    return FoundSales(tuple(_found(session, [row.id for row in page])), len(merged) > limit, ended)


def _numbered(
    session: Session,
    wanted: Wanted,
    conditions: Sequence[ColumnElement[bool]],
    after: Mapping[str, int],
    limit: int,
) -> Iterator[Sequence[Any]]:
    """For each till its newest sales that fit, at least `limit` of them if there are so many; newest numbers first.

    Where few fit at all they are fetched by whatever index finds them, and put in order here; else one goes down the
    numbers of each till until there are enough.
    """
    columns = select(Sale.id, Sale.till, Sale.number, Sale.completed_at).where(*conditions)
    all_of_few = session.execute(columns.limit(FEW_SALES + 1)).all()
    if len(all_of_few) <= FEW_SALES:
        left = (row for row in all_of_few if row.number < after.get(row.till, row.number + 1))
        newest_first = sorted(left, key=lambda row: (row.till, -row.number))
        for _till, rows in groupby(newest_first, key=lambda row: row.till):
            yield list(rows)
        return
    for till in [wanted.till] if wanted.till else chain.tills(session):
        of_till = columns.where(Sale.till == till)
        if till in after:
            of_till = of_till.where(Sale.number < after[till])
        yield session.execute(of_till.order_by(Sale.number.desc()).limit(limit)).all()


def _merged(tills: Iterable[Sequence[Any]]) -> Iterator[Any]:
    """The sales of several tills, newest first. By its own number a sale is no earlier than those before it."""
    dated = (
        list(
            zip(list(accumulate((row.completed_at for row in reversed(rows)), max))[::-1], rows, strict=True)
        )
        for rows in tills
    )
    return (row for _at, row in merge(*dated, key=lambda pair: pair[0], reverse=True))


def every_sale(session: Session, wanted: Wanted, actor: Actor) -> Iterator[FoundSale]:
    """All that fit, newest first, a thousand in memory at a time."""
    page = find_sales(session, wanted, actor, limit=1000)
    yield from page.sales
    while page.more:
        page = find_sales(session, wanted, actor, after=page.ended, limit=1000)
        yield from page.sales


def _conditions(session: Session, wanted: Wanted) -> Iterator[ColumnElement[bool]]:
    if wanted.till:
        yield Sale.till == wanted.till
    if wanted.number is not None:
        yield Sale.number == wanted.number
    if wanted.first is not None:
        yield Sale.business_date >= wanted.first
    if wanted.last is not None:
        yield Sale.business_date <= wanted.last
    if wanted.cashier:
        yield Sale.actor.in_(_people(session, wanted.cashier))
    if wanted.product:
        yield _in_any(session, _with_goods(session, wanted.product))
    if wanted.least_minor is not None or wanted.most_minor is not None:
        yield _of_amount(wanted.least_minor or 0, wanted.most_minor)
    if wanted.tender:
        of_kind = select(SaleTender.sale_id).where(
            SaleTender.sale_id == Sale.id, SaleTender.kind == wanted.tender
        )
        yield of_kind.exists()
    if wanted.last_four:
        yield Sale.id.in_(
            select(SaleTender.sale_id).where(
                SaleTender.last_four == wanted.last_four, SaleTender.last_four != _EMPTY
            )
        )
    if wanted.customer:
        yield _in_any(session, [_with_text(Sale.customer_text, wanted.customer)])
    if wanted.words:
        yield _in_any(session, _with_words(session, wanted.words))


def _people(session: Session, typed: str) -> list[str]:
    """The ids of whoever's name holds what was typed; and that itself, for who is in no list of staff."""
    wanted = typed.casefold()
    staff = session.execute(select(Staff.id, Staff.name)).all()
    return [str(id) for id, name in staff if wanted in name.casefold()] + [typed]


def _of_amount(least_minor: int, most_minor: int | None) -> ColumnElement[bool]:
    """Sold or given back: a refund of 12.50 is minus that."""
    if most_minor is None:
        return or_(Sale.gross_minor >= least_minor, Sale.gross_minor <= -least_minor)
    if least_minor == most_minor:
        return Sale.gross_minor.in_((least_minor, -least_minor))
    return or_(
        Sale.gross_minor.between(least_minor, most_minor), Sale.gross_minor.between(-most_minor, -least_minor)
    )


@dataclass(frozen=True, slots=True)
class _Place:
    """Where something may be found: the ids of all sales that hold it there, and whether one sale does."""

    ids: Select[Any]
    in_sale: ColumnElement[bool]


def _in_any(session: Session, places: Sequence[_Place]) -> ColumnElement[bool]:
    """Sales that hold it in one of these places.

    Few are fetched by their indexes. Of many, the newest are soon met by going through the sales, and the whole
    list, which may be as long as the books, is never made.
    """
    if not places:
        return false()
    hits = union_all(*(place.ids for place in places))
    counted = select(func.count()).select_from(hits.limit(FEW_HITS + 1).subquery())
    count = session.scalar(counted) or 0
    if not count:
        return false()
    return Sale.id.in_(hits) if count <= FEW_HITS else or_(*(place.in_sale for place in places))


def _with_goods(session: Session, words: str) -> list[_Place]:
    """By what the catalogue calls the goods, or has called them."""
    products = ever_named(session, words)
    if products is None:
        return []
    ids = select(SaleLine.sale_id).where(SaleLine.product_id.in_(products))
    return [_Place(ids, _holds_one_of(products))]


def _holds_one_of(products: TextualSelect) -> ColumnElement[bool]:
    """Asked sale by sale. The `+ 0` keeps the databases from trying each product for each sale by an index."""
    lines = select(SaleLine.sale_id).where(
        SaleLine.sale_id == Sale.id, (SaleLine.product_id + 0).in_(products)
    )
    return lines.exists()


def _with_text(column: InstrumentedAttribute[str], words: str) -> _Place:
    """Each word anywhere in a text, in small letters or capitals."""
    fits = and_(column != _EMPTY, *(_spelt(column, word) for word in words.split()))
    return _Place(select(Sale.id).where(fits), fits)


def _spelt(column: InstrumentedAttribute[str], word: str) -> ColumnElement[bool]:
    """SQLite knows small letters and capitals of ASCII alone: it is asked for the others in each form."""
    forms = (
        (word,) if word.isascii() else dict.fromkeys((word, word.lower(), word.upper(), word.capitalize()))
    )
    return or_(*(column.icontains(form, autoescape=True) for form in forms))


def _with_words(session: Session, words: str) -> list[_Place]:
    """Among the goods, their serial numbers, what was noted of the customer, and the reasons of discounts."""
    numbered = select(SaleLine.sale_id).where(SaleLine.serial == words, SaleLine.serial != _EMPTY)
    return [
        *_with_goods(session, words),
        _Place(numbered, Sale.id.in_(numbered)),
        _with_text(Sale.customer_text, words),
        _with_text(Sale.discount_reason, words),
    ]


def _found(session: Session, ids: Sequence[UUID]) -> Iterator[FoundSale]:
    """A page of sales with their goods, tenders and people: four questions, however long the page."""
    columns = (
        Sale.id, Sale.till, Sale.number, Sale.business_date, Sale.completed_at, Sale.actor, Sale.net_minor,
        Sale.tax_minor, Sale.gross_minor, Sale.currency, Sale.exponent, Sale.discount_reason, Sale.customer_text,
    )  # fmt: skip
    sales = {row.id: row for row in session.execute(select(*columns).where(Sale.id.in_(ids)))}
    tenders: dict[UUID, list[Any]] = {}
    query = select(SaleTender.sale_id, SaleTender.kind, SaleTender.amount_minor, SaleTender.last_four)
    for tender in session.execute(
        query.where(SaleTender.sale_id.in_(ids)).order_by(SaleTender.sale_id, SaleTender.position)
    ):
        tenders.setdefault(tender.sale_id, []).append(tender)
    goods: dict[UUID, list[str]] = {}
    lines = select(SaleLine.sale_id, SaleLine.name).where(SaleLine.sale_id.in_(ids))
    for sale_id, name in session.execute(lines.order_by(SaleLine.sale_id, SaleLine.position)):
        goods.setdefault(sale_id, []).append(name)
    names = {str(id): name for id, name in session.execute(select(Staff.id, Staff.name))}
    for row in (sales[id] for id in ids):
        paid = tenders.get(row.id, [])
        sold = goods.get(row.id, [])
        yield FoundSale(
            sale_id=row.id,
            till=row.till,
            number=row.number,
            business_date=row.business_date,
            completed_at=row.completed_at,
            cashier=names.get(row.actor, row.actor),
            lines=len(sold),
            first_item=sold[0] if sold else "",
            net_minor=row.net_minor,
            tax_minor=row.tax_minor,
            gross_minor=row.gross_minor,
            currency=sold_in(row),
            tenders=tuple((tender.kind, _whole(tender.amount_minor)) for tender in paid),
            last_four=" ".join(tender.last_four for tender in paid if tender.last_four),
            discount_reason=row.discount_reason,
            customer=row.customer_text,
        )


def _whole(amount_minor: int) -> int:
    """An amount that is only listed, never reckoned with: SQLite would hand out any text for it. Raises TypeError."""
    if not isinstance(amount_minor, int):
        raise TypeError("an amount that is no number")
    return amount_minor
