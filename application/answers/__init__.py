"""Every question: (views, log, clocks, reader) → a plain typed value that the doors only word.

What a reader may see is decided here, once. `feed/` keeps the read models level with the log.
"""
