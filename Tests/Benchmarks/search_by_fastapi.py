"""The search as a service that somebody would write with FastAPI and asyncpg: JSON made by PostgreSQL and passed on.

Run by service_side_by_side.py: `uvicorn search_by_fastapi:app`, with DSN and SEARCH (a statement with $1 to $4: the
point on the plane, the category, how many) in the environment."""
import os
from contextlib import asynccontextmanager

import asyncpg
from fastapi import FastAPI, Response

SEARCH = f"select coalesce(json_agg(to_json(found)), '[]')::text from ({os.environ['SEARCH']}) found"


@asynccontextmanager
async def life(app):
    app.state.pool = await asyncpg.create_pool(os.environ["DSN"], min_size=8, max_size=8)
    yield
    await app.state.pool.close()


app = FastAPI(lifespan=life)


@app.get("/search")
async def search(x: float, y: float, category: str, limit: int):
    return Response(await app.state.pool.fetchval(SEARCH, x, y, category, limit), media_type="application/json")
