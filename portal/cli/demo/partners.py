"""Forty service points in Brazilian cities, and the credit policies that some of them have."""

from dataclasses import dataclass
from decimal import Decimal

from stdnum.br import cnpj

from portal import clock
from portal.cli.demo.stage import Stage
from portal.partners import services as partners
from portal.partners.models import Collects
from portal.partners.rules import Limits, PointFacts, SalePolicy, Shop

POLICIES = (
    Limits("PREPAGO", "Pré-pago, sem limite a descoberto", money=Decimal(0)),
    Limits("ATE-500", "Até R$ 500 a descoberto", money=Decimal(500)),
    Limits("ATE-2000", "Até R$ 2.000 a descoberto", money=Decimal(2000)),
    Limits("CONTABIL", "Escritórios contábeis", money=Decimal(3500), documents=3, age_days=15),
    Limits("SOMENTE-PRAZO", "Nenhum documento vencido há mais de 10 dias", age_days=10),
)

LOW, OWING, EXPIRING, EXPIRED = "PA-0012", "PA-0017", "PA-0005", "PA-0008"
"""Below its threshold; in debt within its overdraft; credit about to end; credit that ended."""
CLOSED, NEW = "PA-0039", "PA-0040"
"""No longer active; just put on file, still without a price table."""
FIXED_PRICES = ("PA-0021", "PA-0036")
"""Their sellers may type no price: they sell at the prices of their sale tables."""
POLICY_OF = {
    "PA-0003": "ATE-500",
    "PA-0009": "ATE-500",
    "PA-0014": "PREPAGO",
    OWING: "ATE-2000",
    "PA-0023": "ATE-2000",
    "PA-0028": "CONTABIL",
    "PA-0029": "CONTABIL",
    "PA-0035": "SOMENTE-PRAZO",
}
_NAMES = (
    "Certa Sé, São Paulo/SP", "Certa Pinheiros, São Paulo/SP", "Certa Campinas/SP",
    "Certifica Santos/SP", "Assina Digital Sorocaba/SP", "Ribeirão Certificados/SP",
    "Vale Digital, São José dos Campos/SP", "Certa Bauru/SP", "Certa Centro, Rio de Janeiro/RJ",
    "Niterói Certificação/RJ", "Serra Digital, Petrópolis/RJ", "Certa Savassi, Belo Horizonte/MG",
    "Uberlândia Certificados/MG", "Mata Digital, Juiz de Fora/MG", "Certa Vitória/ES",
    "Assina Curitiba/PR", "Londrina Certifica/PR", "Iguaçu Digital, Foz do Iguaçu/PR",
    "Certa Florianópolis/SC", "Joinville Certificados/SC", "Certa Porto Alegre/RS",
    "Serra Gaúcha Digital, Caxias do Sul/RS", "Pelotas Certifica/RS", "Certa Brasília/DF",
    "Goiânia Digital/GO", "Certa Cuiabá/MT", "Pantanal Certificados, Campo Grande/MS",
    "Moura Contabilidade, Salvador/BA", "Lima e Filhos Contadores, Feira de Santana/BA",
    "Certa Aracaju/SE", "Certa Recife/PE", "Agreste Digital, Caruaru/PE", "Certa João Pessoa/PB",
    "Certa Natal/RN", "Certa Fortaleza/CE", "Certa Teresina/PI", "Ilha Digital, São Luís/MA",
    "Certa Belém/PA", "Manaus Certificados/AM", "Certa Palmas/TO",
)  # fmt: skip
_MANAGERS = (
    "Carla Nunes", "Carla Nunes", "Diego Prado", "Sílvia Tavares", "Renato Braga", "Lúcia Porto",
    "Fábio Antunes", "Joana Castilho", "Paulo Meireles", "Tereza Assis", "Igor Valadares",
    "Débora Quintela", "Murilo Fontes", "Vera Brandão", "César Loureiro", "Nádia Krause",
    "Ivo Sampaio", "Elaine Bortoli", "Marcos Werner", "Sandra Heck", "Lauro Machado",
    "Gisele Pasini", "Túlio Farias", "Adriana Melo", "Wagner Peixoto", "Rosana Leite",
    "Edson Barreto", "Ana Moura", "Otto Lima", "Célia Dantas", "Breno Cavalcanti", "Zélia Torres",
    "Hugo Medeiros", "Flávia Rocha", "Nelson Pontes", "Rita Sales", "Caio Serra", "Míriam Lobato",
    "Davi Benchimol", "Lia Coelho",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Point:
    """A service point as the demo knows it."""

    number: int
    name: str
    manager: str

    @property
    def code(self) -> str:
        """PA-0001 and so on: ponto de atendimento."""
        return f"PA-{self.number:04}"

    @property
    def tax_id(self) -> str:
        """A valid CNPJ; every fifth has letters, as new ones have since 2026."""
        root = f"{(31_415_926 + self.number * 27_182_819) % 100_000_000:08}"
        if self.number % 5 == 0:
            root = f"{root[:2]}C{root[3]}RT{root[6]}A"
        bare = f"{root}0001"
        return bare + cnpj.calc_check_digits(bare)


POINTS = [
    Point(number, name, manager)
    for number, (name, manager) in enumerate(zip(_NAMES, _MANAGERS, strict=True), 1)
]


def put_policies_on_file(stage: Stage) -> None:
    """Put the credit policies on file."""
    for limits in POLICIES:
        partners.create_credit_policy(
            stage.session, limits, by=stage.actors["administrator"], at=clock.now()
        )


def put_points_on_file(stage: Stage) -> None:
    """Put all service points on file but the newest, each with its account."""
    for point in POINTS:
        if point.code != NEW:
            _put_on_file(stage, point)
    stage.note_points()


def put_newest_on_file(stage: Stage) -> None:
    """The newest one came this week and waits for its price tables."""
    _put_on_file(stage, POINTS[-1])


def close_one(stage: Stage) -> None:
    """One gave up a month ago; what it did stays."""
    partners.change_service_point(
        stage.session,
        CLOSED,
        {"active": False},
        by=stage.actors["administrator"],
        at=clock.now(),
    )


def _put_on_file(stage: Stage, point: Point) -> None:
    facts = PointFacts(
        code=point.code,
        name=point.name,
        tax_id=point.tax_id,
        sale_policy=_sale_policy(point),
        debt_enabled=point.number % 7 == 0,
        collects=Collects.HEADQUARTERS if point.number % 9 == 0 else Collects.SERVICE_POINT,
        shop=Shop(point.code.lower()) if point.number % 6 == 1 else None,
        low_balance_threshold=Decimal(500) if point.number % 4 == 0 else None,
        credit_policy=POLICY_OF.get(point.code),
    )
    partners.create_service_point(
        stage.session, facts, by=stage.actors["administrator"], at=clock.now()
    )


def _sale_policy(point: Point) -> SalePolicy:
    if point.code in FIXED_PRICES:
        return SalePolicy(Decimal(5), Decimal(0), may_edit_final_price=False)
    return SalePolicy(Decimal(10 + point.number % 3 * 5), Decimal(20), may_edit_final_price=True)
