"""What is handed over on paper or as PDF: letters set by Typst with a Chinese font embedded, sheets by LibreOffice where it is installed.

``typeset`` sets a text, ``office`` prints sheets, ``quotation`` is what a customer gets of a Flex quote, ``second_look`` sees that nothing of
ours stands in it.
"""
