"""Checking a comparison's folder: is every file what was written, and does it all hold together?

`hashes.json` holds the hashes of the draft and of the calls; the review is a chain that names the
draft; the writeups are made anew and compared. So a changed byte in any file is noticed. Beyond
that the draft is made again from the recorded replies, so that hashes that were made to fit
don't hide a changed level.
"""

from grader.check.folder.checking import check_folder

__all__ = ["check_folder"]
