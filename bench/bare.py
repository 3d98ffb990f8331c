"""A Flask page that does nothing, on the same server as the program: what the API's figures are told against."""

from __future__ import annotations

from flask import Flask

app = Flask(__name__)


@app.get("/")
def page() -> str:
    """Nothing."""
    return "ok"
