"""The web: request → search → response, as JSON (``api.py``) and as pages (``pages.py``).

``app.py`` wires them; ``parameters.py`` reads what an address asks, ``problems.py`` says what went
wrong; ``marking.py`` and ``blocks.py`` turn text into safe markup, ``messages.py`` has the words.
"""
