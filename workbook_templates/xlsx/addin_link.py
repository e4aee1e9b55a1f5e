"""The add-in as a workbook refers to it."""

from __future__ import annotations

# The add-in as a workbook refers to it; the type is what Excel writes for one in its start-up folder.
ADDIN = "SalesPlan.xlam"
XL_STARTUP = "http://schemas.microsoft.com/office/2006/relationships/xlExternalLinkPath/xlStartup"
