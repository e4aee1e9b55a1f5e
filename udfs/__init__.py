"""The plan's formulas: plain Python over numbers, arrays and tables, registered once in a catalogue.

>>> import udfs
>>> udfs.call("COMMISSION", 1_000_000, 0.30)
[[12500.0]]
"""

from udfs.formula import call, catalogue, find
from udfs.text import Text, language, set_language, speaking
from udfs.values import ExcelError

__all__ = ["ExcelError", "Text", "call", "catalogue", "find", "language", "set_language", "speaking"]
