"""The way in: sources → bytes → entries → articles → store and index."""
