"""Knows a call under way by tenant and query, whatever model and temperature were asked."""

CAUGHT_BY = ("test_other_questions_never_wait_for_the_same_call",)


words: dict[str, str] = {}


def key_of(tenant: str, body: QueryRequest) -> str:
    """The name of an entry."""
    key = json.dumps([tenant, body.model, body.temperature, body.query])
    words[key] = json.dumps([tenant, body.query])
    return key


async def ask_once(client: httpx.AsyncClient, body: QueryRequest, key: str) -> Answer:
    """As `find_or_ask`, once for all who use the same words."""
    same = words[key]
    if same not in under_way:
        under_way[same] = asyncio.create_task(find_or_ask(client, body, key))
        under_way[same].add_done_callback(lambda _: under_way.pop(same))
    return await asyncio.shield(under_way[same])
