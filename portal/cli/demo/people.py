"""Who signs in to the demo: one user for each profile, and the owner of every service point."""

from dataclasses import dataclass

from sqlalchemy import select

from portal import clock
from portal.actors import Actor, Place
from portal.cli.demo.partners import NEW, POINTS
from portal.cli.demo.stage import Stage
from portal.partners.models import ServicePoint
from portal.people.models import Profile, User
from portal.people.rules.permissions import COMMAND_LINE, as_set
from portal.people.services import users

PASSWORD = "certificado-digital"  # noqa: S105 - of a demo: refused in production, and printed
DOMAIN = "certa.example"


@dataclass(frozen=True, slots=True)
class Person:
    """Someone of the demo; `points` are codes, none for people of headquarters."""

    profile: str
    name: str
    email: str
    points: tuple[str, ...] = ()


HEADQUARTERS = (
    Person("administrator", "Helena Duarte", f"helena@{DOMAIN}"),
    Person("pricing", "Rafael Pires", f"rafael@{DOMAIN}"),
    Person("finance", "Beatriz Lemos", f"beatriz@{DOMAIN}"),
    Person("auditor", "Otávio Reis", f"otavio@{DOMAIN}"),
)
TWO_POINTS = Person("owner", "Carla Nunes", f"carla@{DOMAIN}", ("PA-0001", "PA-0002"))
SELLERS = (
    Person("seller", "Marina Costa", f"marina@{DOMAIN}", ("PA-0001",)),
    Person("seller", "João Alves", f"joao@{DOMAIN}", ("PA-0003",)),
)
OWNER = Person("owner", "Diego Prado", f"diego@{DOMAIN}", ("PA-0003",))
SHOWN = (*HEADQUARTERS, TWO_POINTS, OWNER, *SELLERS)
"""Those that the command names; the other owners sign in as pa-0004@… and so on."""


def other_owners() -> list[Person]:
    """Return an owner for each service point that has none yet."""
    taken = {*TWO_POINTS.points, *OWNER.points, NEW}
    return [
        Person("owner", point.manager, f"{point.code.lower()}@{DOMAIN}", (point.code,))
        for point in POINTS
        if point.code not in taken
    ]


def let_headquarters_in(stage: Stage, password_hash: str) -> None:
    """Create the users of headquarters."""
    for person in HEADQUARTERS:
        stage.actors[person.profile] = _let_in(stage, person, password_hash)


def let_partners_in(stage: Stage, password_hash: str) -> None:
    """Create the owners and sellers of service points."""
    for person in (TWO_POINTS, OWNER, *other_owners()):
        actor = _let_in(stage, person, password_hash)
        stage.actors.update(dict.fromkeys(person.points, actor))
    for person in SELLERS:
        stage.actors[f"seller of {person.points[0]}"] = _let_in(stage, person, password_hash)


def _let_in(stage: Stage, person: Person, password_hash: str) -> Actor:
    user = users.create_user(
        stage.session,
        by=COMMAND_LINE,
        email=person.email,
        name=person.name,
        profile_code=person.profile,
        service_points=person.points,
        password_hash=password_hash,
        at=clock.now(),
    )
    return _actor(stage, user, person)


def _actor(stage: Stage, user: User, person: Person) -> Actor:
    """Return the user at work; from a network that only documents use."""
    profile = stage.session.get_one(Profile, user.profile_id)
    wanted = select(ServicePoint.id, ServicePoint.code, ServicePoint.name)
    own = wanted.where(ServicePoint.code.in_(person.points)).order_by(ServicePoint.name)
    return Actor(
        user_id=user.id,
        email=user.email,
        name=user.name,
        profile_name=profile.name,
        headquarters=profile.headquarters,
        permissions=as_set(profile.permissions),
        service_points=tuple(Place(*row) for row in stage.session.execute(own).tuples()),
        address=f"192.0.2.{user.id % 250 + 1}",
    )
