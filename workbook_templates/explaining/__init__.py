"""Where a figure comes from: a tree of formulas, policy, rows and who decided, down to cells that somebody typed.

``tree`` walks it (what reads what is the engine's own knowledge, ``engine.tracing``), ``naming`` says what a cell is.
"""
