"""The directory: sites, parties and officials, each a stream with validity from and until.

Events elsewhere name them by code; what a code meant on a day is found here. Officials are codes and
roles, never names. A member of a security party never reads intent, protection or family.
"""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal, NamedTuple

from pydantic import Field, StringConstraints

from domain.access import Role
from domain.event import Event, Instant, OfficialCode, PartyCode, SiteCode, Text, register, replaces

SiteKind = Literal["CROSSING", "CAMP", "HOSPITAL", "DEPOT", "ARMOURY", "OTHER"]
PartyKind = Literal["MINISTRY", "COMMAND", "AUTHORITY", "COMMITTEE", "LIAISON", "UNIT", "OTHER"]


@replaces
class Site(NamedTuple):
    """The aggregate of one site."""

    id: str
    since: int = 0
    closed: bool = False
    kind: str | None = None
    name: str = ""
    name_ar: str = ""
    capacity: int | None = None
    crossing: str | None = None  # the other side of the same crossing
    operator: str | None = None  # the party that runs it
    operators: tuple[tuple[int, str | None], ...] = ()  # since when (microseconds UTC) who
    erased: bool = False
    irregular: tuple[tuple[int, int], ...] = ()
    pending: tuple[int, ...] = ()

    @property
    def ended(self) -> bool:
        """True once closed."""
        return self.closed

    def operator_at(self, instant: int) -> str | None:
        """Return the party that ran it at an instant, microseconds UTC."""
        return next((who for since, who in reversed(self.operators) if since <= instant), None)


@replaces
class Party(NamedTuple):
    """The aggregate of one party."""

    id: str
    since: int = 0
    kind: str | None = None
    name: str = ""
    name_ar: str = ""
    security: bool = False  # its members never read intent, protection or family
    recognised: str = ""  # the authority that recognised it as a recipient
    erased: bool = False
    irregular: tuple[tuple[int, int], ...] = ()
    pending: tuple[int, ...] = ()

    @property
    def ended(self) -> bool:
        """Parties do not end."""
        return False


@replaces
class Official(NamedTuple):
    """The aggregate of one official: a code, a party, roles and a signing key."""

    id: str
    since: int = 0
    party: str | None = None
    post: str = ""
    roles: dict[str, int | None] = {}  # noqa: RUF012 -- never mutated; role to its end, microseconds UTC
    key: str = ""  # Ed25519 public key, base64
    dismissed: bool = False
    erased: bool = False
    irregular: tuple[tuple[int, int], ...] = ()
    pending: tuple[int, ...] = ()

    @property
    def ended(self) -> bool:
        """True once dismissed."""
        return self.dismissed

    def holds(self, roles: frozenset[Role], at: int) -> bool:
        """True when one of the roles is held at an instant (microseconds UTC)."""
        return not self.dismissed and any(
            role in roles and (until is None or at < until) for role, until in self.roles.items()
        )


class DirectoryEvent(Event):
    """An event of the directory."""

    THING = "directory"
    DECISION = True


class SiteEvent(DirectoryEvent):
    """An event of a site."""

    originator_id: Annotated[str, StringConstraints(pattern=r"^SITE-[A-Z0-9][A-Z0-9-]{0,39}$")]


class PartyEvent(DirectoryEvent):
    """An event of a party."""

    originator_id: Annotated[str, StringConstraints(pattern=r"^PARTY-[A-Z0-9-]{1,34}$")]


class OfficialEvent(DirectoryEvent):
    """An event of an official."""

    originator_id: OfficialCode


class SiteOpened(SiteEvent):
    """A site begins to serve."""

    TOPIC: ClassVar[str] = "site.opened"
    EFFECTS = frozenset({"SAYS_ONCE"})
    OPENS = True
    AFTER_END = True
    kind: SiteKind
    name: Text
    name_ar: Text = ""
    capacity: Annotated[int, Field(ge=0)] | None = None
    crossing: SiteCode | None = None
    operator: PartyCode | None = None

    def evolve(self, s: Site) -> Site:
        if s.kind is not None and not s.closed:
            return s  # said once; what stands is changed by a correction (rule 31)
        return s._replace(
            closed=False,
            kind=self.kind,
            name=self.name,
            name_ar=self.name_ar,
            since=self.occurred_at,
            capacity=self.capacity,
            crossing=self.crossing,
            operator=self.operator,
            operators=(*s.operators, (self.occurred_at, self.operator)),
        )


class CapacitySet(SiteEvent):
    """A site holds so many places from now on."""

    TOPIC: ClassVar[str] = "site.capacity_set"
    capacity: Annotated[int, Field(ge=0)]

    def evolve(self, s: Site) -> Site:
        return s._replace(capacity=self.capacity)


class OperatorNamed(SiteEvent):
    """A party runs the site from now on."""

    TOPIC: ClassVar[str] = "site.operator_named"
    operator: PartyCode

    def evolve(self, s: Site) -> Site:
        operators = (*s.operators, (self.occurred_at, self.operator))
        return s._replace(operator=self.operator, operators=operators)


class SiteClosed(SiteEvent):
    """A site no longer serves."""

    TOPIC: ClassVar[str] = "site.closed"

    def evolve(self, s: Site) -> Site:
        return s._replace(closed=True, since=self.occurred_at)


class PartyNamed(PartyEvent):
    """A party becomes known, or is named anew."""

    TOPIC: ClassVar[str] = "party.named"
    OPENS = True
    kind: PartyKind
    name: Text
    name_ar: Text = ""
    security: bool = False

    def evolve(self, s: Party) -> Party:
        return s._replace(
            kind=self.kind,
            name=self.name,
            name_ar=self.name_ar,
            security=self.security,
            since=self.occurred_at,
        )


class PartyRecognised(PartyEvent):
    """An authority recognises the party as one that weapons may be returned to."""

    TOPIC: ClassVar[str] = "party.recognised"
    EFFECTS = frozenset({"SAYS_ONCE"})
    authority: Annotated[Text, Field(min_length=1)]

    def evolve(self, s: Party) -> Party:
        if s.recognised:
            return s  # said once; what stands is changed by a correction (rule 31)
        return s._replace(recognised=self.authority)


class RecognitionWithdrawn(PartyEvent):
    """The party is no longer a recognised recipient."""

    TOPIC: ClassVar[str] = "party.recognition_withdrawn"

    def evolve(self, s: Party) -> Party:
        return s._replace(recognised="")


class OfficialAppointed(OfficialEvent):
    """An official of a party becomes known, perhaps with first roles."""

    TOPIC: ClassVar[str] = "official.appointed"
    OPENS = True
    AFTER_END = True
    party: PartyCode
    post: Text = ""
    roles: tuple[Role, ...] = ()

    def evolve(self, s: Official) -> Official:
        return s._replace(
            party=self.party,
            post=self.post,
            dismissed=False,
            since=self.occurred_at,
            roles={**s.roles, **dict.fromkeys(self.roles)},
        )


class RoleGranted(OfficialEvent):
    """The official may do what the role may, until an instant or for good."""

    TOPIC: ClassVar[str] = "official.role_granted"
    role: Role
    valid_until: Instant | None = None

    def evolve(self, s: Official) -> Official:
        return s._replace(roles={**s.roles, self.role: self.valid_until})


class RoleEnded(OfficialEvent):
    """The official no longer holds the role."""

    TOPIC: ClassVar[str] = "official.role_ended"
    role: Role

    def evolve(self, s: Official) -> Official:
        return s._replace(roles={r: until for r, until in s.roles.items() if r != self.role})


class KeyRegistered(OfficialEvent):
    """The official signs with this key from now on."""

    TOPIC: ClassVar[str] = "official.key_registered"
    public_key: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9+/]{43}=$")]

    def evolve(self, s: Official) -> Official:
        return s._replace(key=self.public_key)


class KeyRevoked(OfficialEvent):
    """The official's key is no longer good."""

    TOPIC: ClassVar[str] = "official.key_revoked"

    def evolve(self, s: Official) -> Official:
        return s._replace(key="")


class OfficialDismissed(OfficialEvent):
    """The official no longer serves."""

    TOPIC: ClassVar[str] = "official.dismissed"

    def evolve(self, s: Official) -> Official:
        return s._replace(dismissed=True, since=self.occurred_at)


register(
    SiteOpened,
    CapacitySet,
    OperatorNamed,
    SiteClosed,
    PartyNamed,
    PartyRecognised,
    RecognitionWithdrawn,
    OfficialAppointed,
    RoleGranted,
    RoleEnded,
    KeyRegistered,
    KeyRevoked,
    OfficialDismissed,
)
