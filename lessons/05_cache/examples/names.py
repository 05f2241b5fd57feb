"""Two ways to name the thumbnail of a picture, one of which gives two pictures one name."""

import json


def glued(owner: str, picture: str, width: int) -> str:
    return f"{owner}-{picture}-{width}"


def listed(owner: str, picture: str, width: int) -> str:
    return json.dumps([owner, picture, width])
