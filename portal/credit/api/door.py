"""The endpoints of credit."""

from portal.web.endpoint import Endpoints

api = Endpoints("credit", "portal.credit.api")
