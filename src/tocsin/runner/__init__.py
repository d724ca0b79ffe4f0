"""Run a command with limits: where it runs, for how long, with what it may know."""
