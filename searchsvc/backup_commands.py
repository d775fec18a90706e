"""``flask backup`` and ``flask restore``: one file with everything, and the service again from it; and
``flask move-database``: the articles into PostgreSQL.
"""

from pathlib import Path

import click

from searchsvc.backup.make import make_backup
from searchsvc.backup.restore import restore
from searchsvc.errors import BackupError
from searchsvc.service import DATABASE, Service
from searchsvc.store.copies import move
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


@click.command("move-database")
@as_json
def move_command(service: Service, as_json: bool) -> None:
    """Copy the SQLite database of DATA_DIR, all of it, into the empty one of DATABASE_URL.

    Both are read again and compared before it counts. The file stays as it is, and so does the index.
    """
    path = service.settings.data_dir / DATABASE
    if service.store.is_file:
        raise BackupError("SEARCHSVC_DATABASE_URL names no database to move the articles into")
    if not path.exists():
        raise BackupError(f"There is no database {path} to move")
    with stopping_cleanly():
        moved = move(path, service.store)
    if as_json:
        figures = {"articles": moved.articles, "change": moved.change, "to": str(service.store.place)}
        click.echo(dumps(figures))
    else:
        click.echo(
            f"{moved.articles:,} articles and all that is known of them are in {service.store.place}, read "
            f"again and found the same. {path} is not used any more: keep it until you have a backup"
        )
