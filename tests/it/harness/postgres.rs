//! A throwaway Postgres for this test process: started from the installed programs, a database for
//! each test, gone when the process is.

use std::{
    fs,
    io::Write,
    os::unix::{fs::PermissionsExt, process::CommandExt},
    path::{Path, PathBuf},
    process::{ChildStdin, Command, Stdio},
    sync::{
        OnceLock,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

/// How long the server may take to start.
const PATIENCE: Duration = Duration::from_mins(1);
/// Runs the server until standard input ends, which it does when this process does, however.
const SCRIPT: &str = r#"
"$1" -D "$2/data" -k "$2" -c listen_addresses= -c fsync=off -c synchronous_commit=off \
    -c max_connections=200 >"$2/log" 2>&1 </dev/null &
read -r _
kill -QUIT $!
wait
rm -rf "$2"
"#;

/// The running server; `None` where Postgres is not installed.
static SERVER: OnceLock<Option<Server>> = OnceLock::new();
static DATABASES: AtomicU32 = AtomicU32::new(0);

struct Server {
    folder: PathBuf,
    /// Open as long as this process lives.
    _alive: ChildStdin,
}

/// The URL of a new database; `None` where Postgres is not installed.
pub(crate) async fn new_database() -> Option<String> {
    let folder = &SERVER.get_or_init(start).as_ref()?.folder;
    let url =
        |name: &str| format!("postgres://postgres@localhost/{name}?host={}", folder.display());
    let name = format!("bot_{}", DATABASES.fetch_add(1, Ordering::Relaxed));
    run(&url("postgres"), &format!("CREATE DATABASE {name} TEMPLATE template0")).await;
    Some(url(&name))
}

/// Ends all other connections to a database.
pub(crate) const HANG_UP: &str = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
                                  WHERE datname = current_database() AND pid <> pg_backend_pid()";

/// Runs statements that are not the bot's.
pub(crate) async fn run(url: &str, sql: &str) {
    use sqlx::Connection;
    let mut connection = sqlx::PgConnection::connect(url).await.unwrap();
    let sql = sqlx::AssertSqlSafe(sql.to_owned());
    sqlx::raw_sql(sql).execute(&mut connection).await.unwrap();
    connection.close().await.unwrap();
}

/// Asks the database for a number.
pub(crate) async fn count(url: &str, sql: &'static str) -> i64 {
    use sqlx::Connection;
    let mut connection = sqlx::PgConnection::connect(url).await.unwrap();
    let count = sqlx::query_scalar(sql).fetch_one(&mut connection).await.unwrap();
    connection.close().await.unwrap();
    count
}

fn start() -> Option<Server> {
    let Some(programs) = programs() else {
        assert!(
            std::env::var_os("CI").is_none(),
            "Postgres is not installed (no initdb on PATH or in /usr/lib/postgresql), and in CI \
             its tests must run: apt-get install postgresql"
        );
        // Said past the test runner, which shows the words of failed tests alone.
        let words = "\nPostgres is not installed (no initdb on PATH or in /usr/lib/postgresql): \
                     what is tested on it is SKIPPED. To run it too: apt-get install postgresql\n";
        std::io::stderr().write_all(words.as_bytes()).unwrap();
        return None;
    };
    let folder = tempfile::Builder::new().prefix("mixpay-bot-pg").tempdir().unwrap().keep();
    let owner = owner();
    if let Some((user, group)) = owner {
        std::os::unix::fs::chown(&folder, Some(user), Some(group)).unwrap();
    }
    fs::set_permissions(&folder, fs::Permissions::from_mode(0o700)).unwrap();
    let made = command(&programs.join("initdb"), owner)
        .args(["-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync", "-D"])
        .arg(folder.join("data"))
        .stdin(Stdio::null())
        .output()
        .unwrap();
    assert!(made.status.success(), "initdb: {}", String::from_utf8_lossy(&made.stderr));
    #[expect(clippy::zombie_processes, reason = "it ends after this process")]
    let mut server = command(Path::new("/bin/sh"), owner)
        .args(["-c", SCRIPT, "postgres"])
        .arg(programs.join("postgres"))
        .arg(&folder)
        .stdin(Stdio::piped())
        .spawn()
        .unwrap();
    let alive = server.stdin.take().unwrap();
    let began = std::time::Instant::now();
    let pid_file = folder.join("data/postmaster.pid");
    while !fs::read_to_string(&pid_file).is_ok_and(|text| text.contains("ready")) {
        let log = || fs::read_to_string(folder.join("log")).unwrap_or_default();
        assert!(began.elapsed() < PATIENCE, "Postgres does not start: {}", log());
        std::thread::sleep(Duration::from_millis(10));
    }
    Some(Server { folder, _alive: alive })
}

/// Where the programs of Postgres are. Debian keeps them out of `PATH`, in a folder for each
/// version.
fn programs() -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut folders: Vec<PathBuf> = std::env::split_paths(&path).collect();
    if let Ok(versions) = fs::read_dir("/usr/lib/postgresql") {
        folders.extend(versions.flatten().map(|version| version.path().join("bin")));
    }
    folders
        .into_iter()
        .find(|folder| ["initdb", "postgres"].iter().all(|p| folder.join(p).is_file()))
}

/// Postgres refuses to run as root; then it runs as `postgres`, or as `nobody`.
fn owner() -> Option<(u32, u32)> {
    let id = |args: &[&str]| {
        let said = Command::new("id").args(args).output().ok().filter(|said| said.status.success());
        String::from_utf8(said?.stdout).ok()?.trim().parse::<u32>().ok()
    };
    if id(&["-u"]) != Some(0) {
        return None;
    }
    ["postgres", "nobody"].iter().find_map(|name| Some((id(&["-u", name])?, id(&["-g", name])?)))
}

fn command(program: &Path, owner: Option<(u32, u32)>) -> Command {
    let mut command = Command::new(program);
    if let Some((user, group)) = owner {
        command.uid(user).gid(group);
    }
    command.current_dir("/");
    command
}
