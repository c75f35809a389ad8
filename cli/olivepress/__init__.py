"""The command line of Olive Press: `olivepress` and the script `olive`.

Each verb is a module of its own that is imported when it was chosen, so that `olivepress --help` costs little more than
the interpreter. Nothing here does the work: it reads, asks `olive_engine`, and shows.
"""
