"""Send one statement to a PostgreSQL, in a session that only reads, by way of the system's `psql`.

Neither the address nor the statement is read by a shell; the password is never an argument.
"""

from datetime import timedelta

from tocsin.runner import local
from tocsin.runner.addresses import without_password
from tocsin.runner.command import Command, Outcome, base_environment

CONNECTING = 5
LOCK_SECONDS = 1
_TEXT = 'exec psql -X -w -v ON_ERROR_STOP=1 -P pager=off -d "$TOCSIN_ADDRESS" -c "$TOCSIN_STATEMENT"'


async def run(command: Command, address: str) -> Outcome:
    """Send the text of a command as one statement and give what came of it, as `psql` prints it."""
    bare, password = without_password(address)
    milliseconds = max(1, round(command.timeout.total_seconds() * 1000))
    environment = {
        **base_environment(),
        "TOCSIN_ADDRESS": bare,
        "TOCSIN_STATEMENT": command.text,
        "PGAPPNAME": "tocsin",
        "PGCONNECT_TIMEOUT": str(CONNECTING),
        "PGOPTIONS": f"-c default_transaction_read_only=on -c statement_timeout={milliseconds} "
        f"-c lock_timeout={LOCK_SECONDS * 1000} -c idle_in_transaction_session_timeout={milliseconds}",
        **({"PGPASSWORD": password} if password else {}),
    }
    return await local.run(
        Command(
            text=_TEXT,
            environment=environment,
            timeout=command.timeout + timedelta(seconds=CONNECTING),
            cap=command.cap,
            secrets=(*command.secrets, address, *((password,) if password else ())),
        )
    )
