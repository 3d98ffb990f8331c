"""Readers that run in a process of their own, its memory and its time bounded: a few kilobytes may claim terabytes.

Each module here is run by importers.books with ``python -m``, imports nothing of the other rooms, and prints one JSON document a
line: what it has found (``{"sheets": […]}``, or ``{"error": …}``); then, for the sheet whose rank it is told on its standard
input, each row as ``[line, cells]``; then ``null``.
"""
