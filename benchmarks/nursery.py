"""A warm parent that forks workers: real processes to kill, without two seconds of imports for each.

python -m benchmarks.nursery POOL      reads lines on stdin: `fork` answers with the child's process id
"""

import asyncio
import os
import signal
import sys

import django


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "evalhub.settings")
    django.setup()
    from workers.loop import ClaimLoop
    from workers.wiring import wiring

    pool = sys.argv[1]
    signal.signal(
        signal.SIGCHLD, signal.SIG_IGN
    )  # no zombies: who kills a child asks the kernel whether it is gone
    print("ready", flush=True)
    for line in sys.stdin:
        if line.strip() != "fork":
            return
        pid = os.fork()
        if pid:
            print(pid, flush=True)
            continue
        os.setpgid(0, 0)
        sys.stdin.close()
        loop = ClaimLoop(pool, wiring())
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_, loop=loop: loop.stop())
        asyncio.run(loop.run())
        os._exit(0)


if __name__ == "__main__":
    main()
