"""How read models stay level with the log: followed, made anew, compared with it row by row.

Read `follow` (the pull loop), `replay` (everything at once), `workers` (on every core), then `compare`.
"""
