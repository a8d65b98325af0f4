"""What the distributor sells: three issuers and twenty-five products."""

from dataclasses import dataclass
from decimal import Decimal

from portal import clock
from portal.catalogue import services as catalogue
from portal.catalogue.models import ProductKind
from portal.catalogue.rules import NewProduct
from portal.cli.demo.stage import Stage

AURORA, PRATA, BALIZA = "AC-AURORA", "AC-PRATA", "AC-BALIZA"
ISSUERS = {AURORA: "AC Aurora", PRATA: "AC Prata", BALIZA: "AC Baliza"}


@dataclass(frozen=True, slots=True)
class Article:
    """A product with what it costs at the list's base, and what final customers usually pay."""

    sku: str
    name: str
    category: str
    cost: Decimal
    retail: Decimal
    kind: ProductKind = ProductKind.SERVICE
    fractional: bool = False


def _of(
    category: str, *rows: tuple[str, str, str, str], good: bool = False, fractional: bool = False
) -> list[Article]:
    kind = ProductKind.GOOD if good else ProductKind.SERVICE
    return [
        Article(sku, name, category, Decimal(cost), Decimal(retail), kind, fractional)
        for sku, name, cost, retail in rows
    ]


PRODUCTS = [
    *_of(
        "Certificados e-CPF",
        ("ECPF-A1-12", "e-CPF A1, 12 meses", "62.00", "139.90"),
        ("ECPF-A3-12", "e-CPF A3, 12 meses", "74.50", "159.90"),
        ("ECPF-A3-36", "e-CPF A3, 36 meses", "118.00", "249.90"),
        ("ECPF-NUVEM-36", "e-CPF em nuvem, 36 meses", "126.40", "269.90"),
    ),
    *_of(
        "Certificados e-CNPJ",
        ("ECNPJ-A1-12", "e-CNPJ A1, 12 meses", "89.90", "199.90"),
        ("ECNPJ-A3-12", "e-CNPJ A3, 12 meses", "104.00", "229.90"),
        ("ECNPJ-A3-36", "e-CNPJ A3, 36 meses", "158.70", "349.90"),
        ("ECNPJ-NUVEM-36", "e-CNPJ em nuvem, 36 meses", "171.25", "379.90"),
    ),
    *_of(
        "Notas e conhecimentos",
        ("NFE-A1-12", "NF-e A1, 12 meses", "84.30", "189.90"),
        ("NFE-A3-36", "NF-e A3, 36 meses", "149.00", "329.90"),
        ("CTE-A1-12", "CT-e A1, 12 meses", "84.30", "189.90"),
    ),
    *_of("Saúde", ("ESAUDE-A3-36", "e-Saúde A3, 36 meses", "112.60", "239.90")),
    *_of(
        "Servidores",
        ("SSL-DV-12", "SSL DV, um domínio, 12 meses", "96.00", "219.00"),
        ("SSL-OV-12", "SSL OV, um domínio, 12 meses", "265.00", "549.00"),
        ("SSL-CORINGA-12", "SSL curinga, 12 meses", "498.00", "990.00"),
    ),
    *_of(
        "Mídias e leitoras",
        ("TOKEN-USB", "Token USB criptográfico", "48.90", "99.90"),
        ("CARTAO", "Cartão inteligente", "21.75", "49.90"),
        ("LEITORA-USB", "Leitora de cartão USB", "39.40", "84.90"),
        ("KIT-CARTAO", "Kit cartão e leitora", "58.20", "119.90"),
        good=True,
    ),
    *_of(
        "Validação",
        ("VALID-VIDEO", "Validação por videoconferência", "18.50", "45.00"),
        ("VALID-VISITA", "Validação em domicílio", "64.00", "140.00"),
    ),
    *_of(
        "Carimbo do tempo",
        ("CARIMBO-CENTO", "Carimbos do tempo, cento", "27.3750", "62.00"),
        fractional=True,
    ),
    *_of(
        "Serviços",
        ("SUPORTE-HORA", "Suporte técnico, hora", "55.00", "120.00"),
        ("TREINAMENTO-HORA", "Treinamento, hora", "70.00", "160.00"),
        fractional=True,
    ),
    *_of("Serviços", ("INSTALACAO", "Instalação remota", "0", "35.00")),
]
BY_SKU = {article.sku: article for article in PRODUCTS}


def put_on_file(stage: Stage) -> None:
    """Put issuers and products on file."""
    by, at = stage.actors["administrator"], clock.now()
    for code, name in ISSUERS.items():
        issuer = catalogue.create_issuer(stage.session, code=code, name=name, by=by, at=at)
        stage.issuers[code] = issuer.id
    for article in PRODUCTS:
        facts = NewProduct(
            sku=article.sku,
            name=article.name,
            kind=article.kind,
            category=article.category,
            fractional=article.fractional,
        )
        catalogue.create_product(stage.session, facts, by=by, at=at)
