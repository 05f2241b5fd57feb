import json
import os
import urllib.request

from fastapi import FastAPI
from fastapi.responses import StreamingResponse

app = FastAPI()


@app.get("/health")
def health():
    return {"status": "ok"}


@app.post("/query")
def query(body: dict):
    request = urllib.request.Request(
        os.environ["LLM_BASE_URL"] + "/chat/completions",
        json.dumps({"model": "gpt-4", "messages": [{"role": "user", "content": body["query"]}]}).encode(),
        {
            "Authorization": f"Bearer {os.environ['LLM_API_KEY']}",
            "Content-Type": "application/json",
        },
    )
    with urllib.request.urlopen(request) as answer:
        return {"response": json.load(answer)["choices"][0]["message"]["content"]}


@app.post("/stream")
def stream():
    return StreamingResponse(iter(["event: done\ndata: {}\n\n"]), media_type="text/event-stream")
