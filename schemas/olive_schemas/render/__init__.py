"""Pages, the fallback JSON schema and the extension's types, rendered from the schema files.

`python -m olive_schemas.render` writes them into a checkout; with `--check` it only says which are stale. They are
committed, so that they can be read where they lie: `docs/passes.md`, `docs/config.md`, `extension/olive-config.schema.json`,
`extension/src/protocol.ts`.
"""
