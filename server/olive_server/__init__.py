"""The language server: documents, checks, features, handlers. Only its outer modules know the protocol."""

VERSION = "0.1.0"
"""Of the whole distribution; a test holds it equal to pyproject.toml. Reading the metadata would cost the start 10 ms."""
