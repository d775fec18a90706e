"""One file from which the service can be put up again on an empty machine.

- ``contents``: what a file holds and what says that it is whole
- ``make``: the service → a file
- ``restore``: a file → the service, the index built anew
"""
