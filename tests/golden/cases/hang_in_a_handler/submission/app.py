import time

from fastapi import FastAPI

app = FastAPI()


@app.get("/health")
async def health():
    time.sleep(3600)


@app.post("/query")
async def query():
    time.sleep(3600)
