"""A scripted judge for tests and for authors of rubrics: a real server, no model behind it.

with ScriptedJudge() as judge:
    open_judge("openai/scripted-judge", base_url=judge.base_url)

`python -m grader.testing` starts one in a terminal.
"""

from grader.testing.faults import FAULTS, Fault
from grader.testing.scripted import MODEL, Received, ScriptedJudge

__all__ = ["FAULTS", "MODEL", "Fault", "Received", "ScriptedJudge"]
