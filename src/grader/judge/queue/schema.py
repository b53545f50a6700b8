"""The queue's tables, in a schema of their own: PgQueuer's, and what grader adds to them.

PgQueuer's table holds open questions. Beside it: how each question ended, which workers there are,
every request that was sent, and the budget in one row.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from grader.errors import RecordError
from grader.judge.queue.database import Database

SCHEMA_VERSION = 1
SCHEMA = "grader_queue"
CHANNEL = "grader_queue_jobs"
RESULTS_CHANNEL = "grader_queue_results"

TABLES = f"""
CREATE TABLE IF NOT EXISTS {SCHEMA}.about (name text PRIMARY KEY, value text NOT NULL);
INSERT INTO {SCHEMA}.about VALUES ('schema_version', '{SCHEMA_VERSION}') ON CONFLICT DO NOTHING;

-- Sorts of questions: workers serve those whose model they reach and whose prompt they know.
CREATE TABLE IF NOT EXISTS {SCHEMA}.sorts (
    entrypoint text PRIMARY KEY, model text NOT NULL, prompt text NOT NULL,
    prompt_hash text NOT NULL);

-- How a question ended: all attempts at it, as lines of calls.jsonl. failure: api_error or
-- budget_stopped, until it is asked again.
CREATE TABLE IF NOT EXISTS {SCHEMA}.results (
    question text PRIMARY KEY, model text NOT NULL, calls text NOT NULL, failure text,
    detail text, worker bigint NOT NULL, at timestamptz NOT NULL DEFAULT now());

CREATE TABLE IF NOT EXISTS {SCHEMA}.workers (
    id bigserial PRIMARY KEY, host text NOT NULL, pid integer NOT NULL, version text NOT NULL,
    address text, serves text[] NOT NULL DEFAULT '{{}}', refuses text[] NOT NULL DEFAULT '{{}}',
    started timestamptz NOT NULL DEFAULT now(), last_sign timestamptz NOT NULL DEFAULT now(),
    draining boolean NOT NULL DEFAULT false, ended boolean NOT NULL DEFAULT false, problem text);

-- Requests. sent: under way; ended: usd is what it cost; lost: its worker died, usd is the most
-- that it can have cost.
CREATE TABLE IF NOT EXISTS {SCHEMA}.requests (
    id bigserial PRIMARY KEY, question text NOT NULL, worker bigint NOT NULL,
    most_usd double precision NOT NULL, usd double precision, state text NOT NULL DEFAULT 'sent',
    sent_at timestamptz NOT NULL DEFAULT now(), ended_at timestamptz);
CREATE INDEX IF NOT EXISTS requests_sent ON {SCHEMA}.requests (worker) WHERE state = 'sent';
CREATE INDEX IF NOT EXISTS requests_ended ON {SCHEMA}.requests (ended_at);

CREATE TABLE IF NOT EXISTS {SCHEMA}.budget (
    one_row boolean PRIMARY KEY DEFAULT true CHECK (one_row),
    cap_usd double precision, spent_usd double precision NOT NULL DEFAULT 0,
    reserved_usd double precision NOT NULL DEFAULT 0,
    most_under_way integer, under_way integer NOT NULL DEFAULT 0);
INSERT INTO {SCHEMA}.budget DEFAULT VALUES ON CONFLICT DO NOTHING;
"""


@cache
def engine_settings() -> Any:
    """Names of PgQueuer's objects, whatever the environment says of another PgQueuer."""
    from pgqueuer.domain.settings import DBSettings, Durability

    return DBSettings(
        prefix="",
        db_schema=SCHEMA,
        channel=CHANNEL,
        function="fn_jobs_changed",
        statistics_table="jobs_statistics",
        queue_status_type="job_status",
        queue_table="jobs",
        queue_table_log="jobs_log",
        trigger="tg_jobs_changed",
        schedules_table="schedules",
        durability=Durability.balanced,
    )


def queries(connection: Any) -> Any:
    """PgQueuer's statements over a connection or a pool of asyncpg."""
    import asyncpg
    from pgqueuer.adapters.drivers.asyncpg import AsyncpgDriver, AsyncpgPoolDriver
    from pgqueuer.adapters.persistence.qb import (
        QueryBuilderEnvironment,
        QueryQueueBuilder,
        QuerySchedulerBuilder,
    )
    from pgqueuer.adapters.persistence.queries import Queries

    settings = engine_settings()
    is_pool = isinstance(connection, asyncpg.Pool)
    return Queries(
        AsyncpgPoolDriver(connection) if is_pool else AsyncpgDriver(connection),
        QueryBuilderEnvironment(settings),
        QueryQueueBuilder(settings),
        QuerySchedulerBuilder(settings),
    )


async def install(connection: Any, database: Database) -> None:
    """Create what is not there yet.

    Raises:
        RecordError: the queue is of a newer version.
    """
    async with connection.transaction():
        # Several workers may start at once.
        await connection.execute("SELECT pg_advisory_xact_lock(hashtext($1))", SCHEMA)
        there = await connection.fetchval("SELECT to_regclass($1)", f"{SCHEMA}.about")
        if there is None:
            await queries(connection).install()
            await connection.execute(TABLES)
        found = await connection.fetchval(
            f"SELECT value FROM {SCHEMA}.about WHERE name = 'schema_version'"
        )
    if found != str(SCHEMA_VERSION):
        raise RecordError(
            f"the queue has schema version {found}, this version of grader serves {SCHEMA_VERSION}",
            place=database.place,
            mend="Use the same version of grader on every host.",
        )
