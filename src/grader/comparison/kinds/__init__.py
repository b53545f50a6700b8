"""One module for each kind of question: prompt, answer, record, review items, findings.

`kind` says what a kind of question can bring, `registry` lists the kinds in their order.
"""
