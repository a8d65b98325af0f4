"""The blueprint of the pages of prices."""

from flask import Blueprint

bp = Blueprint("pricing", __name__)
