"""The blueprint of the pages of sale tables."""

from flask import Blueprint

bp = Blueprint("sale_tables", __name__)
EDITION = "/sale-tables/<int:table_id>/editions/<int:edition_id>"
