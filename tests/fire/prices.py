"""What prices were in force, told independently of the portal: for invariant I13."""

from collections import defaultdict
from collections.abc import Iterator

from tests.fire.books import Books, Row, half_up

Faults = Iterator[str]


class Prices:
    """What prices were in force, worked out from assignments, tables, editions and items."""

    def __init__(self, books: Books) -> None:
        self.assigned = books.by("price_assignments", "service_point_id")
        self.tables = {row["id"]: row for row in books["price_tables"]}
        self.editions = {row["id"]: row for row in books["editions"]}
        self.items: dict[tuple[int, int], list[Row]] = defaultdict(list)
        for row in books["edition_items"]:
            self.items[row["edition_id"], row["product_id"]].append(row)

    def faults_of(self, order: Row, line: Row) -> Faults:
        """Hold a line of an order against the price of its day."""
        where = f"order {order['id']} line {line['position']}"
        edition = self.editions.get(line["edition_id"])
        if edition is None or edition["price_table_id"] != line["price_table_id"]:
            yield f"{where}: no such edition of its table"
            return
        if not edition["valid_from"] <= order["day"] <= edition["valid_until"]:
            yield f"{where}: edition {edition['id']} was not in force on {order['day']}"
        if not self._uses(order, self.tables[line["price_table_id"]]):
            yield f"{where}: table {line['price_table_id']} was not assigned on {order['day']}"
        price = self._price(line)
        if price != line["acquisition_unit_price"]:
            yield f"{where}: {line['acquisition_unit_price']} instead of {price}"
        for side in ("acquisition", "sale"):
            amount = half_up(line[f"{side}_unit_price"] * line["quantity"], 100_000)
            if line[f"{side}_amount"] != amount:
                yield f"{where}: {side} {line[f'{side}_amount']} instead of {amount}"

    def _uses(self, order: Row, table: Row) -> bool:
        return any(
            row["valid_from"] <= order["day"] <= row["valid_until"]
            and (
                row["price_table_id"] == table["id"]
                if row["mode"] == "general"
                else table["service_point_id"] == order["service_point_id"]
            )
            for row in self.assigned[order["service_point_id"]]
        )

    def _price(self, line: Row) -> int | None:
        fitting = [
            row
            for row in self.items[line["edition_id"], line["product_id"]]
            if row["min_quantity"] <= line["quantity"]
        ]
        best = max(fitting, key=lambda row: row["min_quantity"], default=None)
        return best["price"] if best else None
