"""Why service points and credit policies are refused."""

from portal.errors import AlreadyExists, Forbidden, NotFound, Problem, Refused
from portal.i18n import N_


class NoSuchServicePoint(NotFound):
    """No service point has this code, or it is not one of those the asker sees."""

    text = N_("There is no service point with the code %(service_point)s.")

    def __init__(self, code: str) -> None:
        super().__init__(service_point=code)


class NoSuchCreditPolicy(NotFound):
    """No credit policy has this code, or it is none of those the asker sees."""

    text = N_("There is no credit limit with the code %(credit_policy)s.")

    def __init__(self, code: str) -> None:
        super().__init__(credit_policy=code)


class ServicePointCodeTaken(AlreadyExists):
    """Another service point has this code."""

    text = N_("There is already a service point with the code %(service_point)s.")

    def __init__(self, code: str) -> None:
        facts = {"service_point": code}
        super().__init__(problems=(Problem("code", self.code, self.text, facts),), **facts)


class SlugTaken(AlreadyExists):
    """Another shop has this address."""

    text = N_("There is already a shop with the address %(slug)s.")

    def __init__(self, slug: str) -> None:
        facts = {"slug": slug}
        super().__init__(problems=(Problem("shop.slug", self.code, self.text, facts),), **facts)


class CreditPolicyCodeTaken(AlreadyExists):
    """Another credit policy has this code."""

    text = N_("There is already a credit limit with the code %(credit_policy)s.")

    def __init__(self, code: str) -> None:
        facts = {"credit_policy": code}
        super().__init__(problems=(Problem("code", self.code, self.text, facts),), **facts)


class UnknownCreditPolicy(Refused):
    """A service point names a credit policy that does not exist."""

    code = "unknown_credit_policy"
    text = N_("There is no credit limit with the code %(credit_policy)s.")

    def __init__(self, code: str) -> None:
        facts = {"credit_policy": code}
        problem = Problem("credit_policy", self.code, self.text, facts)
        super().__init__(problems=(problem,), **facts)


class InvalidTaxId(Refused):
    """Neither a CPF nor a CNPJ: wrong length, wrong check digits, or one digit repeated."""

    code = "invalid_tax_id"
    text = N_("This is no valid CPF or CNPJ. Check its digits.")

    def __init__(self, field: str = "tax_id") -> None:
        super().__init__(problems=(Problem(field, self.code, self.text),))


class HeadquartersOnly(Forbidden):
    """People of a service point do not set the rules they work under."""

    text = N_("Only headquarters may change this.")
