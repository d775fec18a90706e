"""Every error this package raises on purpose. Their messages are written for people.

A library's error is wrapped where it enters and kept as the cause; whoever catches a
``SearchServiceError`` may show its text, and shows no other error's.
"""


class SearchServiceError(Exception):
    """Something went wrong that a person can do something about; the text says what."""


class SettingsError(SearchServiceError):
    """A setting is unknown or has a value that cannot be used."""


class SourceError(SearchServiceError):
    """A feed, file or folder could not be read as a whole."""


class FetchFailed(SourceError):
    """An address did not give what was asked for.

    ``status`` is what its server answered, if it did; ``retry_at`` when it may be asked again, if it
    said so.
    """

    def __init__(self, message: str, *, status: int | None = None, retry_at: int | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.retry_at = retry_at


class EntryError(SearchServiceError):
    """One item of a source cannot become an article; the rest of the source can."""


class StoreError(SearchServiceError):
    """The article database cannot be opened, read or written."""


class IndexUnavailable(SearchServiceError):
    """There is no index that could answer; the text names the command that makes one."""


class IndexOutdated(IndexUnavailable):
    """The index was made by another release, by other rules; it is not damaged."""


class IndexBusy(SearchServiceError):
    """Another process is writing the index."""


class IndexNotWritten(SearchServiceError):
    """The disk refused what was to be written into the index; what is in use is untouched."""


class QueryError(SearchServiceError):
    """A request asks for something that cannot be; ``param`` names the culprit, ``code`` the kind."""

    def __init__(self, message: str, *, param: str, code: str = "bad_value") -> None:
        super().__init__(message)
        self.param = param
        self.code = code


class BudgetExceeded(SearchServiceError):
    """A search was stopped because it took longer than it may."""


class BuildFailed(SearchServiceError):
    """A new index could not be built; the one in use is untouched."""


class BackupError(SearchServiceError):
    """A backup cannot be made here, or a file is no backup, a damaged one, or may not be restored here."""


class NoSpace(SearchServiceError):
    """The disk has too little room for what was asked."""
