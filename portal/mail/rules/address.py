"""Headers that nobody can smuggle anything into."""

from email.headerregistry import Address

from email_validator import EmailNotValidError, validate_email

SUBJECT_LENGTH = 200
RECIPIENT_LENGTH = 254


def recipient_of(text: str) -> str | None:
    """Return the one address that a mail may go to, or None when the text is none."""
    try:
        found = validate_email(
            text.strip(), check_deliverability=False, test_environment=True, allow_smtputf8=False
        )
        Address(addr_spec=found.normalized)
    except (EmailNotValidError, ValueError):
        return None
    return found.ascii_email


def subject_of(text: str) -> str:
    """Return a subject as one visible line; line ends would begin another header."""
    shown = "".join(sign if sign.isprintable() else " " for sign in text)
    return " ".join(shown.split())[:SUBJECT_LENGTH]
