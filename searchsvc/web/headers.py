"""Headers of every answer, errors included."""

# Pages load one style sheet and one script from here, ask the API, send their forms here, and do nothing
# else: markup that got past everything else still has no way to run, load or send anything.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src {images}; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
CONTENT_SECURITY_POLICY = POLICY.format(images="'self' data:")
# For readers who let pictures load from where they were published.
WITH_PICTURES = POLICY.format(images="'self' data: https: http:")
COMMON = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    # The site of an original must not learn what was searched for.
    "Referrer-Policy": "no-referrer",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Cross-Origin-Opener-Policy": "same-origin",
}
