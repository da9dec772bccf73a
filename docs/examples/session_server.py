"""Sessions in Python: a server that speaks everopen.session.1 with nothing but the package websockets.

Its application sends every message back. Sessions live in memory. Arguments: the port.
"""

import asyncio
import hmac
import json
import secrets
import sys

import websockets

WINDOW, TTL, LATER = 65_536, 60, 0.2  # bytes, seconds, seconds
sessions = {}


async def application(session, message):
    session.send(message)


class Violation(Exception):
    """A rule of the protocol was broken: the connection ends with 1002, and the session stays."""


class Session:
    def __init__(self):
        self.id, self.token = secrets.token_urlsafe(12), secrets.token_urlsafe(16)
        self.received = self.told = self.untold = 0  # the client's messages: two numbers, and bytes
        self.acked, self.sent, self.held = 0, 0, []  # own messages: two numbers, and those after `acked`
        self.socket = self.later = self.expiry = None
        self.lock, self.wake = asyncio.Lock(), asyncio.Event()
        sessions[self.id] = self

    def send(self, message):
        self.held.append(message)
        self.wake.set()

    async def transmit(self, socket):
        while True:
            self.wake.clear()
            flight = sum(size(message) for message in self.held[: self.sent - self.acked])
            while self.sent < self.acked + len(self.held) and flight < WINDOW:
                message = self.held[self.sent - self.acked]
                self.sent, flight = self.sent + 1, flight + size(message)
                await socket.send("\1" + message if message[:1] == "\1" else message)
            await self.wake.wait()

    async def take(self, socket, message):
        if self.untold >= WINDOW:
            raise Violation
        if message[:1] == "\1":
            message = message[1:]
        await application(self, message)
        self.received, self.untold = self.received + 1, self.untold + size(message)
        if self.untold >= WINDOW / 4:
            await self.acknowledge(socket)
        elif self.later is None:
            self.later = asyncio.create_task(self.acknowledge_later(socket))

    async def acknowledge(self, socket):
        if self.received > self.told:
            self.told, self.untold = self.received, 0
            await socket.send(f"\1a{self.told}")

    async def acknowledge_later(self, socket):
        await asyncio.sleep(LATER)
        self.later = None
        await self.acknowledge(socket)

    def acknowledged(self, number):
        if type(number) is not int or not self.acked < number <= self.sent:
            raise Violation
        self.held, self.acked = self.held[number - self.acked :], number
        self.wake.set()

    def attach(self, socket, received):
        if self.socket:
            asyncio.create_task(self.socket.close(4100))
        if self.expiry:
            self.expiry.cancel()
        self.held, self.acked, self.sent = self.held[received - self.acked :], received, received
        self.socket, self.told, self.untold = socket, self.received, 0

    def detach(self, socket):
        if self.later:
            self.later.cancel()
            self.later = None
        if self.socket is socket:
            self.socket = None
            self.expiry = asyncio.get_running_loop().call_later(TTL, sessions.pop, self.id, None)


def size(message):
    return len(message.encode()) if isinstance(message, str) else len(message)


def control(message):
    """The letter and the JSON of a control message, or nothing for a payload."""
    if not isinstance(message, str) or message[:1] != "\1" or message[:2] == "\1\1":
        return None
    try:
        return message[1:2], json.loads(message[2:])
    except ValueError:
        raise Violation from None


def find(hello):
    """The session that a hello asks for; nothing where it is gone."""
    if not isinstance(hello, dict):
        raise Violation
    session = sessions.get(hello.get("id"))
    if session is None:
        return None
    token, received, first = (hello.get(key) for key in ("token", "received", "first"))
    if type(token) is not str or type(received) is not int or type(first) is not int:
        raise Violation
    if not hmac.compare_digest(token.encode(), session.token.encode()):
        raise Violation
    whole = first <= session.received + 1 and session.acked <= received <= session.acked + len(session.held)
    return session if whole else sessions.pop(session.id) and None


async def serve(socket, session, sender):
    async for message in socket:
        said = control(message)
        async with session.lock:
            if session.socket is not socket:
                return
            if said is None:
                await session.take(socket, message)
            elif said[0] == "a":
                session.acknowledged(said[1])
            elif said[0] == "p":
                await socket.send("\1p{}")
            elif said[0] == "b":
                sessions.pop(session.id, None)
                return
            else:
                raise Violation


async def connect(socket):
    session = sender = None
    try:
        said = control(await socket.recv())
        if said is None or said[0] != "h":
            raise Violation
        asked = find(said[1])
        session = asked or Session()
        async with session.lock:  # what the last connection brought is in the application's hands
            session.attach(socket, said[1]["received"] if asked else 0)
            name = {"id": session.id, "token": session.token}
            rest = {"received": session.received, "resumed": bool(asked), "ttl": TTL * 1_000, "window": WINDOW}
            await socket.send("\1w" + json.dumps({**name, **rest}))
        sender = asyncio.create_task(session.transmit(socket))
        await serve(socket, session, sender)
    except Violation:
        await socket.close(1002)
    except websockets.ConnectionClosed:
        pass
    finally:
        if sender:
            sender.cancel()
        if session:
            session.detach(socket)


async def main():
    async with websockets.serve(connect, "127.0.0.1", int(sys.argv[1]), subprotocols=["everopen.session.1"]):
        await asyncio.Future()


if __name__ == "__main__":
    asyncio.run(main())
