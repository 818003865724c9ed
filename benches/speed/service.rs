//! A stand-in for Mixin and MixPay that costs next to nothing: frames are made beforehand, answers
//! are constant, nothing is checked. What it does know is which command was answered when.

use anyhow::{Context, Result, ensure};
use serde::Deserialize;
use std::{
    collections::{BTreeMap, HashMap, VecDeque},
    io::{BufRead, BufReader, Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;

/// Whoever sees no progress for this long gives up.
const PATIENCE: Duration = Duration::from_mins(1);

/// The bot, as the keystore of the example names it.
pub(crate) const BOT: &str = "3f2c1b5e-8d47-4c0a-9b6f-5a1e7d20c4b8";

/// A command on its way to the bot.
#[derive(Debug, Clone)]
pub(crate) struct Command {
    /// Who says it.
    pub(crate) user: String,
    /// The id of its message.
    pub(crate) message: String,
    /// The whole WebSocket frame.
    pub(crate) frame: Vec<u8>,
}

/// Where frames are written, each as a whole.
type Writer = Arc<Mutex<TcpStream>>;

fn write_frames(writer: &Writer, frames: &[u8]) -> std::io::Result<()> {
    writer.lock().unwrap_or_else(PoisonError::into_inner).write_all(frames)
}

/// What has been seen so far.
#[derive(Debug, Default)]
struct Seen {
    /// The connection that commands are written to.
    blaze: Option<Writer>,
    /// When the commands of each user that wait for an answer were written.
    waiting: HashMap<String, VecDeque<Instant>>,
    /// How long answers took.
    latencies: Vec<Duration>,
    answered: usize,
    acknowledged: usize,
    /// Commands that are brought to whoever connects, until they are acknowledged.
    pending: BTreeMap<String, Command>,
}

/// The stand-in.
#[derive(Debug, Clone)]
pub(crate) struct Service {
    /// Where both APIs are.
    pub(crate) http: SocketAddr,
    /// Where Blaze is.
    pub(crate) blaze: SocketAddr,
    seen: Arc<(Mutex<Seen>, Condvar)>,
}

impl Service {
    /// Starts it; it ends with the program.
    pub(crate) fn start() -> Result<Self> {
        let (http, blaze) = (TcpListener::bind("127.0.0.1:0")?, TcpListener::bind("127.0.0.1:0")?);
        let service =
            Self { http: http.local_addr()?, blaze: blaze.local_addr()?, seen: Arc::default() };
        let each = |listener: TcpListener, serve: fn(&Self, TcpStream) -> Result<()>| {
            let service = service.clone();
            std::thread::spawn(move || {
                for stream in listener.incoming().flatten() {
                    let service = service.clone();
                    // A connection ends with the bot that made it.
                    std::thread::spawn(move || drop(serve(&service, stream)));
                }
            });
        };
        each(http, Self::serve_http);
        each(blaze, Self::serve_blaze);
        Ok(service)
    }

    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.seen.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until what has been seen is enough.
    fn wait<T>(&self, what: &str, enough: impl Fn(&mut Seen) -> Option<T>) -> Result<T> {
        let mut seen = self.seen();
        let mut progress = (Instant::now(), 0);
        loop {
            if let Some(enough) = enough(&mut seen) {
                return Ok(enough);
            }
            let count = seen.answered + seen.acknowledged;
            if count != progress.1 {
                progress = (Instant::now(), count);
            }
            ensure!(progress.0.elapsed() < PATIENCE, "{what}: nothing moves any more at {count}");
            let waited = self.seen.1.wait_timeout(seen, Duration::from_millis(100));
            seen = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// Forgets what was seen; the connection stays.
    pub(crate) fn reset(&self) {
        let mut seen = self.seen();
        let blaze = seen.blaze.take();
        *seen = Seen { blaze, ..Seen::default() };
    }

    /// Waits for a bot that has asked for its messages.
    pub(crate) fn connected(&self) -> Result<()> {
        self.wait("connecting", |seen| seen.blaze.as_ref().map(drop))
    }

    /// These commands are brought to the next bot that connects.
    pub(crate) fn keep(&self, commands: Vec<Command>) {
        let mut seen = self.seen();
        seen.blaze = None;
        let by_message = |command: Command| (command.message.clone(), command);
        seen.pending = commands.into_iter().map(by_message).collect();
    }

    /// Writes commands one after the other, each not before its time.
    pub(crate) fn write(&self, commands: &[Command], every: Duration) -> Result<()> {
        let writer = self.seen().blaze.clone().context("no bot")?;
        let began = Instant::now();
        let mut due = began;
        if every.is_zero() {
            let written = Instant::now();
            self.note(commands, written);
            for chunk in commands.chunks(64) {
                let frames: Vec<u8> =
                    chunk.iter().flat_map(|command| &command.frame).copied().collect();
                write_frames(&writer, &frames)?;
            }
            return Ok(());
        }
        for command in commands {
            std::thread::sleep(due.saturating_duration_since(Instant::now()));
            self.note(std::slice::from_ref(command), Instant::now());
            write_frames(&writer, &command.frame)?;
            due += every;
        }
        Ok(())
    }

    fn note(&self, commands: &[Command], at: Instant) {
        let mut seen = self.seen();
        for command in commands {
            seen.waiting.entry(command.user.clone()).or_default().push_back(at);
        }
    }

    /// Waits until so many commands were answered; how long each answer took.
    pub(crate) fn answered(&self, count: usize) -> Result<Vec<Duration>> {
        self.wait("answers", |seen| {
            (seen.answered >= count).then(|| std::mem::take(&mut seen.latencies))
        })
    }

    /// Waits until so many commands were acknowledged.
    pub(crate) fn acknowledged(&self, count: usize) -> Result<()> {
        self.wait("acknowledgements", |seen| (seen.acknowledged >= count).then_some(()))
    }

    /// Waits until nothing is pending.
    pub(crate) fn drained(&self) -> Result<()> {
        self.wait("the backlog", |seen| seen.pending.is_empty().then_some(()))
    }

    fn serve_http(&self, stream: TcpStream) -> Result<()> {
        stream.set_nodelay(true)?;
        let mut writer = stream.try_clone()?;
        let mut reader = BufReader::with_capacity(256 * 1024, stream);
        let (mut line, mut body) = (String::new(), Vec::new());
        loop {
            line.clear();
            if reader.read_line(&mut line)? == 0 {
                return Ok(());
            }
            let path = line.split(' ').nth(1).unwrap_or_default().to_owned();
            let length = content_length(&mut reader)?;
            body.resize(length, 0);
            reader.read_exact(&mut body)?;
            let answer = match path.as_str() {
                "/messages" => {
                    self.shown(&body)?;
                    r#"{"data":[]}"#.to_owned()
                }
                "/acknowledgements" => {
                    self.acknowledge(&body)?;
                    r#"{"data":[]}"#.to_owned()
                }
                "/users/fetch" => users(&body)?,
                path => other(path),
            };
            write!(
                writer,
                "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{answer}",
                answer.len()
            )?;
        }
    }

    fn shown(&self, body: &[u8]) -> Result<()> {
        let now = Instant::now();
        let messages: Vec<Shown<'_>> = serde_json::from_slice(body)?;
        let mut seen = self.seen();
        for message in messages.iter().filter(|message| message.category == "PLAIN_TEXT") {
            let waiting = message.recipient_id.and_then(|user| seen.waiting.get_mut(user));
            if let Some(since) = waiting.and_then(VecDeque::pop_front) {
                seen.latencies.push(now.duration_since(since));
                seen.answered += 1;
            }
        }
        drop(seen);
        self.seen.1.notify_all();
        Ok(())
    }

    fn acknowledge(&self, body: &[u8]) -> Result<()> {
        let messages: Vec<Acknowledged<'_>> = serde_json::from_slice(body)?;
        let mut seen = self.seen();
        seen.acknowledged += messages.len();
        for message in messages {
            seen.pending.remove(message.message_id);
        }
        drop(seen);
        self.seen.1.notify_all();
        Ok(())
    }

    /// A WebSocket as far as it is needed: the bot's frames are small, and ours are made already.
    fn serve_blaze(&self, stream: TcpStream) -> Result<()> {
        stream.set_nodelay(true)?;
        let mut writer = stream.try_clone()?;
        let mut reader = BufReader::new(stream);
        let (mut line, mut key) = (String::new(), String::new());
        while line != "\r\n" {
            line.clear();
            ensure!(reader.read_line(&mut line)? > 0, "the bot went away");
            if let Some((name, value)) = line.split_once(':')
                && name.eq_ignore_ascii_case("sec-websocket-key")
            {
                value.trim().clone_into(&mut key);
            }
        }
        write!(
            writer,
            "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
             Sec-WebSocket-Accept: {}\r\nSec-WebSocket-Protocol: Mixin-Blaze-1\r\n\r\n",
            derive_accept_key(key.as_bytes())
        )?;
        let writer = Arc::new(Mutex::new(writer));
        loop {
            let mut head = [0; 2];
            reader.read_exact(&mut head)?;
            let length = usize::from(head[1] & 0x7f);
            ensure!(length < 126, "a frame is longer than any that the bot has to send");
            let mut rest = vec![0; 4 + length];
            reader.read_exact(&mut rest)?;
            match head[0] & 0x0f {
                // The request for pending messages.
                2 => self.bring(&writer)?,
                8 => return Ok(()),
                // A ping without content.
                9 => write_frames(&writer, &[0x8a, 0])?,
                _ => {}
            }
        }
    }

    /// From now on commands go to this connection; first those that are pending.
    fn bring(&self, writer: &Writer) -> Result<()> {
        let pending: Vec<Command> = self.seen().pending.values().cloned().collect();
        self.note(&pending, Instant::now());
        for command in &pending {
            write_frames(writer, &command.frame)?;
        }
        self.seen().blaze = Some(Arc::clone(writer));
        self.seen.1.notify_all();
        Ok(())
    }
}

#[derive(Deserialize)]
struct Shown<'a> {
    category: &'a str,
    recipient_id: Option<&'a str>,
}

#[derive(Deserialize)]
struct Acknowledged<'a> {
    message_id: &'a str,
}

/// Reads the head of a request to its end; how long its body is.
fn content_length(reader: &mut BufReader<TcpStream>) -> Result<usize> {
    let (mut line, mut length) = (String::new(), 0);
    loop {
        line.clear();
        ensure!(reader.read_line(&mut line)? > 0, "the bot went away");
        if line == "\r\n" {
            return Ok(length);
        }
        if let Some((name, value)) = line.split_once(':')
            && name.eq_ignore_ascii_case("content-length")
        {
            length = value.trim().parse()?;
        }
    }
}

/// Everybody exists, and nobody is a bot.
fn users(body: &[u8]) -> Result<String> {
    let ids: Vec<&str> = serde_json::from_slice(body)?;
    Ok(format!(r#"{{"data":[{}]}}"#, ids.into_iter().map(user).collect::<Vec<_>>().join(",")))
}

fn user(id: &str) -> String {
    format!(r#"{{"user_id":"{id}","identity_number":"1","full_name":"Alice"}}"#)
}

/// Everything but messages: who the bot is, an empty wallet, payments that nobody has made.
fn other(path: &str) -> String {
    match path.split(['?', '/']).nth(1) {
        Some("me") => format!(
            r#"{{"data":{{"user_id":"{BOT}","identity_number":"7000104999","full_name":"Cashier","app":{{"app_id":"{BOT}"}}}}}}"#
        ),
        Some("users") => {
            format!(r#"{{"data":{}}}"#, user(path.rsplit('/').next().unwrap_or_default()))
        }
        Some("safe") => r#"{"data":[]}"#.to_owned(),
        _ => r#"{"code":0,"success":true,"message":"","data":{"status":"unpaid"},"timestampMs":1}"#
            .to_owned(),
    }
}
