"""Who acts. Every use case takes an Actor, so that every row can say who made it, and asks it for permission."""

from dataclasses import dataclass, replace
from decimal import Decimal

from tui_pos.i18n import _
from tui_pos.people.permissions import BUILT_IN, Permission, RoleRights


class NotAllowed(Exception):
    """The role of who acts does not cover this act. A person with `permission` can allow this one act."""

    def __init__(self, permission: Permission, text: str) -> None:
        super().__init__(text)
        self.permission = permission


@dataclass(frozen=True, slots=True)
class Actor:
    """A person at a till: a stable id, the name that receipts show, and what the role allows.

    `approved_by` is the id of the person who allowed this one act, and `approval_reason` why; both go to the journal.
    """

    id: str
    name: str
    role: str
    rights: RoleRights
    language: str = ""
    approved_by: str = ""
    approval_reason: str = ""

    def require(self, permission: Permission) -> None:
        """Raises NotAllowed where the role does not cover it."""
        if permission not in self.rights.permissions:
            raise NotAllowed(permission, _("{name} may not do this.").format(name=self.name))

    def require_within(self, permission: Permission, percent: Decimal) -> None:
        """Like `require`, for DISCOUNT and PRICE_CHANGE: also `percent` must be within the role's limit."""
        self.require(permission)
        limit = (
            self.rights.max_discount_percent
            if permission is Permission.DISCOUNT
            else self.rights.max_price_change_percent
        )
        if limit is not None and percent > limit:
            text = _("{name} may go up to {limit} %; this is {percent} %.")
            raise NotAllowed(permission, text.format(name=self.name, limit=limit, percent=round(percent, 1)))

    def allowed_by(self, other: "Actor", reason: str) -> "Actor":
        """The same person for one act that `other` allows: with the rights of both, and named so."""
        rights = RoleRights(
            self.rights.permissions | other.rights.permissions,
            _wider(self.rights.max_discount_percent, other.rights.max_discount_percent),
            _wider(self.rights.max_price_change_percent, other.rights.max_price_change_percent),
        )
        return replace(self, rights=rights, approved_by=other.id, approval_reason=reason)


def _wider(one: Decimal | None, other: Decimal | None) -> Decimal | None:
    return None if one is None or other is None else max(one, other)


def built_in_actor(role: str, *, id: str = "", name: str = "") -> Actor:
    """Somebody with one of the roles that exist from the start: for commands, the demo and tests."""
    return Actor(id or role, name or role.capitalize(), role, BUILT_IN[role])
