"""The bank's app of demos and tests: pays a charge at the simulated firm, which then tells of it.

Its address exists only where payments are simulated, which production refuses.
"""

import contextlib
from http.client import HTTPConnection, HTTPException

from flask import Flask, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from portal.clock import now
from portal.payments import queries
from portal.payments.errors import ChargeNotPending
from portal.payments.forms import SimulationForm
from portal.payments.models import SimulatedMove
from portal.payments.services.providers.simulated import NAME, pay, signed
from portal.transactions import read, transact
from portal.web.access import local_target, public
from portal.web.forms import form_page

HERE = "127.0.0.1"
PATIENCE_SECONDS = 5
TIMES = {"once": 1, "twice": 2, "never": 0}


def open_door(app: Flask) -> None:
    """Add the page."""
    rule = "/simulation/<token>"
    app.add_url_rule(rule, "payments.simulation", simulation, methods=["GET", "POST"])


@public
def simulation(token: str) -> ResponseReturnValue:
    """Show a charge as a bank would, and pay it; no money moves."""
    charge = read(queries.charge_by_token, token)
    form = SimulationForm()
    back = local_target(request.args.get("next")) or ""
    if form.submitted():
        try:
            move = transact(pay, charge.txid, at=now())
        except ChargeNotPending:
            form.refuse("", gettext("It cannot be paid any more."))
        else:
            for _ in range(TIMES[form.told.data]):
                tell(move)
            flash(gettext("Paid in the simulation: no money moved."), "success")
            return redirect(back or url_for("payments.simulation", token=token), 303)
    return form_page("payments/simulation.html", form, charge=charge, back=back, firm=NAME)


def tell(move: SimulatedMove) -> None:
    """Send the notification over HTTP to this very server; a lost one is made up for later."""
    headers, body = signed(move, now())
    port = int(request.environ["SERVER_PORT"])
    with contextlib.suppress(OSError, HTTPException):
        line = HTTPConnection(HERE, port, timeout=PATIENCE_SECONDS)
        with contextlib.closing(line):
            address = url_for("payments_api.take_notification", provider=NAME)
            line.request("POST", address, body, headers)
            line.getresponse().read()
