"""The pages of imports: upload, how it is read, what is wrong, what becomes of it."""

from portal.price_imports.views import errors, progress, reading, storing, uploading
from portal.price_imports.views.door import bp

__all__ = ["bp", "errors", "progress", "reading", "storing", "uploading"]
