"""Learn: lessons of a few minutes, each answered by the real networks on the page below it."""

from viz.learn.page import open_page

open_page()
