"""What the world says of a document: its files, the shell, programs, addresses and the database. Nothing is changed."""
