"""What an import knows of a Table beyond its columns: a module named like the Table (``tier_changes`` for TierChanges)
with ``RULES``."""
