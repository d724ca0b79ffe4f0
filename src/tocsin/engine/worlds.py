"""What decisions may look at: the runbook an incident is pinned to, and today's settings."""

from collections.abc import Callable

from tocsin.engine.building import Building
from tocsin.engine.ports import Store
from tocsin.errors import StoreUnavailable
from tocsin.lifecycle import World
from tocsin.runbook.policy import Runbook
from tocsin.settings import Settings
from tocsin.store import documents

ReadRunbook = Callable[[bytes, str], Runbook]


class Worlds:
    """The published runbooks by content, and the settings in force."""

    def __init__(self, store: Store, read_runbook: ReadRunbook, settings: Settings) -> None:
        """Take where versions are kept and how a document is read."""
        self._store = store
        self._read = read_runbook
        self._runbooks: dict[str, Runbook] = {}
        self._current: str | None = None
        self.settings = settings
        self.building = Building()

    @property
    def has_runbook(self) -> bool:
        """Give whether any version is in force yet."""
        return self._current is not None

    @property
    def current(self) -> World:
        """Give the world a new incident opens in."""
        if self._current is None:
            raise StoreUnavailable("no runbook is published yet; start with `tocsin serve RUNBOOK`")
        return World(self._runbooks[self._current], self.settings)

    def put_in_force(self, document: documents.Document, read: Runbook | None = None) -> Runbook:
        """Let new incidents open with that version; `read` is its policy where it was read already."""
        runbook = self._runbooks.setdefault(document.sha, read) if read is not None else self._remember(document)
        self._current = document.sha
        return runbook

    def at_hand(self, sha: str) -> World | None:
        """Give the world of an incident pinned to that version if it was read already, without asking the store."""
        return World(self._runbooks[sha], self.settings) if sha in self._runbooks else None

    async def of(self, sha: str | None) -> World:
        """Give the world of an incident pinned to that version; None = the one in force."""
        if sha is None:
            return self.current
        if sha not in self._runbooks:
            document = await self._store.read(documents.document_by_sha(sha))
            if document is None:
                raise StoreUnavailable(f"the runbook version {sha[:12]} is not in the store")
            self._remember(document)
        return World(self._runbooks[sha], self.settings)

    def _remember(self, document: documents.Document) -> Runbook:
        if document.sha not in self._runbooks:
            self._runbooks[document.sha] = self._read(document.body, document.path)
        return self._runbooks[document.sha]
