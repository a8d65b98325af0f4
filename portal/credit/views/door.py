"""The blueprint of credit's pages."""

from flask import Blueprint

bp = Blueprint("credit", __name__)
