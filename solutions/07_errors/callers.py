"""Who asks: the bearer tokens of lesson auth."""

import json
import os
import secrets
from typing import Annotated

from fastapi import Depends, HTTPException
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer


def read_api_keys(text: str) -> dict[bytes, str]:
    """The user of each token; ends the process when there is no key at all."""
    try:
        keys = json.loads(text)
    except ValueError:
        keys = None
    if not isinstance(keys, dict) or not keys:
        raise SystemExit('API_KEYS must be a JSON object such as {"<token>": "<user>"}.')
    return {token.encode(): str(user) for token, user in keys.items()}


API_KEYS = read_api_keys(os.environ.get("API_KEYS", ""))


async def authenticate(
    credentials: Annotated[HTTPAuthorizationCredentials, Depends(HTTPBearer())],
) -> str:
    """The user whose token was sent; 401 when it is nobody's."""
    sent = credentials.credentials.encode()
    users = [user for known, user in API_KEYS.items() if secrets.compare_digest(sent, known)]
    if not users:
        raise HTTPException(401, "Nobody has this token.", {"WWW-Authenticate": "Bearer"})
    return users[0]


User = Annotated[str, Depends(authenticate)]
