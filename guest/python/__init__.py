"""Mayfly's Python guest: code that runs inside the sandbox, on Python 3.9 and later, with nothing but its standard library."""
