-- For wrk: asks the addresses of a file (MIX), from a place of its own on for each thread, and prints one line.
local addresses = {}
local at = 0
local threads = {}

function setup(thread)
  table.insert(threads, thread)
  thread:set("number", #threads)
end

function init()
  for line in io.lines(os.getenv("MIX")) do
    addresses[#addresses + 1] = wrk.format("GET", line)
  end
  at = (number * 7919) % #addresses
end

function request()
  at = at % #addresses + 1
  return addresses[at]
end

function done(summary, latency)
  local errors = summary.errors
  io.write(string.format(
    '{"requests": %d, "seconds": %f, "p50": %f, "p95": %f, "p99": %f, "refused": %d, "broken": %d}\n',
    summary.requests, summary.duration / 1e6,
    latency:percentile(50) / 1e3, latency:percentile(95) / 1e3, latency:percentile(99) / 1e3,
    errors.status, errors.connect + errors.read + errors.write + errors.timeout))
end
