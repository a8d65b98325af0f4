from typing import Any

from flask import Flask

class Migrate:
    def __init__(
        self, app: Flask | None = None, db: Any = None, directory: str = "migrations", **kwargs: Any
    ) -> None: ...
    def init_app(
        self, app: Flask, db: Any = None, directory: str | None = None, **kwargs: Any
    ) -> None: ...

def upgrade(
    directory: str | None = None, revision: str = "head", sql: bool = False, tag: str | None = None
) -> None: ...
def downgrade(
    directory: str | None = None, revision: str = "-1", sql: bool = False, tag: str | None = None
) -> None: ...
def stamp(directory: str | None = None, revision: str = "head") -> None: ...
