"""Load from a process of its own: keep-alive connections that check out and return, one request after the other.

Run as `python -m benchmarks.load PORT HOST KEY PRODUCT CONNECTIONS SECONDS`; prints operations a second, median and p99 in ms.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time

import uvloop


class Client:
    def __init__(self, port: int, host: str, key: str, product: str) -> None:
        self.port, self.host, self.key, self.product = port, host, key, product
        self.took: list[float] = []

    async def work(self, until: float) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        while time.perf_counter() < until:
            body = {"product_id": self.product, "user": "engineer@bench.example"}
            lease = await self._ask(reader, writer, "checkout", body, 201)
            await self._ask(reader, writer, "return", {"lease_id": lease["lease_id"]}, 200)
        writer.close()

    async def _ask(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, what: str, body: dict[str, str], status: int
    ) -> dict[str, str]:
        content = json.dumps(body).encode()
        started = time.perf_counter()
        writer.write(
            f"POST /api/v1/licenses/{what} HTTP/1.1\r\nHost: {self.host}\r\nAuthorization: Bearer {self.key}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(content)}\r\n\r\n".encode()
            + content
        )
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        length = next(int(line[15:]) for line in head.lower().split("\r\n") if line.startswith("content-length:"))
        answer = await reader.readexactly(length)
        self.took.append(time.perf_counter() - started)
        if not head.startswith(f"HTTP/1.1 {status}"):
            raise RuntimeError(f"{head.splitlines()[0]} {answer[:300]!r}")
        decoded: dict[str, str] = json.loads(answer)
        return decoded


async def main(port: int, host: str, key: str, product: str, connections: int, seconds: float) -> None:
    client = Client(port, host, key, product)
    started = time.perf_counter()
    await asyncio.gather(*(client.work(started + seconds) for _ in range(connections)))
    took = sorted(client.took)
    print(json.dumps({
        "ops": len(took) / (time.perf_counter() - started),
        "median_ms": took[len(took) // 2] * 1000,
        "p99_ms": took[int(len(took) * 0.99)] * 1000,
    }))  # fmt: skip


if __name__ == "__main__":
    _, port_, host_, key_, product_, connections_, seconds_ = sys.argv
    uvloop.run(main(int(port_), host_, key_, product_, int(connections_), float(seconds_)))
