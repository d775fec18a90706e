"""The service's settings: these defaults, then environment variables of the name ``SEARCHSVC_…``.

``SEARCHSVC_TIMEZONE=Asia/Taipei`` sets TIMEZONE, and so on. A relative path is taken from the
folder that this file is in. docs/settings.md explains each; they are checked once, at start.
"""

# The folder of the article database.
DATA_DIR = "data"

# A PostgreSQL database for the articles instead, as postgresql://user:password@host/database.
# Empty: SQLite, in DATA_DIR.
DATABASE_URL = ""

# The folder of the index. It can be thrown away and made again from the database.
INDEX_DIR = "index"

# The zone in which dates are typed and shown, and in which times without a zone are read.
TIMEZONE = "Asia/Shanghai"

# The list of feeds that `flask ingest` reads when it is given no source.
FEEDS = "feeds.opml"

# The table of names that differ between the mainland, Taiwan and Hong Kong.
NAMES = "searchsvc/variants/names.tsv"

# Queries that must find something in a new index before `flask reindex` puts it in use; there need be none.
CANARIES = "canaries.txt"

# Whether feeds may be fetched from private addresses (intranets, tests).
FETCH_ALLOW_PRIVATE = False

# How long one feed may take, and how much it may be when unpacked.
FETCH_TIMEOUT_SECONDS = 30.0
FETCH_MAX_BYTES = 20_000_000

# The pause between two visits to one host, and how many hosts are visited at once.
FETCH_PAUSE_SECONDS = 1.0
FETCH_HOSTS_AT_ONCE = 16

# How the owners of feeds can reach whoever runs this: an address of a page or for mail. It is sent along.
FETCH_CONTACT = ""

# An HTTP proxy to fetch through (http://host:3128); those of the environment are not used.
FETCH_PROXY = ""

# What parsing one feed or page may take, in a process of its own: seconds, and megabytes of that process.
PARSE_TIMEOUT_SECONDS = 20.0
PARSE_MEMORY_MB = 512

# Whether what is logged is JSON, one object a line.
LOG_JSON = False

# Where readers reach the service, as https://news.example: without it, whatever host a request names.
PUBLIC_URL = ""

# What searches: "whoosh" is the engine of one machine, "opensearch" a cluster of several (docs/scaling.md).
ENGINE = "whoosh"

# The cluster: https://name:password@host:9200, or several of its nodes, parted by commas.
OPENSEARCH_URL = ""

# The file of the authority that signed the nodes' certificates. Empty: those that the system trusts.
OPENSEARCH_CA = ""

# The name of this service's index in the cluster; its indexes, aliases and leases begin with it.
OPENSEARCH_INDEX = "searchsvc"

# Into how many parts a new index is divided, and how many copies of each are kept besides.
OPENSEARCH_SHARDS = 1
OPENSEARCH_REPLICAS = 1

# Memory that building an index may take, in megabytes, besides some 70 for each of its two processes.
INDEX_MEMORY_MB = 160

# How often one address may ask: "120 per minute; 2000 per hour". Empty: as often as it likes.
RATE_LIMIT = ""

# How many proxies of ours stand in front, one behind the other. So many values of X-Forwarded-For count.
TRUSTED_PROXIES = 0
