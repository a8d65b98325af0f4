"""The endpoints of partners."""

from portal.web.endpoint import Endpoints

api = Endpoints("partners", "portal.partners.api")
