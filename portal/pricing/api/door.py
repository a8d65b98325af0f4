"""The endpoints of pricing."""

from portal.web.endpoint import Endpoints

api = Endpoints("pricing", "portal.pricing.api")
