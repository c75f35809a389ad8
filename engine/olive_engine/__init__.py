"""olive_engine."""
