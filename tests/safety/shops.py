"""The two units' shops: what stands in their addresses, and an order in each."""

from decimal import Decimal
from io import BytesIO
from typing import Any

from PIL import Image
from sqlalchemy.orm import Session

from portal.partners import services as partners
from portal.storefronts.models import Shop, ShopLogo
from portal.storefronts.queries.front import load_front, load_items
from portal.storefronts.rules.buyers import Buyer
from portal.storefronts.rules.cart import CartLine
from portal.storefronts.services.checkout import Wish, order_from_cart
from tests.factories import NOON, make_actor
from tests.safety.world import Person, Unit, World

LANGUAGE = {"language": "es"}
LOGO = "0123456789abcdef"


def slug_of(unit: Unit) -> str:
    """Return the address of a unit's shop."""
    return f"loja-{unit.code.lower()}"


def at_home(world: World, person: Person, **more: str) -> dict[str, Any]:
    """Return an address in the shop of the person's unit."""
    return {"slug": slug_of(world.unit(person.unit or "a")), **LANGUAGE, **more}


def nowhere(**more: str) -> dict[str, Any]:
    """Return an address of which a part is not there."""
    return {"slug": "loja-sp-a", **LANGUAGE, **more}


def link_of(world: World, person: Person) -> str:
    """Return the secret link of the order in the shop of the person's unit."""
    return world.unit(person.unit or "a").link


def open_shops(session: Session, world: World) -> None:
    """Open both shops, and let somebody order in each."""
    for unit in (world.a, world.b):
        said = {"legal_name": f"Loja {unit.code} Ltda", "email": "loja@unidade.example"}
        session.add(Shop(service_point_id=unit.point_id, updated_at=NOON, **said))
        opened = {"slug": slug_of(unit), "enabled": True}
        shop: Any = {"shop": opened, "tax_id": "12.ABC.345/01DE-35"}
        partners.change_service_point(session, unit.code, shop, by=make_actor(), at=NOON)
        logo = {"media_type": "image/png", "width": 9, "height": 9, "content": picture()}
        session.add(ShopLogo(service_point_id=unit.point_id, digest=LOGO, **logo))
        session.flush()
        unit.link = _order(session, unit)


def picture() -> bytes:
    """Return a picture as logos are stored."""
    content = BytesIO()
    Image.new("RGB", (9, 9)).save(content, "PNG")
    return content.getvalue()


def _order(session: Session, unit: Unit) -> str:
    front = load_front(session, unit.point_id)
    item = next(iter(load_items(session, front, NOON.date()).values()))
    wish = Wish(
        front=front,
        cart=(CartLine(item.sku, Decimal(1)),),
        buyer=Buyer("person", "Maria", "52998224725", "maria@example.com", "+551930001234"),
        seen_total=item.price,
        consent="Concordo",
        language="pt_BR",
        base_url="http://localhost",
        address="192.0.2.7",
    )
    return order_from_cart(session, wish, secret="s", at=NOON)
