"""Echoes, by Python's websockets, and answers `how many?` with the messages so far.

Arguments: the port, and the messages after which a connection is closed (0: never;
-1: never, and nothing is echoed).
"""

import asyncio
import sys

import websockets

port, close_after = int(sys.argv[1]), int(sys.argv[2])
received = 0


async def echo(socket, path=None):
    global received
    count = 0
    async for message in socket:
        if message == "how many?":
            await socket.send(str(received))
            continue
        received += 1
        count += 1
        if close_after >= 0:
            await socket.send(message)
        if count == close_after:
            await socket.close(1012, "again")


async def main():
    async with websockets.serve(echo, "127.0.0.1", port, subprotocols=["chat"], max_size=None):
        await asyncio.Future()


asyncio.run(main())
