"""Opens a connection for each model, though they all live at one address."""

CAUGHT_BY = ("test_twenty_calls_in_a_row_share_a_connection",)


Clients = dict[str, httpx.AsyncClient]


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[dict[str, Any]]:
    """Run once around the life of the process; routes find what is yielded in `request.state`."""
    clients: Clients = {}
    yield {"clients": clients}
    for client in clients.values():
        await client.aclose()


async def ask_llm(request: Request, body: QueryRequest) -> QueryResponse:
    """Make the one upstream call; raises httpx.HTTPError or pydantic.ValidationError."""
    clients: Clients = request.state.clients
    if body.model not in clients:
        clients[body.model] = httpx.AsyncClient(
            base_url=LLM_BASE_URL,
            headers={"Authorization": f"Bearer {LLM_API_KEY}"},
            timeout=LLM_TIMEOUT_SECONDS,
        )
    messages = [{"role": "user", "content": body.query}]
    payload = {"model": body.model, "messages": messages, "temperature": body.temperature}
    answer = await clients[body.model].post("/chat/completions", json=payload)
    answer.raise_for_status()
    completion = Completion.model_validate_json(answer.content)
    return QueryResponse(
        response=completion.text, model=completion.model, tokens_used=completion.tokens
    )
