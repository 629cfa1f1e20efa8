"""What the system knows of a process: processor seconds and memory. Linux only; None elsewhere."""

import os
from pathlib import Path

LINUX = Path("/proc/self/stat").exists()
ELSEWHERE = "只能在 Linux 上测"


def cpu_seconds(pid: int) -> float | None:
    """Processor time of all threads, user and system, in steps of 10 ms."""
    if not LINUX:
        return None
    words = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(") ")[2].split()
    return (int(words[11]) + int(words[12])) / os.sysconf("SC_CLK_TCK")


def resident_mb(pid: int) -> float | None:
    """Resident memory in MB (10⁶ bytes)."""
    if not LINUX:
        return None
    pages = int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6
