"""A real OpenSearch of several nodes on this machine, each in a process of its own that can be killed.

The server comes from Maven Central, as ``pom.xml`` says. ``python -m tests.opensearch.nodes [--nodes 3]``, or
``make opensearch``, starts one and says how to use it, until it is interrupted.
"""

import argparse
import json
import os
import signal
import socket
import subprocess
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
BUILT = HERE / "target"
NODE = "OneNode"
START_SECONDS, STOP_SECONDS = 300.0, 30.0
HEAP = "512m"


class Node:
    """One node: its process, if it is alive, and where it listens."""

    def __init__(
        self, name: str, folder: Path, port: int, transport: int, settings: dict[str, str], heap: str
    ) -> None:
        self.name, self.port, self._heap = name, port, heap
        self._folder = folder / name
        (self._folder / "config").mkdir(parents=True, exist_ok=True)
        self._settings = settings | {
            "node.name": name,
            "path.data": str(self._folder / "data"),
            "path.logs": str(self._folder / "logs"),
            "http.port": str(port),
            "transport.port": str(transport),
        }
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start the process; it is not up yet."""
        given = [f"{name}={value}" for name, value in self._settings.items()]
        java = ["java", f"-Xms{self._heap}", f"-Xmx{self._heap}", "-XX:+UseSerialGC"]
        with (self._folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                [*java, "-cp", f"{BUILT}:{class_path()}", NODE, str(self._folder), *given],
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
            )

    def kill(self) -> None:
        """End it as a machine ends that loses its power."""
        assert self.process
        self.process.kill()
        self.process.wait()

    def stop(self) -> None:
        """End it in order; killed if it does not."""
        if self.process and self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self.kill()

    def log(self) -> str:
        """The end of what it said."""
        return (self._folder / "log").read_text(errors="replace")[-4_000:]


class Nodes:
    """Some nodes that make one cluster."""

    def __init__(self, folder: Path, count: int, heap: str) -> None:
        ports = free_ports(2 * count)
        names = [f"node{number}" for number in range(count)]
        common = {
            "cluster.name": f"tests-{os.getpid()}",
            "network.host": "127.0.0.1",
            "logger.level": "WARN",
            "discovery.seed_hosts": ",".join(f"127.0.0.1:{port}" for port in ports[count:]),
            "cluster.initial_cluster_manager_nodes": ",".join(names),
            # How full the disk of a test machine is decides nothing.
            "cluster.routing.allocation.disk.threshold_enabled": "false",
        }
        self.each = [
            Node(name, folder, port, transport, common, heap)
            for name, port, transport in zip(names, ports[:count], ports[count:], strict=True)
        ]

    @property
    def urls(self) -> str:
        """What SEARCHSVC_OPENSEARCH_URL is set to."""
        return ",".join(node.url for node in self.each)

    def start(self) -> None:
        """Start those that are not alive, and wait until all have met."""
        for node in self.each:
            if node.process is None or node.process.poll() is not None:
                node.start()
        self.wait(len(self.each))

    def wait(self, count: int) -> None:
        """Wait until so many nodes have met and every copy of every part of an index is there."""
        deadline = time.monotonic() + START_SECONDS
        health: Any = None
        while time.monotonic() < deadline:
            health = self.health()
            if health and health["number_of_nodes"] == count and health["status"] == "green":
                return
            time.sleep(0.2)
        raise RuntimeError(
            f"the nodes have not met: {health}\n" + "\n".join(node.log() for node in self.each)
        )

    def health(self) -> Any:
        """What the first node that answers says of the cluster."""
        for node in self.each:
            address = f"{node.url}/_cluster/health"
            with suppress(OSError), urllib.request.urlopen(address, timeout=2) as answer:
                return json.load(answer)
        return None

    def stop(self) -> None:
        """End all of them."""
        for node in self.each:
            if node.process and node.process.poll() is None:
                node.process.terminate()
        for node in self.each:
            node.stop()


def build() -> None:
    """Fetch the server and compile the one class of ours; nothing where that is done."""
    if (BUILT / f"{NODE}.class").exists() and (BUILT / "classpath").exists():
        return
    BUILT.mkdir(exist_ok=True)
    listing = ["dependency:build-classpath", f"-Dmdep.outputFile={BUILT / 'classpath'}"]
    subprocess.run(["mvn", "-q", "-B", "-f", str(HERE / "pom.xml"), *listing], check=True)
    compiling = ["javac", "-d", str(BUILT), "-cp", class_path(), str(HERE / f"{NODE}.java")]
    subprocess.run(compiling, check=True)


def class_path() -> str:
    """Where Java finds the server."""
    return (BUILT / "classpath").read_text().strip()


def free_ports(count: int) -> list[int]:
    """Ports that nobody listens at just now."""
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    try:
        return [each.getsockname()[1] for each in sockets]
    finally:
        for each in sockets:
            each.close()


@contextmanager
def running(count: int, heap: str = HEAP) -> Iterator[Nodes]:
    """A cluster of so many nodes, as long as it is needed."""
    build()
    with tempfile.TemporaryDirectory(prefix="opensearch-", ignore_cleanup_errors=True) as folder:
        nodes = Nodes(Path(folder), count, heap)
        try:
            nodes.start()
            yield nodes
        finally:
            nodes.stop()


def main() -> None:
    """Run one until interrupted."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--nodes", type=int, default=3)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with suppress(KeyboardInterrupt), running(parser.parse_args().nodes) as nodes:
        print(f"export SEARCHSVC_ENGINE=opensearch SEARCHSVC_OPENSEARCH_URL={nodes.urls}", flush=True)
        print("Ctrl-C stops it", flush=True)
        signal.pause()


if __name__ == "__main__":
    main()
