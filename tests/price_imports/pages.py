"""The steps of an import by its pages, as a person takes them."""

import io
import re
import time
from typing import Any

from portal.pricing.models import PriceTable
from tests.price_imports.lists import csv_file

GOOD = csv_file("Código;Preço", "A1;1.228,49", "A2;80,00")
READING = {
    "separator": ";",
    "sheet": "",
    "header": "0",
    "decimal": "",
    "sku": "0",
    "price": "1",
    "percent": "-1",
    "min_quantity": "-1",
    "name": "-1",
    "category": "-1",
    "free": "-1",
    "valid_from": "2027-01-01",
}


def upload(
    client: Any, table: PriceTable, content: bytes, name: str = "lista.csv", **form: str
) -> Any:
    data = {"valid_from": "2027-01-01", "file": (io.BytesIO(content), name)} | form
    return client.submit(f"/price-tables/{table.id}/import", data)


def uploaded(
    client: Any, table: PriceTable, content: bytes = GOOD, name: str = "lista.csv", **form: str
) -> str:
    """Send a file; return the address of its import."""
    return address_in(upload(client, table, content, name, **form))


def address_in(answer: Any) -> str:
    """Return the address of the import of a file that was taken."""
    assert answer.status_code == 303, answer.text
    return re.sub(r"/reading$", "", answer.location)


def checked(client: Any, address: str, reading: dict[str, str] = READING, **changes: str) -> str:
    """Have the rows checked, read in a certain way; return the page that follows."""
    answer = client.submit(f"{address}/reading", reading | changes | {"check": "1"})
    assert answer.status_code == 303, answer.text
    return str(client.get(answer.location).text)


def wait_for(client: Any, address: str) -> None:
    """Ask as the page does, until it is led on."""
    for _ in range(300):
        if "HX-Redirect" in client.get(f"{address}/progress").headers:
            return
        time.sleep(0.1)
    raise AssertionError("the import did not come to its end")


def downloaded(client: Any, path: str) -> bytes:
    """Fetch a file, and let go of it."""
    with client.get(path) as answer:
        assert answer.status_code == 200, answer.text
        return bytes(answer.data)


def fields_of(page: str) -> dict[str, str]:
    """What a page's form would send as it stands."""
    found = dict(re.findall(r'<input[^>]*name="(\w+)"[^>]*value="([^"]*)"', page))
    for name, body in re.findall(r'<select[^>]*name="(\w+)"[^>]*>(.*?)</select>', page, re.DOTALL):
        chosen = re.search(r'<option selected value="([^"]*)"', body)
        found[name] = chosen[1] if chosen else ""
    return {name: value for name, value in found.items() if name != "csrf_token"}
