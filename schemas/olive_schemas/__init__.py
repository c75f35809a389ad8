"""olive_schemas."""
