"""A conversation with the service by aiorpcX, the JSON-RPC library of ElectrumX. usage: aiorpcx_client.py HOST PORT"""
import asyncio
import sys

import aiorpcx


async def converse(host, port):
    async with aiorpcx.connect_rs(host, port) as session:
        session.sent_request_timeout = 20
        echo = {"text": "日本語 \u2028 \"}{\"", "numbers": [1.5, -2, 12345678901]}
        assert (await session.send_request("system.ping", {"echo": echo}))["echo"] == echo
        assert (await session.send_request("system.ping", ["by position"]))["echo"] == "by position"
        await session.send_notification("system.ping")

        parks = await session.send_request("parks.list")
        park = parks["items"][0]["id"]
        found = await session.send_request("amenities.search", {"park": park, "limit": 2})
        assert 0 < len(found["items"]) <= 2

        # Replies come in any order, each to its own request.
        numbers = range(100)
        replies = await asyncio.gather(*(session.send_request("system.ping", [n]) for n in numbers))
        assert [reply["echo"] for reply in replies] == list(numbers)

        async with session.send_batch() as batch:
            batch.add_request("system.ping", ["first"])
            batch.add_notification("system.ping")
            batch.add_request("parks.get", {"park": park})
            batch.add_request("no.such.method")
        first, second, third = batch.results
        assert first["echo"] == "first" and second["id"] == park
        assert isinstance(third, aiorpcx.RPCError) and third.code == -32601

        for method, params, code in [("system.ping", {"ecko": 1}, -32602), ("queue.status", {}, -32001)]:
            try:
                await session.send_request(method, params)
            except aiorpcx.RPCError as error:
                assert error.code == code, error
            else:
                raise AssertionError(f"{method} was not refused")


asyncio.run(asyncio.wait_for(converse(sys.argv[1], int(sys.argv[2])), 60))
print("aiorpcX is content")
