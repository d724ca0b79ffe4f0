"""What does a command do, and may it run by itself? A judgement of texts; nothing is run."""
