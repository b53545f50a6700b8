"""`grader worker` and `grader queue`: questions that workers on many hosts answer."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from grader.cli.options import (
    AsJson,
    BaseUrl,
    Concurrency,
    Insecure,
    Prices,
    RequestsPerMinute,
    ServerErrors,
    Timeout,
    TokensPerMinute,
)
from grader.cli.output import err, out, print_json
from grader.errors import InputError

if TYPE_CHECKING:
    from grader.judge.queue.status import Flow, Worker

queue = typer.Typer(
    name="queue", help="A queue that workers serve: status, limits, drain.", no_args_is_help=True
)

Url = Annotated[
    str,
    typer.Argument(metavar="URL", help="The queue's database: postgresql://HOST/DATABASE."),
]

START = """\
Name one: grader worker postgresql://HOST/DATABASE. These start one on this machine:
  Debian:      sudo apt-get install postgresql && sudo -u postgres createuser --pwprompt grader \
&& sudo -u postgres createdb --owner grader grader
  a container: docker run -d -p 5432:5432 -e POSTGRES_USER=grader -e POSTGRES_DB=grader \
-e POSTGRES_PASSWORD=… postgres
Both are then postgresql://grader@localhost/grader, with the password in PGPASSWORD; see \
docs/hosts.md."""


def worker(
    url: Annotated[
        str | None,
        typer.Argument(metavar="URL", help="The queue's database: postgresql://HOST/DATABASE."),
    ] = None,
    base_url: BaseUrl = None,
    model: Annotated[
        list[str] | None,
        typer.Option(
            metavar="PROVIDER/MODEL", help="Serve this model only; give it again for more."
        ),
    ] = None,
    concurrency: Concurrency = 8,
    requests_per_minute: RequestsPerMinute = None,
    tokens_per_minute: TokensPerMinute = None,
    timeout: Timeout = None,
    prices: Prices = None,
    server_errors: ServerErrors = None,
    insecure: Insecure = False,
) -> None:
    """Answer the questions of a queue with the judges that this host reaches.

    Serves every model of the queue whose provider's key is set here, or, with --base-url, that the
    server there lists. Ends on Ctrl-C or `grader queue drain`, when what is under way has ended.
    """
    from grader.judge.choose import provider_of
    from grader.judge.options import JudgeOptions
    from grader.judge.queue.database import driver, read_url
    from grader.judge.queue.worker import Worker, run_worker
    from grader.judge.settings import TIMEOUT_S

    if url is None:
        raise InputError("a worker needs the database of a queue", mend=START)
    database = read_url(url)
    driver()
    for each in model or ():
        provider_of(each)
    console = err()
    options = JudgeOptions(
        base_url=base_url,
        concurrency=concurrency,
        requests_per_minute=requests_per_minute,
        tokens_per_minute=tokens_per_minute,
        timeout_s=timeout or TIMEOUT_S,
        prices=prices,
        server_errors=server_errors,
        insecure=insecure,
    )
    console.print(f"worker of the queue at {database.place}; Ctrl-C ends it", markup=False)
    run_worker(
        Worker(
            database,
            options,
            models=tuple(model or ()),
            notice=lambda text: console.print(text, markup=False, soft_wrap=True),
        )
    )
    console.print("ended; nothing is under way here", markup=False)


@queue.command()
def status(url: Url, as_json: AsJson = False) -> None:
    """Workers with their last sign of life, open and failed questions, spend."""
    from grader.judge.queue.database import read_url
    from grader.judge.queue.status import read_status

    database = read_url(url)
    now = read_status(database)
    if as_json:
        workers = [asdict(each) | {"alive": each.alive} for each in now.workers]
        print_json({"queue": database.place, **asdict(now), "workers": workers})
        return
    console = out()
    for each in now.workers:
        console.print(_worker_line(each), markup=False, soft_wrap=True)
    if not any(each.alive for each in now.workers):
        console.print("no worker is alive; start one with: grader worker URL", markup=False)
    console.print(
        f"{now.waiting} questions wait, {now.taken} are taken by workers; "
        f"{now.answered} are answered, {now.failed} failed",
        markup=False,
        soft_wrap=True,
    )
    console.print(_flow_line(now.flow), markup=False, soft_wrap=True)


@queue.command()
def limit(
    url: Url,
    usd: Annotated[
        float | None,
        typer.Option(min=0, metavar="USD", help="Never spend more, all hosts together."),
    ] = None,
    under_way: Annotated[
        int | None, typer.Option(min=1, help="Requests under way at once, all hosts together.")
    ] = None,
    lift: Annotated[bool, typer.Option("--lift", help="Lift both limits first.")] = False,
) -> None:
    """Set or show what all hosts together may spend and send at once."""
    from grader.judge.queue.database import read_url
    from grader.judge.queue.status import set_limits

    flow = set_limits(read_url(url), usd=usd, under_way=under_way, lift=lift)
    out().print(_flow_line(flow), markup=False, soft_wrap=True)


@queue.command()
def drain(url: Url) -> None:
    """End every worker when what it has under way has ended. Open questions stay."""
    from grader.judge.queue.database import read_url
    from grader.judge.queue.status import drain as drain_queue

    console = err()
    left_before = 0

    def on_wait(left: list[Worker]) -> None:
        nonlocal left_before
        if len(left) != left_before:
            left_before = len(left)
            console.print(f"waiting for {len(left)} workers to end", markup=False)

    ended = drain_queue(read_url(url), on_wait)
    out().print(f"{ended} workers ended", markup=False)


def _worker_line(worker: Worker) -> str:
    models = sorted({each.partition(" ")[0] for each in worker.serves})
    state = "alive" if worker.alive else "ended" if worker.ended else "dead"
    parts = [
        f"{worker.host}:{worker.pid}",
        "draining" if worker.draining and worker.alive else state,
        f"last sign {worker.silent_s:.0f} s ago",
        f"{worker.under_way} under way",
        f"grader {worker.version}",
        ", ".join(models) or "serves nothing",
    ]
    parts += [f"at {worker.address}"] if worker.address else []
    parts += [f"{len(worker.refuses)} prompts unknown"] if worker.refuses else []
    parts += [worker.problem] if worker.problem else []
    return "  ".join(parts)


def _flow_line(flow: Flow) -> str:
    cap = f" of ${flow.cap_usd:.2f}" if flow.cap_usd is not None else ", no cap"
    most = f" of {flow.most_under_way}" if flow.most_under_way is not None else ""
    reserved = f", ${flow.reserved_usd:.4f} reserved" if flow.reserved_usd else ""
    return (
        f"${flow.spent_usd:.4f}{cap} spent{reserved}; {flow.under_way}{most} requests under way; "
        f"{flow.per_second:.1f} a second"
    )
