"""The road between clients and web processes: it leads to any that takes a connection, and breaks off in the middle of answers.

    python -m torture.road PORT SEED WEB_PORT...

Each connection is given a number of bytes; when so many bytes of answers have come back on it, it is cut there, without a word (a
reset, no end). SIGUSR1 cuts all of them at once.
"""

from __future__ import annotations

import asyncio
import random
import signal
import socket
import struct
import sys
from contextlib import suppress

import uvloop

LONGEST = 400_000  # bytes of answers on one connection
SHORTEST = 200
CHUNK = 65536
RESET = struct.pack("ii", 1, 0)  # SO_LINGER: what is closed is reset


class Road:
    def __init__(self, web_ports: list[int], dice: random.Random) -> None:
        self._web_ports = web_ports
        self._dice = dice
        self._open: set[asyncio.StreamWriter] = set()

    async def take(self, client: asyncio.StreamReader, to_client: asyncio.StreamWriter) -> None:
        web = await self._any_web()
        if web is None:
            to_client.transport.abort()
            return
        answers, to_web = web
        ends = {to_client, to_web}
        self._open |= ends
        there = asyncio.create_task(_pass_on(client, to_web))
        try:
            await self._bring_back(answers, to_client)
        finally:
            there.cancel()
            self._open -= ends
            for end in ends:
                _cut(end)

    def cut_all(self) -> None:
        for end in list(self._open):
            _cut(end)

    async def _any_web(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter] | None:
        for port in self._dice.sample(self._web_ports, len(self._web_ports)):
            with suppress(OSError):
                return await asyncio.open_connection("127.0.0.1", port)
        return None

    async def _bring_back(self, answers: asyncio.StreamReader, to_client: asyncio.StreamWriter) -> None:
        left = self._dice.randint(SHORTEST, LONGEST)
        with suppress(OSError):
            while left > 0 and (chunk := await answers.read(CHUNK)):
                to_client.write(chunk[:left])
                await to_client.drain()
                left -= len(chunk)
            await asyncio.sleep(0)  # what was written last is on its way before the reset


async def _pass_on(client: asyncio.StreamReader, to_web: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while chunk := await client.read(CHUNK):
            to_web.write(chunk)
            await to_web.drain()
        to_web.write_eof()


def _cut(end: asyncio.StreamWriter) -> None:
    if not end.is_closing():
        end.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
        end.transport.abort()


async def main(port: int, seed: str, web_ports: list[int]) -> None:
    road = Road(web_ports, random.Random(f"{seed} road"))
    asyncio.get_running_loop().add_signal_handler(signal.SIGUSR1, road.cut_all)
    server = await asyncio.start_server(road.take, "127.0.0.1", port)
    await server.serve_forever()


if __name__ == "__main__":
    with suppress(KeyboardInterrupt):
        uvloop.run(main(int(sys.argv[1]), sys.argv[2], [int(port) for port in sys.argv[3:]]))
