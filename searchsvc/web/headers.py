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
# What pages could ask a browser for, and none of ours does.
UNUSED = (
    *("accelerometer", "autoplay", "bluetooth", "browsing-topics", "camera", "display-capture"),
    *("encrypted-media", "fullscreen", "geolocation", "gyroscope", "hid", "idle-detection", "local-fonts"),
    *("magnetometer", "microphone", "midi", "payment", "picture-in-picture", "publickey-credentials-get"),
    *("screen-wake-lock", "serial", "usb", "web-share", "xr-spatial-tracking"),
)
COMMON = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    # For browsers that do not know frame-ancestors.
    "X-Frame-Options": "DENY",
    # The site of an original must not learn what was searched for.
    "Referrer-Policy": "no-referrer",
    "Permissions-Policy": ", ".join(f"{feature}=()" for feature in UNUSED),
    "Cross-Origin-Opener-Policy": "same-origin",
    # No other site's page has a use for an answer, and none of it in its process (Spectre).
    "Cross-Origin-Resource-Policy": "same-origin",
}
