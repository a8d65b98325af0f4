"""The endpoints of payments."""

from portal.web.endpoint import Endpoints

api = Endpoints("payments", "portal.payments.api")
