"""A folder for the sockets of this process; what one that was killed left behind, the next that makes one removes.

A folder is locked for as long as its process lives, and whoever removes one holds that lock: so none that is in use is
ever removed, and whoever makes one sees when it was removed before it was locked.
"""

import contextlib
import fcntl
import os
import tempfile
from pathlib import Path

PREFIX = "tocsin-intake-"
_TRIES = 100


class OwnFolder:
    """A folder that nobody else can look into. Raises OSError where none can be made."""

    def __init__(self) -> None:
        """Remove what others left behind, and make one."""
        for left in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
            held = _held(left)
            if held is not None:
                _remove(left, held)
        self.path, self._held = _made()

    def socket(self, name: str) -> str:
        """Give where a socket of that name is made."""
        return str(self.path / name)

    def remove(self) -> None:
        """Remove it, with the sockets in it."""
        _remove(self.path, self._held)


def _made() -> tuple[Path, int]:
    for _ in range(_TRIES):
        path = Path(tempfile.mkdtemp(prefix=PREFIX))
        held = _held(path)
        if held is not None:
            return path, held
    raise OSError(f"no folder below {tempfile.gettempdir()} can be locked")


def _held(path: Path) -> int | None:
    """Lock a folder of ours; None where a process has it that lives, or it is there no more, or somebody else's."""
    try:
        folder = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    except OSError:
        return None
    with contextlib.suppress(OSError):
        fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
        found = os.fstat(folder)
        if found.st_uid == os.geteuid() and os.path.samestat(found, path.lstat()):
            return folder
    os.close(folder)
    return None


def _remove(path: Path, held: int) -> None:
    """Remove a locked folder: the sockets in it, and itself where nothing else is there."""
    with contextlib.suppress(OSError):
        for one in path.iterdir():
            if one.is_socket():
                one.unlink()
        path.rmdir()
    os.close(held)
