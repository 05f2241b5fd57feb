"""Right with a fixed crew: MAX_CONCURRENCY workers take their prompts from one queue; a package."""

from app.routes import app

__all__ = ["app"]
