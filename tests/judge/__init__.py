"""LibreOffice as the independent judge of our workbooks, and as the camera.

`judge.compare` recalculates a workbook in LibreOffice, with our functions plugged in, and compares every cached
value with what came out. `render.render` shows the cached values as pages.
"""
