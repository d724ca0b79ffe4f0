"""Look at one thing, once: a port, an address, a database, a file."""
