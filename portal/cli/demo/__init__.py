"""`flask demo load`: a believable distributor of digital certificates, the same every time."""

from portal.cli.demo.command import demo

__all__ = ["demo"]
