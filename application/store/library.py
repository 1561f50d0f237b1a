"""What a ledger offers to whoever knows the eventsourcing library: its doors read, and record nothing.

    custody.repository.get("W-000417-…")              the weapon as the ledger knows it now
    custody.repository.get("W-000417-…", version=3)   as it was known after its third event
    "W-000417-…" in custody.repository                whether there is such an aggregate
    custody.events.get("W-000417-…")                  its events, validated again
    custody.notification_log["1,10"]                  the log from its beginning

Events are recorded through commands alone, which the rules judge: `save`, `take_snapshot`, `events.put`
and `recorder.insert_events` are refused.
"""

from __future__ import annotations

from typing import Any, NoReturn, cast

from eventsourcing.application import Application, ProjectorFunction, Repository
from eventsourcing.persistence import EventStore
from eventsourcing.utils import Environment, EnvType

from domain import history
from domain.errors import NotAllowedError


class Aggregates(Repository[str]):
    """The library's repository with our projector: every stream folds by the one `evolve`."""

    def get(
        self,
        aggregate_id: str,
        *,
        version: int | None = None,
        projector_func: ProjectorFunction[Any, Any] = history.project,
        fastforward_skipping: bool = False,
        deepcopy_from_cache: bool = True,
    ) -> Any:
        """Return an aggregate's state: a Person, a Weapon, a Transfer or another kind.

        Args:
            aggregate_id: the stream. version: after so many events, as they were recorded.

        Raises:
            AggregateNotFoundError: the library's own, where there is no such stream or version.
        """
        return super().get(
            aggregate_id,
            version=version,
            projector_func=projector_func,
            fastforward_skipping=fastforward_skipping,
            deepcopy_from_cache=deepcopy_from_cache,
        )


class LibraryDoors(Application[str]):
    """The library's application, for reading."""

    def construct_env(self, name: str, env: EnvType | None = None) -> Environment:
        """Return our own settings alone: nothing in the process's environment changes the store."""
        return Environment(name, dict(env or {}))

    def construct_repository(self) -> Aggregates:
        """Return the repository; it keeps no cache, as a late fact changes what came before."""
        return Aggregates(self.events)

    @property
    def repository(self) -> Aggregates:
        """The repository: an aggregate by its identifier."""
        return cast("Aggregates", super().repository)

    def save(self, *_: object, **__: object) -> NoReturn:
        """Refused."""
        raise refusal("save")

    def take_snapshot(self, *_: object, **__: object) -> NoReturn:
        """Refused."""
        raise refusal("take_snapshot")

    def construct_snapshot_store(self) -> EventStore[str]:
        """Refused."""
        raise refusal("construct_snapshot_store")


def refusal(door: str) -> NotAllowedError:
    """Return the error for a door of the library that would store something past the rules."""
    return NotAllowedError(f"custody.{door} is refused: events are recorded through commands")
