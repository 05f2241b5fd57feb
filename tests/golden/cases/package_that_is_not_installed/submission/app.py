import pandas_of_the_future
from fastapi import FastAPI

app = FastAPI()
