"""Excel on the desktop: the .xlam, its ribbon, and the functions behind it through classic xlwings."""

# The add-in's own xlwings settings: sheet "SalesPlan.conf" in the add-in, then SalesPlan.conf in the user's folder (see
# build.py).
PROJECT = "SalesPlan"
ADDIN_FILE = "SalesPlan.xlam"
FUNCTIONS_MODULE = "addin.desktop.functions"
RIBBON_MODULE = "addin.desktop.ribbon"
