"""The language features: pure functions on a `Document`, each in its own file.

Offsets in code points come in, frozen dataclasses go out. Nothing here knows the protocol, imports anything of a
workspace, or raises, whatever the text.
"""
