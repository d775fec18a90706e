"""``flask backup`` and ``flask restore``: one file with everything, and the service again from it."""

from pathlib import Path

import click

from searchsvc.backup.make import make_backup
from searchsvc.backup.restore import restore
from searchsvc.service import Service
from searchsvc.terminal import as_json, dumps, progress, stopping_cleanly

file = click.argument("file", type=click.Path(dir_okay=False, path_type=Path))


@click.command("backup")
@file
@as_json
def backup_command(service: Service, file: Path, as_json: bool) -> None:
    """Save database, feed list, names, canaries and settings in FILE, in place of an earlier one.

    Ingests and searches may go on. The file holds everything, so it can be read by its owner only.
    """
    with stopping_cleanly():
        manifest = make_backup(service, file.absolute())
    size = file.stat().st_size
    if as_json:
        click.echo(
            dumps({"file": str(file), "bytes": size, "articles": manifest.articles, "made": manifest.made})
        )
    else:
        click.echo(f"{file}: {manifest.articles:,} articles, {size / 1e6:.1f} MB, read again and found whole")


@click.command("restore")
@file
@click.option("--replace", is_flag=True, help="Lose the articles and feeds that are here.")
@as_json
def restore_command(service: Service, file: Path, replace: bool, as_json: bool) -> None:
    """Put back what `flask backup` saved in FILE, and build the index anew."""
    with stopping_cleanly(), progress(not as_json, "Indexing") as advance:
        restored = restore(service, file.absolute(), replacing=replace, progress=advance)
    manifest, index = restored.manifest, restored.index
    if as_json:
        figures = {"articles": index.count, "made": manifest.made, "generation": index.name}
        click.echo(dumps(figures | {"notes": restored.notes}))
        return
    for note in restored.notes:
        click.echo(f"note: {note}", err=True)
    click.echo(f"{index.count:,} articles as of {manifest.made}; index {index.name} built anew")
