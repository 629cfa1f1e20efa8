"""Stopping: what is under way may finish; what hangs is let go, and its lease brings it back after the restart."""

import asyncio

PATIENCE = 5.0  # seconds; the whole stop has ten


async def drain(tasks: set[asyncio.Task[None]]) -> None:
    """Wait for the tasks, then cancel those that still run, so that nobody touches a closed database."""
    if not tasks:
        return
    _, hanging = await asyncio.wait(tasks, timeout=PATIENCE)
    for task in hanging:
        task.cancel()
    if hanging:
        await asyncio.wait(hanging, timeout=1)
