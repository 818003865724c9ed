//! What `check` tests on this machine: the keystore's file, the database, the HTTP server's address.

use crate::{
    check::Verdict,
    config::{Database, Http, Listen, shown},
    keystore::Summary,
    ports::ids::Ids,
    run,
    runtime::client,
    store::{Store, StoreError, Unreadable},
};
use anyhow::Context;
use std::{
    io::ErrorKind,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    path::Path,
};
use tokio::net::TcpListener;
use url::Url;

/// So many rows that were set aside are named.
const NAMED_MAX: u32 = 3;

/// What our own server says under `/healthz`.
const HEALTHY: &[u8] = b"ok";

/// The keystore could be read; what is left to test is who else can read it.
pub(super) fn keystore(path: &Path, summary: &Summary) -> Verdict {
    let what = format!("{} of {}, {}", summary.kind, summary.user, summary.key);
    if others_read(path) {
        let path = shown::path(path);
        return Verdict::Warning(format!(
            "{what}; every user of this machine can read it: chmod o-rwx {path}"
        ));
    }
    if summary.has_spend_key {
        return Verdict::Warning(format!(
            "{what}; it holds `spend_private_key`, which moves money and which the bot never \
             needs: take that line out of the file"
        ));
    }
    Verdict::Fine(what)
}

#[cfg(unix)]
fn others_read(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    std::fs::metadata(path).is_ok_and(|file| file.permissions().mode() & 0o007 != 0)
}

#[cfg(not(unix))]
fn others_read(_: &Path) -> bool {
    false
}

/// Whether the database can be opened, written and read. Apart from migrations nothing stays.
pub(super) async fn database(database: &Database, ids: &dyn Ids) -> Verdict {
    let store = match run::store(database, ids).await {
        Ok(store) => store,
        Err(failure) => {
            let right = match database {
                Database::File(_) | Database::Memory => {
                    "the folder must exist, and the user of the bot must be able to write there"
                }
                Database::Postgres(_) => {
                    "the server must be running, and the role in the URL must own the database"
                }
            };
            return Verdict::Failing(format!("{}: {right}", failure.told()));
        }
    };
    match set_aside(&store).await {
        Ok(None) => {}
        Ok(Some(words)) => return Verdict::Warning(words),
        Err(error) => return Verdict::Failing(format!("{:#}", anyhow::Error::from(error))),
    }
    match (remembers(&store).await, database) {
        (Ok(true), Database::File(path)) => {
            Verdict::Fine(format!("{} is written and read", shown::path(path)))
        }
        (Ok(true), Database::Postgres(_)) => {
            Verdict::Fine(format!("{database} is written and read"))
        }
        (Ok(true), Database::Memory) => Verdict::Warning(
            "it is in memory, and forgotten when the bot ends: name a file as sqlite://PATH"
                .to_owned(),
        ),
        (Ok(false), _) => Verdict::Failing(
            "what is written is not what is read: restore it from a backup".to_owned(),
        ),
        (Err(error), _) => {
            let error = anyhow::Error::from(error);
            Verdict::Failing(format!(
                "{error:#}: the disk may be full, or the database may be read-only"
            ))
        }
    }
}

/// What was set aside, in words; `None` if nothing is.
async fn set_aside(store: &Store) -> Result<Option<String>, StoreError> {
    let mut tx = store.begin().await?;
    let aside = tx.aside().await?;
    if aside.rows == 0 && aside.messages == 0 {
        return Ok(None);
    }
    let rows = tx.unreadable(NAMED_MAX).await?;
    let names = rows.iter().map(Unreadable::name);
    let messages = tx.quarantined(NAMED_MAX).await?;
    let names: Vec<_> =
        names.chain(messages.iter().map(|(id, _)| format!("message/{id}"))).collect();
    Ok(Some(format!(
        "{} rows cannot be read and {} messages could not be handled ({}): see mixpay-bot quarantine",
        aside.rows,
        aside.messages,
        names.join(", "),
    )))
}

/// Writes and reads within a unit of work that is dropped.
async fn remembers(store: &Store) -> Result<bool, StoreError> {
    let mut tx = store.begin().await?;
    tx.set_meta("check", "written").await?;
    Ok(tx.meta("check").await?.as_deref() == Some("written"))
}

/// Whether the HTTP server can have its address. The bot may be running at this moment.
pub(super) async fn listen(listen: Listen) -> Verdict {
    let Listen::At(address) = listen else {
        return Verdict::Fine("off: no callbacks, no health, no metrics".to_owned());
    };
    match TcpListener::bind(address).await {
        Ok(_) => Verdict::Fine(format!("{address} is free")),
        Err(error) if error.kind() == ErrorKind::AddrInUse => {
            match healthy(&local(address)).await {
                Ok(()) => Verdict::Fine(format!("{address} is taken by a bot that is running")),
                Err(_) => Verdict::Failing(format!(
                    "{address} is taken by another program: choose another address, or off"
                )),
            }
        }
        Err(error) => Verdict::Failing(format!(
            "{address} cannot be listened at ({error}): choose another address, or off"
        )),
    }
}

/// Where this machine itself reaches what listens at `address`.
fn local(address: SocketAddr) -> String {
    let ip = match address.ip() {
        ip if !ip.is_unspecified() => ip,
        IpAddr::V4(_) => IpAddr::V4(Ipv4Addr::LOCALHOST),
        IpAddr::V6(_) => IpAddr::V6(Ipv6Addr::LOCALHOST),
    };
    format!("http://{}", SocketAddr::new(ip, address.port()))
}

/// Whether the world reaches the HTTP server, as far as this machine can tell.
pub(super) async fn public_address(http: &Http) -> Verdict {
    let Some(url) = &http.public_url else {
        return Verdict::Fine(
            "not set: MixPay does not call back, the bot asks it by itself".to_owned(),
        );
    };
    if http.listen == Listen::Off {
        return Verdict::Failing(format!(
            "MixPay would call back at {url}, but http.listen is off: give it an address, or \
             leave http.public_url out"
        ));
    }
    match healthy(url.as_str()).await {
        Ok(()) => Verdict::Fine(format!("{url} leads to a bot that is running")),
        Err(error) => Verdict::Warning(format!(
            "{url} cannot be reached from here ({error:#}): try again while the bot is running, \
             and see that the proxy before it forwards to http.listen"
        )),
    }
}

/// Asks the server at `base` whether it is alive.
async fn healthy(base: &str) -> anyhow::Result<()> {
    let url: Url = format!("{}/healthz", base.trim_end_matches('/')).parse()?;
    let answer = client::http(&url)?.get(url).send().await.map_err(reqwest::Error::without_url)?;
    let status = answer.status();
    let mut answer = answer.error_for_status().map_err(|_| anyhow::anyhow!("status {status}"))?;
    let start = answer.chunk().await.context("the answer broke off")?;
    anyhow::ensure!(start.is_some_and(|start| start == HEALTHY), "it is not this bot that answers");
    Ok(())
}
