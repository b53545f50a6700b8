"""From what the user names to a judge: `provider/model`, `recorded:FILE`, `files:DIR`."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from grader.errors import InputError, JudgeError
from grader.judge.judge import Judge
from grader.judge.providers import PROVIDERS, Provider, provider, takes_temperature
from grader.judge.settings import JudgeSettings

UNNAMED = "files/unnamed"
"""The model that `files:` requests name where the user names none."""

PLACEHOLDER_KEY = "no-key-needed"


def _to_stderr(notice: str) -> None:
    print(notice, file=sys.stderr)


def open_judge(
    spec: str,
    *,
    base_url: str | None = None,
    settings: JudgeSettings | None = None,
    judge_model: str | None = None,
    notice: Callable[[str], None] = _to_stderr,
) -> Judge:
    """A judge, ready to be asked. Nothing is sent yet.

    Args:
        spec: 'provider/model', 'recorded:FILE' or 'files:DIR'.
        base_url: an OpenAI-compatible server to be asked instead of the provider's own.
        settings: sampling parameters and patience.
        judge_model: for `files:`, the model that will answer; for `recorded:`, which of
            several recorded models answers.
        notice: told, in a sentence, what was odd but could be passed over.

    Raises:
        InputError: the spec or address cannot be understood, a recording or reply is broken.
        JudgeError: no key.
    """
    settings = settings or JudgeSettings()
    head, colon, rest = spec.partition(":")
    if colon and head in ("recorded", "files"):
        if not rest.strip():
            what = "file" if head == "recorded" else "folder"
            raise InputError(
                f"'{spec}' names no {what}", mend=f"Write {head}:{what.upper()}.", place="--judge"
            )
        if base_url:
            raise InputError(f"'{head}:' has no address; leave --base-url out", place="--base-url")
        if head == "recorded":
            from grader.judge.recorded import RecordedJudge

            return RecordedJudge(Path(rest), model=judge_model)
        from grader.judge.files import FilesJudge

        model = judge_model or UNNAMED
        parameters = parameters_of(model, settings)
        return FilesJudge(Path(rest), model=model, parameters=parameters, notice=notice)
    return _live(spec, base_url, settings)


def parameters_of(model: str, settings: JudgeSettings) -> dict[str, Any]:
    """The sampling parameters that this model is sent, by the names its provider uses."""
    parameters: dict[str, Any] = {
        provider(model.partition("/")[0]).limit_parameter: settings.max_tokens
    }
    if settings.temperature is not None and takes_temperature(model):
        parameters["temperature"] = settings.temperature
    if settings.seed is not None:
        parameters["seed"] = settings.seed
    return parameters


def _live(spec: str, base_url: str | None, settings: JudgeSettings) -> Judge:
    name, slash, model = spec.partition("/")
    if not (slash and name.strip() and model.strip()) or spec != spec.strip():
        raise InputError(
            f"'{spec}' is not a judge",
            place="--judge",
            mend="Write provider/model (such as openai/gpt-5.4), recorded:FILE, files:DIR "
            "or offline.",
        )
    chosen = provider(name)
    address = base_url or chosen.address
    if address is None:
        raise InputError(
            f"the provider '{name}' is not known",
            place="--judge",
            mend=f"Known are {', '.join(PROVIDERS)}. For any other OpenAI-compatible server add "
            "--base-url.",
        )
    parts = urlsplit(address)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise InputError(
            f"'{address}' is not an address",
            place="--base-url",
            mend="Write it with http:// or https://, such as http://127.0.0.1:8080/v1.",
        )
    key = find_key(chosen)
    if key is None and chosen.key_variables and base_url is None:
        raise JudgeError(
            f"no key for {name}: {' or '.join(chosen.key_variables)} is not set",
            mend=f"Set {chosen.key_variables[0]} in the environment or in a .env file in this "
            "folder.",
        )
    # Imported only here: it takes a second or two, and most commands ask nothing.
    from grader.judge.openai_compatible import LiveJudge

    return LiveJudge(
        spec,
        address=address,
        key=key or PLACEHOLDER_KEY,
        key_variable=chosen.key_variables[0] if chosen.key_variables else None,
        shape=chosen.shape,
        parameters=parameters_of(spec, settings),
        settings=settings,
    )


def find_key(chosen: Provider) -> str | None:
    """The provider's key, from the environment or a `.env` file here. None: there is none.

    Raises:
        InputError: it holds characters that no key has, such as a line break.
    """
    for variable in chosen.key_variables:
        key = (os.environ.get(variable) or _dotenv().get(variable) or "").strip()
        if not key:
            continue
        if not (key.isascii() and key.isprintable() and " " not in key):
            raise InputError(
                f"{variable} holds blanks, line breaks or characters that no key has",
                mend="Copy the key again.",
            )
        return key
    return None


def _dotenv() -> dict[str, str | None]:
    from dotenv import dotenv_values

    try:
        return dotenv_values(Path(".env"))
    except (OSError, UnicodeDecodeError):
        return {}
