"""The benchmark: this project against other engines, in one run on one machine.

``run`` is the entry. ``corpus`` and ``queries`` say what is indexed and asked, ``peers`` who is
asked, ``child`` measures one thing in a process of its own, ``latency`` all engines in turn,
``check`` compares answers with a plain scan; ``table`` and ``report`` show the results.
"""
