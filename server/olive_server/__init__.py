"""The language server: documents, checks, features, handlers. Only its outer modules know the protocol."""
