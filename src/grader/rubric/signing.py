"""Signing a lock with an SSH key, and telling who signed it: `ssh-keygen -Y`.

The signature lies beside the lock as `<name>.lock.sig`. Who may sign is said by a file of allowed
signers (see `man ssh-keygen`), which the reader must trust; without it a signature says nothing.
"""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from grader.errors import InputError

NAMESPACE = "grader-rubric"
"""A signature made for another purpose can't pass for one of a rubric."""

ALLOWED_SIGNERS = "allowed_signers"
_TIMEOUT_S = 60


@dataclass(frozen=True)
class Signature:
    """What is known of a lock's signature."""

    state: Literal["none", "valid", "invalid", "not_checked"]
    """not_checked: there is one, and no file of allowed signers to check it against."""
    signer: str | None = None
    detail: str | None = None


def signature_path(lock: Path) -> Path:
    """Where the signature of a lock lies."""
    return lock.with_name(lock.name + ".sig")


def sign_text(text: str, key: Path, *, namespace: str = NAMESPACE) -> str:
    """The signature of a lock's text. May ask for the key's passphrase on the terminal.

    Args:
        text: what is signed.
        key: an SSH key.
        namespace: what the signature is for.

    Raises:
        InputError: no such key, a wrong passphrase, or no ssh-keygen.
    """
    if not key.is_file():
        raise InputError(
            "no such key", place=key, mend="Give an SSH key, such as ~/.ssh/id_ed25519."
        )
    ran = _ssh_keygen("sign", "-f", str(key), "-n", namespace, stdin=text)
    if ran.returncode != 0:
        raise InputError(
            f"ssh-keygen could not sign: {_last_line(ran.stderr)}",
            place=key,
            mend="Check the key and its passphrase.",
        )
    return ran.stdout


def check_signature(
    lock: Path, allowed_signers: Path | None = None, *, namespace: str = NAMESPACE
) -> Signature:
    """Whether a lock's signature is good, and whose it is.

    Args:
        lock: the lock file.
        allowed_signers: who may sign; None looks for a file `allowed_signers` beside the lock.
        namespace: what it was signed for.

    Raises:
        InputError: the named file of allowed signers is missing, or there is no ssh-keygen.
    """
    signature = signature_path(lock)
    if not signature.is_file():
        return Signature("none")
    beside = lock.with_name(ALLOWED_SIGNERS)
    allowed = allowed_signers or (beside if beside.is_file() else None)
    if allowed is None:
        return Signature("not_checked", detail="no file of allowed signers")
    if not allowed.is_file():
        raise InputError("no such file of allowed signers", place=allowed)
    found = _ssh_keygen("find-principals", "-s", str(signature), "-f", str(allowed))
    if found.returncode != 0 or not found.stdout.strip():
        return Signature("invalid", detail=f"none of the signers in {allowed.name} made it")
    signer = found.stdout.split("\n")[0].strip()
    checked = _ssh_keygen(
        *("verify", "-f", str(allowed), "-I", signer, "-n", namespace, "-s", str(signature)),
        stdin=lock.read_text("utf-8"),
    )
    if checked.returncode != 0:
        return Signature("invalid", signer, "the lock is not what was signed")
    return Signature("valid", signer)


def _ssh_keygen(action: str, *arguments: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
    try:
        return subprocess.run(
            ["ssh-keygen", "-Y", action, *arguments],
            input=stdin,
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=_TIMEOUT_S,
            check=False,
        )
    except FileNotFoundError:
        raise InputError(
            "ssh-keygen is not installed", mend="Install OpenSSH 8.1 or newer, or don't sign."
        ) from None
    except subprocess.TimeoutExpired:
        raise InputError("ssh-keygen did not end", mend="Is it waiting for a passphrase?") from None


def _last_line(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[-1] if lines else "no reason given"
