//! File: whether the file of a SQLite database is still the one that was opened.

use std::{
    ffi::OsString,
    fs::{self, Metadata},
    io,
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
};

/// Which file it is, whatever its name.
type Identity = (u64, u64);

fn identity(path: &Path) -> io::Result<Identity> {
    fs::metadata(path).map(|file: Metadata| (file.dev(), file.ino()))
}

/// The files that were opened. SQLite goes on with them when they lose their names, and all that
/// is written from then on is lost with the process.
#[derive(Debug)]
pub(super) struct DatabaseFile {
    /// Its name, and which file bore it when it was opened.
    database: (PathBuf, Identity),
    /// The same of the log of what is written and not carried over yet.
    log: Option<(PathBuf, Identity)>,
}

impl DatabaseFile {
    /// The database at `path`, which is open and was written to; `None` if it cannot be told apart.
    pub(super) fn opened(path: &Path) -> Option<Self> {
        let database = (path.to_owned(), identity(path).ok()?);
        // SQLite keeps it beside the file itself, whatever names lead there.
        let mut log: OsString = fs::canonicalize(path).ok()?.into();
        log.push("-wal");
        let log = PathBuf::from(log);
        let log = identity(&log).ok().map(|identity| (log, identity));
        Some(Self { database, log })
    }

    /// Whether nothing is kept there yet.
    pub(super) fn is_new(path: &Path) -> bool {
        fs::metadata(path).map_or(true, |file| file.len() == 0)
    }

    /// What happened to the files since they were opened, in words; `None` if nothing did.
    pub(super) fn problem(&self) -> Option<String> {
        [Some(&self.database), self.log.as_ref()].into_iter().flatten().find_map(
            |(path, opened)| {
                let path_shown = path.display();
                match identity(path) {
                    Ok(found) if found == *opened => None,
                    Ok(_) => Some(format!("the database's file was replaced: {path_shown}")),
                    Err(error) if error.kind() == io::ErrorKind::NotFound => {
                        Some(format!("the database's file was removed: {path_shown}"))
                    }
                    // Not to be allowed to look says nothing about the file.
                    Err(_) => None,
                }
            },
        )
    }
}
