"""Greets whoever is named in the query."""

import asyncio
import platform


async def handler(event, context):
    name = event["data"]["query"].get("name", "world")
    await asyncio.sleep(0)
    return {"hello": name, "from": "Python " + platform.python_version(), "request": context.request_id}
