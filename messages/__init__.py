"""What may be said: commands, events and frames, one file per addressee."""
