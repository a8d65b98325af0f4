"""What people do on the first day, click by click, in the order in which they do it."""

import re
from pathlib import Path
from typing import Any

from tests.story.windows import Window

BEGIN = "2026-12-01"
POINT = "PA-0001"
TABLE = "Tabela geral"


def put_point_on_file(finance: Window) -> None:
    """Finance opens the service point; its wallet opens with it."""
    finance.go("Pontos de atendimento")
    finance.follow("Novo ponto de atendimento")
    finance.fill(code=POINT, name="Certifica Campinas", tax_id="12.ABC.345/01DE-35")
    finance.page.get_by_label("Pode digitar o preço final").check()
    finance.press("Salvar")
    assert "Certifica Campinas" in finance.text("h1")


def create_table(pricing: Window) -> None:
    """Pricing creates a general table of fixed prices."""
    pricing.go("Tabelas de preço")
    pricing.follow("Nova tabela")
    pricing.fill(name=TABLE)
    pricing.press("Salvar")
    assert TABLE in pricing.text("h1")
    assert "A tabela ainda não tem vigência" in pricing.text()


def send_list(pricing: Window, file: str, content: bytes | Path) -> None:
    """Pricing sends the list as the ERP wrote it."""
    pricing.follow("Importar")
    whole: Any = content
    if isinstance(content, bytes):
        whole = {"name": file, "mimeType": "text/csv", "buffer": content}
    pricing.page.locator("[name=file]").set_input_files(whole)
    pricing.fill(valid_from=BEGIN)
    pricing.page.get_by_label("Cadastrar os produtos que faltam").check()
    pricing.press("Continuar")
    assert "Como o arquivo é lido" in pricing.text("h1")


def check_with_wrong_column(pricing: Window) -> None:
    """Pricing takes the wrong column for the price, and is told row by row."""
    pricing.choose(price="CATEGORIA")
    pricing.press("Conferir as linhas")
    said = pricing.text()
    assert "Ainda não é possível gravar" in said
    assert "Linhas com erro" in said
    assert pricing.page.get_by_role("row").filter(has_text="Preço").count() >= 50
    pricing.follow("Alterar a leitura")


def check_as_it_is(pricing: Window, rows: str, category: str = "CATEGORIA") -> None:
    """Pricing corrects the mapping: the check finds nothing wrong."""
    pricing.choose(price="PREÇO FÁBRICA", category=category)
    pricing.press("Conferir as linhas")
    pricing.page.get_by_role("heading", name="Linhas conferidas").wait_for(timeout=120_000)
    assert f"Linhas {rows}" in pricing.text()
    assert "todas as linhas estão certas" in pricing.text()


def publish_import(pricing: Window, rows: str) -> None:
    """Pricing publishes the list at once."""
    pricing.page.get_by_label("Publicar agora").check()
    pricing.press(f"Importar {rows} linhas")
    pricing.page.get_by_role("heading", name=TABLE, exact=True).wait_for(timeout=120_000)
    assert "Em vigor" in pricing.text(".head")


def assign_table(pricing: Window) -> None:
    """Pricing lets the service point use the table from today on."""
    pricing.go("Pontos de atendimento")
    pricing.follow("Certifica Campinas")
    pricing.follow("Preços")
    pricing.follow("Alterar tabelas")
    rows = pricing.page.locator("select[name^='rows-']")
    if not rows.count():
        pricing.press("Incluir linha")
    name = rows.first.get_attribute("name").removesuffix("-table")
    pricing.choose(**{f"{name}-table": TABLE})
    pricing.page.locator(f"[name='{name}-valid_from']").fill(BEGIN)
    pricing.press("Salvar")
    assert TABLE in pricing.text()


def ask_why(asking: Window, sku: str, words: str, price: str) -> None:
    """Anyone who sees prices asks how one comes about."""
    asking.go("Por que este preço")
    asking.pick("service_point", "campinas", POINT)
    asking.pick("product", words, sku)
    asking.fill(quantity="2", day=BEGIN)
    asking.press("Explicar")
    said = asking.text()
    assert price in said
    assert "Como se chega lá" in said
    assert asking.page.locator(".steps li").count() >= 2


def grant_credit(finance: Window, amount: str) -> None:
    """Finance grants credit that was paid for."""
    finance.go("Carteiras")
    finance.follow("Certifica Campinas")
    finance.follow("Conceder crédito")
    finance.fill(amount=amount, paid=amount, reason="Pix de 1º de dezembro")
    finance.press("Conceder crédito")
    assert amount in finance.text(".figs")


def type_order(at: Window, *lines: tuple[str, str, str, str], total: str) -> None:
    """Somebody types an order (words and code of a product, how many, price) and sees its total."""
    at.go("Novo pedido")
    for number, (words, sku, quantity, price) in enumerate(lines):
        at.pick(f"lines-{number}-sku", words, sku)
        at.page.locator(f"[name='lines-{number}-quantity']").fill(quantity)
        at.page.locator(f"[name='lines-{number}-unit_price']").fill(price)
    if at.scripted:
        at.page.locator("[name=external_reference]").focus()
    else:
        at.press("Calcular")
    at.page.locator("#summary .pay output").filter(has_text=total).wait_for()


def number_of_order(at: Window) -> str:
    """Return the number of the order that is shown."""
    found = re.search(r"Pedido (\d+)", at.text("h1"))
    assert found, at.text()
    return found[1]


def cancel_order(at: Window, reason: str) -> None:
    """Whoever may cancels the order that is shown, saying why."""
    at.page.locator("summary", has_text="Cancelar o pedido").click()
    at.fill(reason=reason)
    at.press("Cancelar o pedido")
    assert "Cancelado" in at.text(".head")
