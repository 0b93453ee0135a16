"""Who acts. Every use case takes an Actor, so that every row can say who made it, and asks it for permission."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from decimal import ROUND_CEILING, Decimal

from tui_pos.i18n import _
from tui_pos.people.acts import act_name
from tui_pos.people.errors import PeopleError
from tui_pos.people.permissions import BUILT_IN, Permission, RoleRights


@dataclass(frozen=True, slots=True)
class Act:
    """What somebody was about to do: its words, the amount that it moves (minor units), and the reason given for it."""

    words: str
    amount_minor: int | None = None
    reason: str = ""


@contextmanager
def naming(words: str, amount_minor: int | None = None, reason: str = "") -> Iterator[None]:
    """Say what the act of this block is, so that whoever is asked to allow it knows what they allow.

    Without an amount it is what went beyond a limit, if anything did.
    """
    try:
        yield
    except NotAllowed as refused:
        amount_minor = refused.act.amount_minor if amount_minor is None else amount_minor
        refused.act = Act(words, amount_minor, reason)
        raise


class NotAllowed(PeopleError):
    """The role of who acts does not cover this act. A person with `permission` can allow this one act.

    `off_minor` of `of_minor` is how much it moves an amount, where that went beyond a limit.
    """

    def __init__(self, permission: Permission, text: str, off_minor: int = 0, of_minor: int = 0) -> None:
        super().__init__(text)
        self.permission = permission
        self.off_minor = off_minor
        self.of_minor = of_minor
        self.act = Act(act_name(permission), off_minor or None)


class NotProven(NotAllowed):
    """The role covers it, but the shop wants a code of the second factor for each such act."""


@dataclass(frozen=True, slots=True)
class Actor:
    """A person at a till: a stable id, the name that receipts show, and what the role allows.

    `approved_by` is the id of the person who allowed this one act, and `approval_reason` why; both go to the journal.
    `approver` is that person's name, for paper.
    """

    id: str
    name: str
    role: str
    rights: RoleRights
    language: str = ""
    approved_by: str = ""
    approval_reason: str = ""
    approver: str = ""
    unproven: frozenset[Permission] = frozenset()  # acts that want a code of the second factor each time

    def require(self, permission: Permission) -> None:
        """Raises NotAllowed where the role does not cover it, NotProven where a code is wanted for it."""
        if permission not in self.rights.permissions:
            raise NotAllowed(permission, _("{name} may not do this.").format(name=self.name))
        if permission in self.unproven:
            raise NotProven(permission, _("This needs a code of the second factor."))

    def require_off(self, permission: Permission, off_minor: int, of_minor: int) -> None:
        """Like `require`, for DISCOUNT and PRICE_CHANGE: `off_minor` of `of_minor` must be within the role's limit.

        The limit is rounded up to a whole minor unit: 10 % off 0.05 is one cent.
        """
        self.require(permission)
        limit = self._limit(permission)
        if limit is None or off_minor <= (limit * of_minor / 100).to_integral_value(ROUND_CEILING):
            return
        percent = 100 * Decimal(off_minor) / of_minor if of_minor else Decimal(100)
        text = _("{name} may go up to {limit} %; this is {percent} %.")
        said = text.format(name=self.name, limit=f"{limit:f}", percent=f"{percent:.1f}")
        raise NotAllowed(permission, said, off_minor, of_minor)

    def _limit(self, permission: Permission) -> Decimal | None:
        if permission is Permission.DISCOUNT:
            return self.rights.max_discount_percent
        return self.rights.max_price_change_percent

    def allowed_by(self, other: "Actor", reason: str) -> "Actor":
        """The same person for one act that `other` allows: with the rights of both, and named so."""
        rights = RoleRights(
            self.rights.permissions | other.rights.permissions,
            _wider(self.rights.max_discount_percent, other.rights.max_discount_percent),
            _wider(self.rights.max_price_change_percent, other.rights.max_price_change_percent),
        )
        return replace(
            self,
            rights=rights,
            approved_by=other.id,
            approval_reason=reason,
            approver=other.name,
            unproven=self.unproven & other.unproven,
        )

    def approval(self) -> dict[str, str]:
        """What a journal entry says of who allowed the act, and why; nothing where it needed nobody."""
        if not self.approved_by:
            return {}
        return {"approved_by": self.approved_by, "approval_reason": self.approval_reason}


def _wider(one: Decimal | None, other: Decimal | None) -> Decimal | None:
    return None if one is None or other is None else max(one, other)


NOBODY = Actor("", "", "", RoleRights(frozenset()))
"""Who acts while nobody is logged in: whoever it is, they may do nothing."""


def built_in_actor(role: str, *, id: str = "", name: str = "") -> Actor:
    """Somebody with one of the roles that exist from the start: for commands, the demo and tests."""
    return Actor(id or role, name or role.capitalize(), role, BUILT_IN[role])
