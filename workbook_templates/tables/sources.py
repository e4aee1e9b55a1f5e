"""The Table of what was confirmed of files from elsewhere, and the kinds of what it holds."""

TABLE = "Sources"
COLUMN, TAX, RATE, STATUS, HIDDEN = "column", "tax", "rate", "status", "hidden"
