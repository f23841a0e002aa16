"""The steps that give stale nodes a new start, a module each."""
