from typing import Any

class LazyString(str):
    def __new__(cls, *args: Any, **kwargs: Any) -> LazyString: ...
