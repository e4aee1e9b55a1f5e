"""Buttons for the person at Excel that change no data: one module each, found by ``addin.ribbon``."""
