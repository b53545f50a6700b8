"""From what the user names to a judge: `provider/model`, `recorded:`, `files:` or `queue:`."""

from __future__ import annotations

import ipaddress
import os
import sys
from collections.abc import Callable, Sequence
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import SplitResult, urlsplit, urlunsplit

from grader.errors import InputError, JudgeError
from grader.files.text import read_text
from grader.judge.budget import Budget
from grader.judge.judge import Judge
from grader.judge.prices import Price
from grader.judge.providers import PROVIDERS, Provider, is_reasoning_model, provider
from grader.judge.refusals import Rules
from grader.judge.settings import JudgeSettings
from grader.judge.throttle import Throttle
from grader.text.visible import visible

if TYPE_CHECKING:
    from grader.judge.queue.database import Database

INDIRECT = {
    "recorded": "recorded:FILE",
    "files": "files:DIR",
    "queue": "queue:postgresql://HOST/DB#provider/model",
}
"""How judges are written that are not asked at an address of their own."""

UNNAMED = "files/unnamed"
"""The model that `files:` requests name where the user names none."""

REASONING_ROOM = 4
"""How much more a model may write that thinks before it answers: its thoughts count too."""

PLACEHOLDER_KEY = "no-key-needed"


def to_stderr(notice: str) -> None:
    """Print a notice where it mixes with no output."""
    print(visible(notice), file=sys.stderr)


def open_judge(
    spec: str,
    *,
    base_url: str | None = None,
    settings: JudgeSettings | None = None,
    judge_model: str | None = None,
    notice: Callable[[str], None] = to_stderr,
    throttle: Throttle | None = None,
    price: Price | None = None,
    budget: Budget | None = None,
    rules: Rules | None = None,
    insecure: bool = False,
    key_needed_now: bool = True,
    on_flow: Callable[[str], None] | None = None,
) -> Judge:
    """A judge, ready to be asked. Nothing is sent yet.

    Args:
        spec: 'provider/model', 'recorded:FILE', 'recorded:FILE#provider/model' where several
            models were recorded, 'files:DIR', or 'queue:postgresql://HOST/DB#provider/model'.
        base_url: an OpenAI-compatible server to be asked instead of the provider's own.
        settings: sampling parameters and patience.
        judge_model: for `files:`, the model that will answer.
        notice: told, in a sentence, what was odd but could be passed over.
        throttle: how much may go out at once.
        price: what the judge's tokens cost; None: not known.
        budget: the budget; None: there is none.
        rules: what errors of a server mean; None: the shipped rules.
        insecure: send to plain HTTP addresses outside this machine, too.
        key_needed_now: False leaves a missing key to be told by the first request.
        on_flow: for `queue:`, told in a few words who works on the queue, and how fast.

    Raises:
        InputError: the spec or address cannot be understood, a recording or reply is broken.
        JudgeError: no key.
    """
    settings = settings or JudgeSettings()
    head, colon, rest = spec.partition(":")
    if colon and head in INDIRECT:
        _check_indirect(spec, head, rest, base_url, judge_model)
        if head == "queue":
            return _queue(spec, settings, throttle or Throttle(), notice, on_flow)
        if head == "recorded":
            from grader.judge.recorded import RecordedJudge

            return RecordedJudge(rest)
        from grader.judge.files import FilesJudge

        model = judge_model or UNNAMED
        parameters = parameters_of(model, settings)
        return FilesJudge(Path(rest), model=model, parameters=parameters, notice=notice)
    name = provider_of(spec)
    chosen = provider(name)
    server = own_server(name, base_url)
    address = _checked(server or chosen.address or "", insecure)
    key = find_key(chosen)
    no_key = None
    if key is None and chosen.key_variables and base_url is None:
        no_key = _no_key(name, chosen)
        if key_needed_now:
            raise no_key
    # Imported only here: it takes a second or two, and most commands ask nothing.
    from grader.judge.openai_compatible import LiveJudge

    return LiveJudge(
        spec,
        address=address,
        server=server,
        key=key or no_key or PLACEHOLDER_KEY,
        key_variable=chosen.key_variables[0] if chosen.key_variables else None,
        shape=chosen.shape,
        parameters=parameters_of(spec, settings),
        settings=settings,
        throttle=throttle,
        price=price,
        budget=budget,
        rules=rules,
    )


def _check_indirect(
    spec: str, head: str, rest: str, base_url: str | None, judge_model: str | None
) -> None:
    if not rest.strip():
        raise InputError(
            f"'{spec}' names nothing", mend=f"Write {INDIRECT[head]}.", place="--judge"
        )
    if base_url:
        raise InputError(f"'{head}:' has no address; leave --base-url out", place="--base-url")
    if head != "files" and judge_model:
        raise InputError(
            f"'{spec}' names its model itself",
            place="--judge-model",
            mend=f"Leave it out, or write '{spec.partition('#')[0]}#{judge_model}'.",
        )


def _queue(
    spec: str,
    settings: JudgeSettings,
    throttle: Throttle,
    notice: Callable[[str], None],
    on_flow: Callable[[str], None] | None,
) -> Judge:
    from grader.judge.queue.database import driver
    from grader.judge.queue.judge import QueueJudge

    database, model = queue_of(spec)
    driver()
    return QueueJudge(
        database,
        model,
        spec=spec,
        parameters=parameters_of(model, settings),
        throttle=throttle,
        notice=notice,
        on_flow=on_flow,
    )


def queue_of(spec: str) -> tuple[Database, str]:
    """Database and model of 'queue:postgresql://HOST/DB#provider/model'. Raises InputError."""
    from grader.judge.queue.database import read_url

    url, _, model = spec.removeprefix("queue:").partition("#")
    database = read_url(url)
    if not model:
        raise InputError(
            f"'{spec}' names no model", mend=f"Write {INDIRECT['queue']}.", place="--judge"
        )
    provider_of(model)
    return database, model


def stated_server(spec: str, base_url: str | None) -> str | None:
    """The server of a judge that is asked now, as records name it. Raises InputError."""
    if is_queue(spec):
        return f"queue:{queue_of(spec)[0].place}"
    return own_server(provider_of(spec), base_url)


def check_specs(specs: Sequence[str]) -> None:
    """Refuse a judge whose name holds a password, before it stands anywhere. Raises InputError."""
    for spec in specs:
        if is_queue(spec):
            queue_of(spec)


def endpoint(spec: str, base_url: str | None, *, insecure: bool = False) -> tuple[str, str]:
    """Address and key of a live judge, for doors that are not the chat's.

    Raises:
        InputError: not of the form provider/model, or an address that can't be used.
        JudgeError: no key.
    """
    name = provider_of(spec)
    chosen = provider(name)
    address = _checked(own_server(name, base_url) or chosen.address or "", insecure)
    key = find_key(chosen)
    if key is None and chosen.key_variables and base_url is None:
        raise _no_key(name, chosen)
    return address, key or PLACEHOLDER_KEY


def _no_key(name: str, chosen: Provider) -> JudgeError:
    return JudgeError(
        f"no key for {name}: {' or '.join(chosen.key_variables)} is not set",
        mend=f"Set {chosen.key_variables[0]} in the environment or in a .env file in this folder. "
        "`grader compare --judge offline` drafts without a model.",
    )


def own_server(name: str, base_url: str | None) -> str | None:
    """The address asked in place of the provider's own, in one spelling; None: its own.

    Raises:
        InputError: it is no address, holds a password, or is missing for an unknown provider.
    """
    chosen = provider(name)
    if base_url is None and chosen.address is None:
        raise InputError(
            f"the provider '{name}' is not known",
            place="--judge",
            mend=f"Known are {', '.join(PROVIDERS)}. For any other OpenAI-compatible server add "
            "--base-url.",
        )
    if base_url is None:
        return None
    parts = _parts(base_url)
    if parts is None:
        raise InputError(
            f"'{base_url}' is not an address",
            place="--base-url",
            mend="Write it with http:// or https://, such as http://127.0.0.1:8080/v1.",
        )
    if "@" in parts.netloc or parts.query or parts.fragment:
        raise InputError(
            "the address holds a user, a password or a query",
            place="--base-url",
            mend="Give the bare address; keys go into the environment or .env.",
        )
    plain = urlunsplit((parts.scheme, parts.netloc.lower(), parts.path.rstrip("/"), "", ""))
    return None if plain == chosen.address else plain


def _parts(address: str) -> SplitResult | None:
    try:
        parts = urlsplit(address)
        usable = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:
        return None
    return parts if usable else None


def _checked(address: str, insecure: bool) -> str:
    """The address, unless what goes there could be read on the way."""
    parts = urlsplit(address)
    if parts.scheme == "http" and not insecure and not _is_this_machine(parts.hostname or ""):
        raise InputError(
            f"'{address}' is not encrypted: key and transcripts could be read on the way",
            place="--base-url",
            mend="Use https://, or add --insecure where you know the network.",
        )
    return address


def _is_this_machine(host: str) -> bool:
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def provider_of(spec: str) -> str:
    """The provider in 'provider/model'. Raises InputError where the spec is not of this form."""
    name, slash, model = spec.partition("/")
    if not (slash and name.strip() and model.strip()) or spec != spec.strip():
        raise InputError(
            f"'{spec}' is not a judge",
            place="--judge",
            mend="Write provider/model (such as openai/gpt-5.4), recorded:FILE, files:DIR, "
            f"{INDIRECT['queue']} or offline.",
        )
    return name


def is_live(spec: str) -> bool:
    """Whether a spec names a model to be asked over the network."""
    return spec.partition(":")[0] not in INDIRECT and spec != "offline"


def is_queue(spec: str) -> bool:
    """Whether a spec names a queue, whose workers ask the model."""
    return spec.startswith("queue:")


def parameters_of(model: str, settings: JudgeSettings) -> dict[str, Any]:
    """The sampling parameters that this model is sent, by the names its provider uses."""
    # Asked for an effort, a model thinks whatever its name; and such models take no temperature.
    reasons = is_reasoning_model(model) or settings.reasoning_effort is not None
    room = settings.max_tokens * (REASONING_ROOM if reasons else 1)
    parameters: dict[str, Any] = {provider(model.partition("/")[0]).limit_parameter: room}
    if settings.temperature is not None and not reasons:
        parameters["temperature"] = settings.temperature
    if settings.reasoning_effort is not None:
        parameters["reasoning_effort"] = settings.reasoning_effort
    if settings.seed is not None:
        parameters["seed"] = settings.seed
    return parameters


def find_key(chosen: Provider) -> str | None:
    """The provider's key, from the environment or a `.env` file here. None: there is none.

    Raises:
        InputError: it holds characters that no key has, such as a line break.
    """
    for variable in chosen.key_variables:
        key = environment_value(variable)
        if not key:
            continue
        if not (key.isascii() and key.isprintable() and " " not in key):
            raise InputError(
                f"{variable} holds blanks, line breaks or characters that no key has",
                mend="Copy the key again.",
            )
        return key
    return None


def environment_value(variable: str) -> str:
    """A variable of the environment or of a `.env` file here; empty where it is not set."""
    return (os.environ.get(variable) or _dotenv().get(variable) or "").strip()


def _dotenv() -> dict[str, str | None]:
    from dotenv import dotenv_values

    try:
        return dotenv_values(stream=StringIO(read_text(Path(".env"), limit=1_000_000)))
    except InputError:
        return {}
