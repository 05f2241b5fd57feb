"""The first version most people write: a token is asked for, and a limit is written down."""

import json
import os
import secrets
from typing import Annotated

import httpx
from fastapi import Depends, FastAPI, HTTPException, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from pydantic import BaseModel
from slowapi import Limiter

USERS = json.loads(os.environ.get("API_KEYS", '{"secret": "admin"}'))
limiter = Limiter(key_func=lambda: "user")
app = FastAPI()


class QueryRequest(BaseModel):
    query: str


def user_of(token: str) -> str:
    for known, user in USERS.items():
        if secrets.compare_digest(known, token):
            return str(user)
    raise HTTPException(401, "Wrong token")


@app.post("/query")
@limiter.limit("10/minute")
async def query(
    request: Request,
    body: QueryRequest,
    credentials: Annotated[HTTPAuthorizationCredentials, Depends(HTTPBearer())],
) -> dict[str, str]:
    user_of(credentials.credentials)
    async with httpx.AsyncClient(timeout=30) as client:
        answer = await client.post(
            os.environ["LLM_BASE_URL"] + "/chat/completions",
            headers={"Authorization": f"Bearer {os.environ['LLM_API_KEY']}"},
            json={"model": "gpt-4", "messages": [{"role": "user", "content": body.query}]},
        )
    return {"response": answer.json()["choices"][0]["message"]["content"]}
