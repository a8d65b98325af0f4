"""Why the catalogue refuses."""

from portal.errors import AlreadyExists, NotFound, Problem, Refused
from portal.i18n import N_


class NoSuchProduct(NotFound):
    """No product has this SKU."""

    text = N_("There is no product with the SKU %(sku)s.")

    def __init__(self, sku: str) -> None:
        super().__init__(sku=sku)


class NoSuchIssuer(NotFound):
    """No issuer has this code."""

    text = N_("There is no issuer with the code %(issuer)s.")

    def __init__(self, code: str) -> None:
        super().__init__(issuer=code)


class SkuTaken(AlreadyExists):
    """Another product has this SKU."""

    text = N_("There is already a product with the SKU %(sku)s.")

    def __init__(self, sku: str) -> None:
        problem = Problem("sku", self.code, self.text, {"sku": sku})
        super().__init__(problems=(problem,), sku=sku)


class IssuerCodeTaken(AlreadyExists):
    """Another issuer has this code."""

    text = N_("There is already an issuer with the code %(issuer)s.")

    def __init__(self, code: str) -> None:
        problem = Problem("code", self.code, self.text, {"issuer": code})
        super().__init__(problems=(problem,), issuer=code)


class UnknownCreditType(Refused):
    """No credit type has this code."""

    code = "unknown_credit_type"
    text = N_("There is no credit type %(credit_type)s.")

    def __init__(self, credit_type: str) -> None:
        facts = {"credit_type": credit_type}
        problem = Problem("credit_type", self.code, self.text, facts)
        super().__init__(problems=(problem,), **facts)
