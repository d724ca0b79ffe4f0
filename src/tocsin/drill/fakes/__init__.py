"""Other people's services, as far as we speak to them: for rehearsals, and for trying things by hand.

Each keeps to what its service documents, remembers what it was sent, and misbehaves when told to. They are checked with
the services' own clients.
"""
