"""A TCP link that takes its time: what goes through it arrives later, and nothing is lost."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from typing import Self


class SlowLink:
    """Passes connections on to another port of this machine. Use it as a context manager.

    Args:
        port: where connections go.
        one_way_s: how long each byte is under way, in each direction.
    """

    def __init__(self, port: int, *, one_way_s: float) -> None:
        self.port = 0
        """Where to connect to, once it is open."""
        self._to = port
        self._one_way_s = one_way_s
        self._loop = asyncio.new_event_loop()
        self._writers: list[asyncio.StreamWriter] = []
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._run, name="slow-link", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        self._ready.wait()
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()

    def _run(self) -> None:
        server = self._loop.run_until_complete(asyncio.start_server(self._pass_on, "127.0.0.1", 0))
        self.port = server.sockets[0].getsockname()[1]
        self._ready.set()
        self._loop.run_forever()
        server.close()
        self._loop.run_until_complete(self._let_go())
        self._loop.close()

    async def _let_go(self) -> None:
        """Ends every connection that is still open, so that no socket outlives the link."""
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)
        for writer in self._writers:
            writer.transport.abort()
        # A transport closes its socket in the turn of the loop after its end.
        await asyncio.sleep(0)

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.append(writer)
        try:
            there_reader, there_writer = await asyncio.open_connection("127.0.0.1", self._to)
        except OSError:
            writer.close()
            return
        self._writers.append(there_writer)
        await asyncio.gather(self._copy(reader, there_writer), self._copy(there_reader, writer))

    async def _copy(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        pieces: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue()
        arriving = asyncio.create_task(self._deliver(pieces, writer))
        with contextlib.suppress(OSError):
            while data := await reader.read(65536):
                pieces.put_nowait((self._loop.time() + self._one_way_s, data))
        pieces.put_nowait((self._loop.time() + self._one_way_s, b""))
        await arriving

    async def _deliver(
        self, pieces: asyncio.Queue[tuple[float, bytes]], writer: asyncio.StreamWriter
    ) -> None:
        with contextlib.suppress(OSError):
            while True:
                at, data = await pieces.get()
                await asyncio.sleep(max(0.0, at - self._loop.time()))
                if not data:
                    break
                writer.write(data)
        writer.close()
