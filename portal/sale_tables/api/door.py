"""The endpoints of sale tables."""

from portal.web.endpoint import Endpoints

api = Endpoints("sale_tables", "portal.sale_tables.api")
