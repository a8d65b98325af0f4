from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from wtforms.fields import Field

class BaseForm:
    meta: Any
    form_errors: list[str]
    _fields: dict[str, Field]
    def __iter__(self) -> Iterator[Field]: ...
    def __contains__(self, name: str) -> bool: ...
    def __getitem__(self, name: str) -> Field: ...
    def __delitem__(self, name: str) -> None: ...
    def populate_obj(self, obj: Any) -> None: ...
    def process(
        self,
        formdata: Any = None,
        obj: Any = None,
        data: Mapping[str, Any] | None = None,
        extra_filters: Any = None,
        **kwargs: Any,
    ) -> None: ...
    def validate(self, extra_validators: Mapping[str, Sequence[Any]] | None = None) -> bool: ...
    @property
    def data(self) -> dict[str, Any]: ...
    @property
    def errors(self) -> dict[str, Any]: ...

class Form(BaseForm):
    Meta: Any
    def __init__(
        self,
        formdata: Any = None,
        obj: Any = None,
        prefix: str = "",
        data: Mapping[str, Any] | None = None,
        meta: Mapping[str, Any] | None = None,
        **kwargs: Any,
    ) -> None: ...
    # Fields set at run time are found by their names.
    def __getattr__(self, name: str) -> Any: ...
