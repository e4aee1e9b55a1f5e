"""The cockpit as one page of HTML that needs nothing else: from a watch to a wall, light and dark, without a program running in it.

``reading`` says what of a plan it shows, ``scope`` whose rows those may be, ``cards`` what stands behind a name, ``drawings`` the
pictures, ``sections`` the parts of the page, ``made`` the whole. Nothing is worked out here: figures are those of the sheets' cells.
"""
