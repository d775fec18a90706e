"""How often one address may ask, and which address a request is from.

Behind proxies a request's sender is the last of them; whom it was sent for stands in X-Forwarded-For, to
which every proxy adds and in which a client may have written what it likes. So exactly as many of its values
count, from its end, as there are proxies of ours (TRUSTED_PROXIES); with none the header is not read.
"""

from ipaddress import IPv6Address, ip_address
from math import ceil
from time import time

from flask import Flask, request
from flask_limiter import Limiter, RequestLimit
from werkzeug.exceptions import TooManyRequests
from werkzeug.middleware.proxy_fix import ProxyFix

from searchsvc.settings import Settings
from searchsvc.web.counters import SharedCounters

# What is asked by machines that watch, and what a page needs to be seen.
FREE = ("/static/", "/healthz", "/readyz", "/metrics")
# A household or a machine has at least so much of IPv6 to choose addresses from.
IPV6_PREFIX_BITS = 64


def limit_requests(app: Flask, settings: Settings) -> None:
    """Know the senders of an app's requests, and refuse those who ask too often."""
    proxies = settings.trusted_proxies
    if proxies:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=proxies, x_proto=proxies)  # type: ignore[method-assign]
    if settings.rate_limit:
        Limiter(
            sender,
            app=app,
            application_limits=[settings.rate_limit],
            application_limits_exempt_when=lambda: request.path.startswith(FREE),
            storage_uri=f"{SharedCounters.STORAGE_SCHEME[0]}://",
            strategy="fixed-window",
            on_breach=_refuse,
        )


def sender() -> str:
    """Who is counted as one: an address, of IPv6 its network."""
    try:
        address = ip_address(request.remote_addr or "")
    except ValueError:
        return "unknown"
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped:
            return str(address.ipv4_mapped)
        return str(int(address) >> (128 - IPV6_PREFIX_BITS))
    return str(address)


def _refuse(limit: RequestLimit) -> None:
    """Raise the error that says when to come again."""
    raise TooManyRequests(retry_after=max(1, ceil(limit.reset_at - time())))
