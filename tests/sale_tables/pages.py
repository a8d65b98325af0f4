"""What tests of the pages of sale tables share."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.sale_tables.models import SaleEdition


def text_of(answer: Any) -> str:
    return str(answer.get_data(as_text=True))


def path_of(edition: SaleEdition) -> str:
    return f"/sale-tables/{edition.sale_table_id}/editions/{edition.id}"


def newest(session: Session) -> SaleEdition:
    return session.scalars(select(SaleEdition).order_by(SaleEdition.id.desc()).limit(1)).one()
