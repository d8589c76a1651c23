"""The real worker: Celery with beat on a Redis that dies, nudges lost and doubled, kill -9 and restarts."""

import os
import signal
import subprocess
import sys
import time

import pytest
from celery import current_app

from benchmarks.rig import PROJECT, wait_until
from evalhub.runs.models import Answer, Intent, Run, RunStatus, Shard, Worker
from evalhub.runs.services import resume_run
from workers.gateway.attempt import WALL_S

pytestmark = [pytest.mark.live, pytest.mark.django_db(transaction=True)]

ENDPOINT = {"max_in_flight": 16}


class CeleryWorker:
    """`celery worker` on all our queues, with beat inside."""

    def __init__(self, world, *more):
        self.log = (world.folder / "workers.log").open("ab")
        command = [
            sys.executable,
            "-m",
            "celery",
            "-A",
            "workers.celery",
            "worker",
            "-Q",
            "eval_api,periodic",
        ]
        command += [
            "--without-mingle",
            "--without-gossip",
            "-l",
            "INFO",
            "-B",
            "-s",
            str(world.folder / "beat"),
            *more,
        ]
        self.process = subprocess.Popen(
            command,
            cwd=PROJECT,
            env=world.environment,
            stdout=self.log,
            stderr=self.log,
            start_new_session=True,
        )

    def kill(self):
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        self.log.close()

    def terminate(self, seconds=90):
        self.process.terminate()
        code = self.process.wait(seconds)
        self.log.close()
        return code


@pytest.fixture
def celery(world):
    """celery() -> a running worker; the test's own process publishes to the same Redis."""
    address = world.redis.url + "?virtual_host=0"
    current_app.conf.broker_write_url, before = address, current_app.conf.broker_write_url
    current_app.amqp._producer_pool = None
    started = []

    def start():
        started.append(CeleryWorker(world))
        return started[-1]

    yield start
    current_app.conf.broker_write_url = before
    current_app.amqp._producer_pool = None
    for worker in started:
        if worker.process.poll() is None:
            worker.kill()


def finished(run, seconds=90):
    wait_until(
        lambda: Run.objects.get(pk=run.pk).status == RunStatus.FINISHED,
        seconds=seconds,
        what="the end of the run",
    )
    run.refresh_from_db()
    assert run.done == run.expected == Answer.objects.filter(run=run).count()


def test_a_run_is_done_and_finished_by_celery_alone(world, celery):
    celery()
    mock = world.mock(latency_ms=20)
    run = world.run_on(mock, 300, endpoint=ENDPOINT)
    finished(run)
    assert mock.books()["requests"] == 300
    assert run.manifest["answers_sha256"]


def test_kill_dash_nine_and_a_new_worker(world, celery):
    mock = world.mock(latency_ms=40)
    run = world.run_on(mock, 400, endpoint=ENDPOINT)
    for target in (60, 180):
        worker = celery()
        world.until_answered(target)
        worker.kill()
    celery()
    finished(run)
    assert mock.books()["requests"] - 400 <= Intent.objects.filter(is_settled=False).count()


def test_sigterm_drains_the_claim_loop_inside_celery(world, celery):
    mock = world.mock(latency_ms=300)
    run = world.run_on(mock, 200, endpoint=ENDPOINT)
    worker = celery()
    world.until_answered(32)
    assert worker.terminate() == 0
    assert not Shard.objects.exclude(holder="").exists()
    assert not Intent.objects.filter(is_settled=False).exists()
    assert Worker.objects.get().stopped_at is not None
    celery()
    finished(run)
    assert mock.books()["requests"] == 200


def test_redis_wiped_and_gone_under_celery(world, celery):
    celery()
    mock = world.mock(latency_ms=40)
    run = world.run_on(mock, 400, endpoint=ENDPOINT)
    world.until_answered(60)
    world.redis.kill()
    world.until_answered(200)
    world.redis.start()
    finished(run)
    assert mock.books()["duplicates"] == 0


def test_a_worker_begins_although_redis_is_down(world, celery):
    world.redis.kill()
    mock = world.mock(latency_ms=10)
    run = world.run_on(mock, 100, endpoint=ENDPOINT)
    celery()
    finished(run)


def test_a_storm_of_nudges_starts_nothing_twice(world, celery):
    celery()
    mock = world.mock(latency_ms=20)
    run = world.run_on(mock, 300, endpoint=ENDPOINT)
    for _ in range(50):
        current_app.send_task("workers.tasks.work", args=["eval_api"], queue="eval_api", ignore_result=True)
        current_app.send_task("workers.tasks.finish", args=[run.pk], queue="periodic", ignore_result=True)
        current_app.send_task("workers.tasks.tick", queue="periodic", ignore_result=True)
    finished(run)
    assert mock.books()["requests"] == 300
    assert Worker.objects.filter(pool="eval_api").count() == 1


def test_a_dead_account_pauses_and_a_resume_goes_on(world, celery):
    celery()
    mock = world.mock(latency_ms=10, faults="quota:1.0")
    run = world.run_on(mock, 100, endpoint=ENDPOINT)
    wait_until(lambda: Run.objects.get(pk=run.pk).status == RunStatus.PAUSED, what="the pause")
    wait_until(lambda: not Shard.objects.exclude(holder="").exists(), what="the shards given back")
    asked = mock.books()["requests"]
    assert asked <= 2 * ENDPOINT["max_in_flight"]
    mock.misbehave("")
    run.refresh_from_db()
    assert run.reason == "quota_exhausted"
    time.sleep(WALL_S)  # the gateway takes the account as empty that long without asking again
    resume_run(run=run)
    finished(run)
    assert mock.books()["requests"] == asked + 100
