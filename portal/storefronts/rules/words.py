"""What a shop says in set words, in the visitor's language: consent and mails."""

from portal.i18n import N_, said_in

CONSENT = N_(
    "I agree that %(shop)s uses my name, document, e-mail and phone to carry out this order and to"
    " issue the documents that the law asks for (Lei 13.709/2018, LGPD)."
)


def consent_text(shop: str, language: str) -> str:
    """Return word for word what a visitor agrees to."""
    return said_in(language, CONSENT) % {"shop": shop}
