"""What mails about a site order say: to visitor and shop's people, in their languages.

No mail holds what the service point pays, or what credit it has.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal

from babel.dates import format_date
from babel.numbers import format_decimal
from markupsafe import Markup, escape

from portal.i18n import N_, said_in


@dataclass(frozen=True, slots=True)
class Told:
    """What a mail may tell of an order. Moments are as people of the installation read them."""

    number: int
    shop: str
    buyer: str
    lines: Sequence[tuple[str, Decimal, Decimal]]
    """Name, quantity and amount of each."""
    total: Decimal
    link: str
    pay_until: datetime | None
    money_returns: bool
    """Whether money was paid that goes back."""
    contact: str
    returned: Decimal | None = None
    """What of the money has just gone back."""


@dataclass(frozen=True, slots=True)
class MailText:
    """A mail, ready to be put into the outbox."""

    subject: str
    text: str
    html: str


RETURNED, RETURNED_PARTLY = "refunded", "partly_refunded"
"""No states of an order: that its money has gone back, all at once or a part."""

_VISITOR: dict[str, tuple[str, tuple[str, ...], str]] = {
    "awaiting_payment": (
        N_("Order %(number)s at %(shop)s: waiting for your Pix"),
        (N_("Your order is kept for you until %(until)s. Pay by Pix on the page of your order."),),
        N_("Pay now"),
    ),
    "placed": (
        N_("Order %(number)s at %(shop)s: paid and confirmed"),
        (N_("Your payment of %(total)s arrived, and your order is under way."),),
        N_("See the order"),
    ),
    "awaiting_credit": (
        N_("Order %(number)s at %(shop)s: your payment arrived"),
        (
            N_("Your payment of %(total)s arrived. The shop is about to confirm your order."),
            N_("You need not do anything: another e-mail comes when it is confirmed."),
        ),
        N_("See the order"),
    ),
    "lapsed": (
        N_("Order %(number)s at %(shop)s: the time to pay is over"),
        (
            N_("No payment arrived until %(until)s, so the order is no longer kept for you."),
            N_("If you have paid in the meantime, you need not do anything: we check it."),
        ),
        N_("Order again"),
    ),
    "fulfilled": (
        N_("Order %(number)s at %(shop)s: done"),
        (N_("Your order has been carried out. Thank you for buying with us."),),
        N_("See the order"),
    ),
    "cancelled": (
        N_("Order %(number)s at %(shop)s: cancelled"),
        (N_("Your order was cancelled. You were charged nothing."),),
        N_("See the order"),
    ),
    RETURNED: (
        N_("Order %(number)s at %(shop)s: your money was returned"),
        (N_("The %(total)s that you paid went back to the account they came from."),),
        N_("See the order"),
    ),
    RETURNED_PARTLY: (
        N_("Order %(number)s at %(shop)s: money was returned to you"),
        (
            N_(
                "%(returned)s of the %(total)s that you paid went back to the account they came"
                " from."
            ),
        ),
        N_("See the order"),
    ),
}
_GOES_BACK = N_("Your order was cancelled. The %(total)s that you paid go back to you.")

_PEOPLE: dict[str, tuple[str, str]] = {
    "placed": (
        N_("Site order %(number)s: paid and placed"),
        N_("%(buyer)s bought in the shop for %(total)s. The order was paid and placed."),
    ),
    "awaiting_credit": (
        N_("Site order %(number)s: paid, waits to be placed"),
        N_(
            "%(buyer)s paid %(total)s in the shop, but the order could not be placed: credit is"
            " missing, or a product has no acquisition price today. It is placed by itself as soon"
            " as that is settled."
        ),
    ),
    "cancelled": (
        N_("Site order %(number)s: cancelled"),
        N_("The order of %(buyer)s for %(total)s in the shop was cancelled."),
    ),
}
MINE = (
    N_("Your orders at %(shop)s"),
    N_("Here are your orders of the last 90 days at %(shop)s:"),
    N_("If you did not ask for this, you need not do anything."),
)


def to_visitor(state: str, told: Told, language: str) -> MailText | None:
    """Return the mail about a state; None where there is nothing to tell."""
    found = _VISITOR.get(state)
    if found is None:
        return None
    subject, paragraphs, action = found
    if state == "cancelled" and told.money_returns:
        paragraphs = (_GOES_BACK,)
    facts = _facts(told, language)
    greeting = said_in(language, N_("Hello, %(buyer)s!"))
    said = [greeting, *(said_in(language, one) for one in paragraphs)]
    lines = [
        f"{name} × {number(quantity, language)}: {money(amount, language)}"
        for name, quantity, amount in told.lines
    ]
    lines.append(said_in(language, N_("Total: %(total)s")) % facts)
    closing = [said_in(language, N_("Questions? %(contact)s")) % facts] if told.contact else []
    return _written(
        said_in(language, subject) % facts,
        [one % facts for one in said],
        lines,
        (said_in(language, action), told.link),
        closing,
    )


def to_people(state: str, told: Told, language: str) -> MailText | None:
    """Return the mail to the service point's people; None for what they need not be told."""
    found = _PEOPLE.get(state)
    if found is None:
        return None
    facts = _facts(told, language)
    action = said_in(language, N_("See the order")), told.link
    subject, text = (said_in(language, one) % facts for one in found)
    return _written(subject, [text], [], action, [])


def of_orders(shop: str, orders: Sequence[tuple[int, Decimal, str]], language: str) -> MailText:
    """Return the mail that names someone's orders: number, total and link of each."""
    subject, lead, closing = (said_in(language, one) % {"shop": shop} for one in MINE)
    words = said_in(language, N_("Order %(number)s, %(total)s"))
    named = [
        (words % {"number": key, "total": money(total, language)}, link)
        for key, total, link in orders
    ]
    text = "\n\n".join([lead, *(f"{name}\n{link}" for name, link in named), closing])
    html = Markup("").join(
        [
            _paragraph(lead),
            *(Markup('<p><a href="{}">{}</a></p>').format(link, name) for name, link in named),
            _paragraph(closing),
        ]
    )
    return MailText(subject, text, str(html))


def money(value: Decimal, language: str) -> str:
    """Write an amount as people read it."""
    exact = value.quantize(Decimal("0.01"), ROUND_HALF_UP)
    return f"R$\u00a0{format_decimal(exact, '#,##0.00', locale=language)}"


def number(value: Decimal, language: str) -> str:
    """Write a quantity without trailing zeros."""
    return str(format_decimal(value, "#,##0.###", locale=language))


def moment(value: datetime, language: str) -> str:
    """Write a moment that is already in people's own time."""
    return f"{format_date(value, 'medium', locale=language)}, {value:%H:%M}"


def _facts(told: Told, language: str) -> dict[str, str]:
    return {
        "number": str(told.number),
        "shop": told.shop,
        "buyer": told.buyer,
        "total": money(told.total, language),
        "returned": money(told.returned or told.total, language),
        "until": moment(told.pay_until, language) if told.pay_until else "",
        "contact": told.contact,
    }


def _written(
    subject: str,
    paragraphs: Sequence[str],
    lines: Sequence[str],
    action: tuple[str, str],
    closing: Sequence[str],
) -> MailText:
    name, link = action
    parts = [*paragraphs, *(["\n".join(lines)] if lines else []), f"{name}: {link}", *closing]
    rows = Markup("<br>").join(lines)
    html = Markup("").join(
        [
            *map(_paragraph, paragraphs),
            Markup("<p>{}</p>").format(rows) if lines else Markup(""),
            Markup('<p><a class="button" href="{}">{}</a></p>').format(link, name),
            *map(_paragraph, closing),
        ]
    )
    return MailText(subject, "\n\n".join(parts), str(html))


def _paragraph(text: str) -> Markup:
    return Markup("<p>{}</p>").format(escape(text))
