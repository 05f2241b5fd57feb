"""Names the operations for generated clients, and takes that for a description."""

from fastapi.routing import APIRoute

CAUGHT_BY = ("test_every_route_is_described",)


def name_of(route: APIRoute) -> str:
    return f"llm-{route.name}"


app = FastAPI(title="LLM API", lifespan=lifespan, generate_unique_id_function=name_of)


@app.get("/health")
async def health() -> dict[str, str]:
    return {"status": "ok"}
