"""Background tasks, and three ways to lose them."""

from fastapi import BackgroundTasks, FastAPI, HTTPException
from fastapi.responses import JSONResponse
from starlette.background import BackgroundTask

app = FastAPI()
done: list[str] = []


def water(plant: str) -> None:
    if plant == "cactus":
        raise ValueError("too much water")
    done.append(plant)


@app.post("/evening")
async def evening(tasks: BackgroundTasks, plants: list[str]) -> dict[str, int]:
    for plant in plants:
        tasks.add_task(water, plant)
    return {"plants": len(plants)}


@app.post("/drought")
async def drought(tasks: BackgroundTasks) -> None:
    tasks.add_task(water, "fern")
    raise HTTPException(503, "There is no water.")


@app.post("/picnic")
async def picnic(tasks: BackgroundTasks) -> JSONResponse:
    tasks.add_task(water, "fern")
    return JSONResponse({}, background=BackgroundTask(water, "rose"))
