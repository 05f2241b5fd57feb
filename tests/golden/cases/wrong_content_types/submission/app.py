from fastapi import FastAPI
from fastapi.responses import HTMLResponse, PlainTextResponse

app = FastAPI()


@app.get("/health")
def health():
    return PlainTextResponse("\x1b[31mok [/red]")


@app.post("/query")
def query():
    return HTMLResponse("<html>no</html>")


@app.post("/stream")
def stream():
    return HTMLResponse("event: done\n\n")
