"""Options that several commands share, each with its words and its environment variable."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

AsJson = Annotated[
    bool, typer.Option("--json", help="Print one JSON document; messages go to stderr.")
]

Control = Annotated[
    Path, typer.Argument(metavar="CONTROL", help="Transcript of the plain run, or a folder.")
]
Treatment = Annotated[
    Path, typer.Argument(metavar="TREATMENT", help="Transcript of the treated run, or a folder.")
]
Criteria = Annotated[
    Path,
    typer.Option(
        "--rubric",
        "-r",
        help="The criteria, a YAML file; for folders also one with a <task>.yaml a task.",
    ),
]
Name = Annotated[
    str | None, typer.Option(help="Name of this comparison's folder.", show_default="from the ids")
]
Strict = Annotated[
    bool, typer.Option("--strict", help="Refuse a pair that differs in more than its treatment.")
]
BlindnessProbe = Annotated[
    bool,
    typer.Option(
        "--blindness-probe", help="Ask at the end, in both orders, which was the control."
    ),
]
DryRun = Annotated[
    bool, typer.Option("--dry-run", help="Say what would be asked, and ask nothing.")
]

JUDGE_FORMS = (
    "provider/model (openai/gpt-5.4, ollama/…), recorded:FILE[#model], files:DIR, queue:URL#model"
)

Judges = Annotated[
    list[str] | None,
    typer.Option(
        "--judge",
        "-j",
        envvar="GRADER_JUDGE",
        help=f"Who judges: {JUDGE_FORMS} or offline (nobody is asked). Give it again for a panel.",
        show_default="offline",
    ),
]
BaseUrl = Annotated[
    str | None,
    typer.Option(envvar="GRADER_BASE_URL", help="An OpenAI-compatible server to ask instead."),
]
JudgeModel = Annotated[
    str | None, typer.Option(help="The model that files: requests name, as provider/model.")
]
Insecure = Annotated[
    bool, typer.Option("--insecure", help="Send to plain http:// outside this machine, too.")
]
Prices = Annotated[
    Path | None,
    typer.Option(envvar="GRADER_PRICES", help="Prices that correct the shipped ones, YAML."),
]
ServerErrors = Annotated[
    Path | None,
    typer.Option(
        envvar="GRADER_SERVER_ERRORS",
        help="Rules for what errors of servers mean, before the shipped ones, YAML.",
    ),
]
Concurrency = Annotated[
    int, typer.Option(min=1, max=1000, help="Requests under way at once, at most.")
]
RequestsPerMinute = Annotated[
    float | None, typer.Option(min=0.01, help="Send no more requests a minute.")
]
TokensPerMinute = Annotated[
    float | None, typer.Option(min=1, help="Send no more prompt tokens a minute (estimated).")
]
Timeout = Annotated[
    float | None,
    typer.Option(
        min=1, metavar="SECONDS", help="How long one attempt may take.", show_default="180"
    ),
]
WarmPrefix = Annotated[
    bool,
    typer.Option(
        "--warm-prefix",
        help="Let the first question on a transcript go ahead, so that the provider's cache "
        "serves the rest.",
    ),
]
Budget = Annotated[
    float | None,
    typer.Option(
        min=0, metavar="USD", help="Never spend more on this, earlier runs of it included."
    ),
]
ReasoningEffort = Annotated[
    str | None, typer.Option(help="For models that think first, as the provider names it.")
]
RetryFailed = Annotated[
    bool, typer.Option("--retry-failed", help="Ask anew what ended in a failure.")
]
Outputs = Annotated[
    Path, typer.Option(envvar="GRADER_OUTPUTS", help="Folder of all comparisons, with the journal.")
]
Journal = Annotated[
    str | None,
    typer.Option(
        envvar="GRADER_JOURNAL",
        help="File of the replies.",
        show_default="journal.db in the outputs",
    ),
]
Record = Annotated[
    Path | None, typer.Option(help="Write all replies into this file, for recorded:FILE.")
]
RecordNote = Annotated[
    str | None,
    typer.Option(
        metavar="TEXT", help="Who answered and how; --record writes it at the top of its file."
    ),
]
Study = Annotated[
    Path | None, typer.Option(help="The study's description and hypotheses, a YAML file.")
]
Depth = Annotated[
    str,
    typer.Option(
        metavar="DEPTH", help="quick: verdicts and signatures; standard: all; deep: three samples."
    ),
]
Samples = Annotated[
    int | None, typer.Option(min=1, max=99, help="How often each verdict is asked.")
]

Format = Annotated[
    list[str] | None,
    typer.Option(help="Read as this format, whatever the content seems to be. [SIDE=]NAME"),
]
EndsAt = Annotated[
    list[str] | None,
    typer.Option(help="Last line of the transcript on a page. [SIDE=]LINE"),
]
JudgeTurns = Annotated[
    list[str] | None,
    typer.Option(
        help="Turns to be judged, such as treatment=4-6; last: the model's last words; all: all "
        "from the task on. [SIDE=]TURNS"
    ),
]
JudgeArtifacts = Annotated[
    bool,
    typer.Option(
        "--judge-artifacts",
        help="Judge the documents that the model put into tool calls, too: artifacts, canvases, "
        "written files.",
    ),
]
TaskDiffers = Annotated[
    bool,
    typer.Option(
        "--task-differs",
        help="Accept task prompts that differ in more than typography. Not blind any more.",
    ),
]

FileFormat = Annotated[
    str | None, typer.Option(help="Read as this format, whatever the content seems to be.")
]
FileEndsAt = Annotated[
    int | None,
    typer.Option(min=1, help="Last line of the transcript, where a page is unclear."),
]

Reviewer = Annotated[
    str | None,
    typer.Option(envvar="GRADER_REVIEWER", help="Your name.", show_default="from git or login"),
]
ComparisonFolder = Annotated[
    Path, typer.Argument(metavar="FOLDER", help="A comparison's folder, such as outputs/<name>.")
]
