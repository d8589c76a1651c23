import asyncio, time, pytest
from evalhub.runs.models import *
pytestmark = pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("i", range(4))
def test_x(start, make_loop, i):
    first = start(items=200, endpoint={"quirks": {"latency_ms": 2}, "max_in_flight": 8})
    second = start(items=200, endpoint=first.endpoint)
    loop=make_loop()
    o=loop._pump
    log=[]
    def pump():
        o(); d=loop._desk
        log.append((round(time.monotonic(),4), loop._claimer._is_claiming, round(loop._claimer._dry_until,4), len(d._jobs), d.in_flight, len(d.shards), d.recorder.is_empty, loop._claimer.is_dry, loop._claimer._left_out, loop._claimer._fed(), loop._is_idle))
    loop._pump=pump
    async def main():
        t=asyncio.create_task(loop.run(until_idle=True))
        t0=time.time()
        await asyncio.wait([t], timeout=4)
        if not t.done(): print(*log[-12:], sep="\n")
        t.cancel()
        await asyncio.gather(t, return_exceptions=True)
    asyncio.run(main())
    assert 0
