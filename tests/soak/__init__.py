"""Many people on all pages and models for a long time, with the server killed in the middle.

    python -m tests.soak [--sessions 50] [--minutes 60] [--think 10] [--port 8660]
    python -m tests.soak --minutes 10

Every session walks: it opens a page with one of its models, a text and a tab, as an address names them, pauses, and
walks on. In the middle the server is killed (SIGKILL) and started again: all sessions connect anew and ask for the
address that they were at. Printed are, a line for each part of the time, pages opened, p50 and p95, memory and threads
of the server, at the end once more when all have left; then what went wrong: error pages, sessions that were not
answered in two minutes, tracebacks in the log of the server, texts that did not come back. Everything stays on this
computer, and stops by itself.

A short form, with few sessions for some seconds, is among the tests.
"""
