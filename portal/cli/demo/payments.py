"""Where Pix is received: headquarters, and the service points that have a shop."""

from portal import clock
from portal.cli.demo.partners import POINTS
from portal.cli.demo.stage import Stage
from portal.payments import services as payments
from portal.payments.rules.pix_keys import Recipient

HEADQUARTERS = Recipient(
    "financeiro@certa.example", "Certa Distribuidora de Certificados Ltda", "São Paulo"
)
CITIES = {
    "PA-0001": "São Paulo",
    "PA-0007": "São José dos Campos",
    "PA-0013": "Uberlândia",
    "PA-0019": "Florianópolis",
    "PA-0025": "Goiânia",
    "PA-0031": "Recife",
    "PA-0037": "São Luís",
}
"""Of the service points that have a shop; each takes its CNPJ for a key."""


def put_pix_keys_on_file(stage: Stage) -> None:
    """Say where money of charges goes to; the others are paid by hand."""
    known: dict[str | None, Recipient] = {None: HEADQUARTERS}
    known |= {
        point.code: Recipient(point.tax_id, point.name, CITIES[point.code], point.tax_id)
        for point in POINTS
        if point.code in CITIES
    }
    by, at = stage.actors["administrator"], clock.now()
    for code, recipient in known.items():
        payments.set_pix_account(stage.session, code, recipient, by=by, at=at)
