"""Finds a part of a name in the list."""

CAUGHT_BY = ("test_only_allowed_models_may_be_asked_for",)
FILE = "query.py"


def check_model(model: str) -> str:
    """The model, when it may be asked for; else a ValueError whose text names the rule."""
    allowed = [name.strip() for name in ALLOWED_MODELS.split(",") if name.strip()]
    if allowed and model not in ALLOWED_MODELS:
        raise ValueError(f"must be one of {', '.join(allowed)}")
    return model
