"""Run a command where it belongs: on this machine, on another one, in a database."""

from tocsin.runner import database, local, remote
from tocsin.runner.command import Command, Host, Outcome


async def run(command: Command) -> Outcome:
    """Run it and give what came of it. Cancelling this ends the command before the cancellation goes on."""
    if isinstance(command.where, Host):
        return await remote.run(command, command.where)
    if command.where is not None:
        return await database.run(command, command.where.address)
    return await local.run(command)
