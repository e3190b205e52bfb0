"""Measurements: how fast, how large, how many. Each prints its conditions and a table; none asserts a time.

    python -m tests.benchmarks.cost.trace
        a full trace against the bare fused forward of the same torch module (GRU <= 1.35x, LSTM <= 1.75x), and against
        a loop over the steps (GRU >= 1.8x, LSTM >= 3x faster)
    python -m tests.benchmarks.page_latency
        from Enter to the last figure painted in Chromium, median and p95, beside an empty Streamlit app that paints
        the same figures (<= 1.5x)
    python -m tests.benchmarks.startup
        from `streamlit run app.py` to the first figure painted, bytes that a first visitor receives, memory of the
        server with 1 and with 50 sessions
    python -m tests.benchmarks.visitors
        50 visitors who type every 5 s, p50 and p95 (<= 250 ms), and reruns a second at saturation

Aims in brackets. Ratios come from one run in which all that is compared takes turns, so they hold on other machines and
under load far better than the times beside them; for the times, let the machine do nothing else. ``--help``
explains each and its options. They need the extra ``test`` and, but for the first, Chromium (or CHROMIUM=path) and
free ports on localhost; whatever they start, they stop.

timing.py takes turns and prints, running.py starts server and browser, floor.py makes the empty app, paint.js watches
the figures in the page.
"""
