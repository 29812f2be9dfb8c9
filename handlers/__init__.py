"""The way in for people: HTTP and sockets. Parses, asks an actor, renders."""
