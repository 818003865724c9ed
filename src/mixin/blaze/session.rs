//! A session: one connection, from the request for pending messages until something ends it.
//!
//! What is read goes into a bounded inbox. While the inbox is full the socket is not read, so that
//! the server keeps what we cannot take; our own pings go on. Whatever a frame holds, it does not
//! end the session: a frame that cannot be read is counted and left alone.

use crate::{
    keystore::Keystore,
    mixin::blaze::{
        BlazeStatus,
        connect::Progress,
        envelope::{self, Envelope, View},
        frame::{self, FrameError},
        inbound::{self, Reading},
    },
    ports::{ids::Ids, inbound::Inbound, time::Clock},
    runtime::{clock::until, pace::Pace},
};
use futures::{
    FutureExt, SinkExt, StreamExt,
    future::{BoxFuture, OptionFuture},
};
use jiff::SignedDuration;
use std::{fmt::Display, time::Duration};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    sync::mpsc::{self, error::TrySendError},
    time::{Instant, MissedTickBehavior, interval, sleep_until, timeout},
};
use tokio_tungstenite::{
    WebSocketStream,
    tungstenite::{self, Bytes, Message},
};
use tokio_util::sync::CancellationToken;

/// How often we ping.
const PING_EVERY: Duration = Duration::from_secs(9);
/// After so long without any frame the connection is dead, whatever the socket says.
const SILENCE_MAX: Duration = Duration::from_secs(25);
/// How long one write may take; a peer that does not read must not stop us.
const WRITE_DEADLINE: Duration = Duration::from_secs(10);
/// A socket that has something more often than this is busy, and then is read only so seldom, so
/// that everything behind it, up to the commit, is done for many messages at once. No person
/// notices the difference, and up to 125 messages a second never wait.
const READ_EVERY: SignedDuration = SignedDuration::from_millis(8);
const READ_BUSY: SignedDuration = SignedDuration::from_millis(50);
/// How long saying good-bye may take.
const CLOSE_DEADLINE: Duration = Duration::from_secs(1);

/// Why a session ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum End {
    /// We were told to stop, or nobody takes what we read.
    Stopped,
    /// The server says that our token is not good.
    Unauthorized,
    /// Our clock is off, and it is not the time to try.
    Skewed,
    /// Anything else: connect again.
    Lost(String),
}

impl End {
    fn closed() -> Self {
        Self::Lost("the server closed the connection".to_owned())
    }
}

/// What a session needs.
#[derive(Debug)]
pub(crate) struct Session<'a> {
    pub(crate) keystore: &'a Keystore,
    pub(crate) clock: &'a dyn Clock,
    pub(crate) ids: &'a dyn Ids,
    pub(crate) status: &'a BlazeStatus,
    pub(crate) inbox: &'a mpsc::Sender<Inbound>,
    pub(crate) stop: &'a CancellationToken,
    /// What came in by the byte: a large message is no silence while it comes.
    pub(crate) progress: &'a Progress,
}

/// What a frame asks of the session.
enum Step {
    Hand(Inbound),
    GoOn,
    End(End),
}

impl Session<'_> {
    /// Serves one connection until it ends.
    pub(crate) async fn serve<S>(&self, mut socket: WebSocketStream<S>) -> End
    where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        let hello = self.ids.uuid();
        let packed = envelope::list_pending_messages(hello)
            .map_err(|error| error.to_string())
            .and_then(|json| frame::pack(&json).map_err(|error| error.to_string()));
        let sent = match packed {
            Ok(frame) => write(&mut socket, Message::Binary(Bytes::from(frame))).await,
            Err(error) => Err(error),
        };
        if let Err(error) = sent {
            return End::Lost(error);
        }
        self.status.connected();
        let end = self.read(&mut socket, &hello.to_string()).await;
        self.status.disconnected();
        if end == End::Stopped {
            // If it does not work, the server will notice by itself.
            drop(timeout(CLOSE_DEADLINE, socket.close(None)).await);
        }
        end
    }

    async fn read<S>(&self, socket: &mut WebSocketStream<S>, hello: &str) -> End
    where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        let mut pings = interval(PING_EVERY);
        pings.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut heard = Instant::now();
        let mut held: Option<Inbound> = None;
        let mut refused_before = false;
        let mut pace = Pace::new(READ_EVERY, READ_BUSY);
        let mut rest: Option<BoxFuture<'_, ()>> = None;
        // Whether something was read since there was nothing to read.
        let mut came = false;
        loop {
            let listens = held.is_none() && rest.is_none();
            if listens && came {
                let Some(message) = socket.next().now_or_never() else {
                    came = false;
                    let now = self.clock.now();
                    let wait = until(now, pace.round(now));
                    rest = (!wait.is_zero()).then(|| self.clock.pause(wait));
                    continue;
                };
                heard = Instant::now();
                match self.hear(message, hello, &mut refused_before) {
                    Ok(inbound) => held = inbound,
                    Err(end) => return end,
                }
                continue;
            }
            // In this order: what is there is read before the silence is judged.
            tokio::select! {
                biased;
                () = self.stop.cancelled() => return End::Stopped,
                _ = pings.tick() => {
                    if let Err(error) = write(socket, Message::Ping(Bytes::new())).await {
                        return End::Lost(error);
                    }
                }
                permit = self.inbox.reserve(), if held.is_some() => {
                    let Ok(permit) = permit else { return End::Stopped };
                    if let Some(inbound) = held.take() {
                        permit.send(inbound);
                    }
                    // The silence while we did not listen was ours.
                    heard = Instant::now();
                }
                () = OptionFuture::from(rest.as_mut()).map(drop), if rest.is_some() => rest = None,
                message = socket.next(), if listens => {
                    (heard, came) = (Instant::now(), true);
                    match self.hear(message, hello, &mut refused_before) {
                        Ok(inbound) => held = inbound,
                        Err(end) => return end,
                    }
                }
                () = sleep_until(heard + SILENCE_MAX), if held.is_none() => {
                    if self.progress.take() {
                        heard = Instant::now();
                        continue;
                    }
                    return End::Lost(format!("silent for {} s", SILENCE_MAX.as_secs()));
                }
            }
        }
    }

    /// Reads what came and hands it on; gives it back if nobody has room for it now.
    fn hear(
        &self,
        message: Option<Result<Message, tungstenite::Error>>,
        hello: &str,
        refused_before: &mut bool,
    ) -> Result<Option<Inbound>, End> {
        let message = match message {
            Some(Ok(message)) => message,
            Some(Err(error)) => return Err(End::Lost(error.to_string())),
            None => return Err(End::closed()),
        };
        match self.step(&message, hello, refused_before) {
            Step::Hand(inbound) => match self.inbox.try_send(inbound) {
                Ok(()) => Ok(None),
                Err(TrySendError::Full(inbound)) => Ok(Some(inbound)),
                Err(TrySendError::Closed(_)) => Err(End::Stopped),
            },
            Step::GoOn => Ok(None),
            Step::End(end) => Err(end),
        }
    }

    fn step(&self, message: &Message, hello: &str, refused_before: &mut bool) -> Step {
        let frame = match message {
            Message::Binary(frame) => frame,
            Message::Text(_) => return self.refuse(refused_before, &"it is a text frame"),
            Message::Close(_) => return Step::End(End::closed()),
            // Pings are answered by the socket itself.
            Message::Ping(_) | Message::Pong(_) | Message::Frame(_) => return Step::GoOn,
        };
        self.status.frame();
        let (envelope, oversized) = match unpacked(frame) {
            Ok(json) => match envelope::parse(&json) {
                Ok(envelope) => (envelope, false),
                Err(error) => return self.refuse(refused_before, &error),
            },
            Err(FrameError::TooLarge) => {
                let outline = frame::outline(frame);
                let envelope = envelope::parse(&outline);
                (envelope.unwrap_or_else(|_| envelope::parse_start(&outline)), true)
            }
            Err(error @ FrameError::NotGzip(_)) => return self.refuse(refused_before, &error),
        };
        if let Some(end) = failure(&envelope, hello) {
            return Step::End(end);
        }
        let now = self.clock.now();
        let is_named = |view: &View| !view.message_id.is_empty();
        if oversized && !envelope.data.as_ref().is_some_and(is_named) {
            return self.refuse(refused_before, &FrameError::TooLarge);
        }
        let reading = if oversized {
            tracing::error!(
                packed_bytes = frame.len(),
                message.id = envelope.data.as_ref().map(|view| view.message_id.as_str()),
                "a message is too large and is not read"
            );
            inbound::read_oversized(envelope, self.keystore, now)
        } else {
            inbound::read(&envelope, self.keystore, now)
        };
        match reading {
            Reading::Inbound(inbound) => Step::Hand(inbound),
            Reading::UnknownCategory { category, inbound } => {
                self.status.unknown_category();
                let message = inbound.message;
                tracing::info!(message.id = %message, category, "unknown category {category:?}");
                Step::Hand(inbound)
            }
            Reading::Nothing => Step::GoOn,
            Reading::Unreadable => self.refuse(refused_before, &"its message has no id"),
        }
    }

    /// Leaves a frame alone. One line a connection is enough for the log; the rest is counted.
    fn refuse(&self, refused_before: &mut bool, why: &dyn Display) -> Step {
        self.status.refused_frame();
        if !*refused_before {
            *refused_before = true;
            tracing::warn!("a Blaze frame cannot be read: {why}");
        }
        Step::GoOn
    }
}

/// What a frame holds, if that is not too much; what is too large while packed is not tried.
fn unpacked(packed: &[u8]) -> Result<Vec<u8>, FrameError> {
    if packed.len() > frame::UNPACKED_BYTES_MAX {
        return Err(FrameError::TooLarge);
    }
    frame::unpack(packed)
}

/// How an error that the server reports ends the session, if it does.
fn failure(envelope: &Envelope, hello: &str) -> Option<End> {
    let error = envelope.error.as_ref().filter(|error| error.code != 0)?;
    if error.code == 401 {
        return Some(End::Unauthorized);
    }
    // If the request for pending messages failed, nothing would ever come.
    let is_ours = envelope.id == hello || envelope.action == "ERROR";
    is_ours.then(|| End::Lost(format!("refused with code {}: {}", error.code, error.message())))
}

async fn write<S>(socket: &mut WebSocketStream<S>, message: Message) -> Result<(), String>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let told = |error: tungstenite::Error| error.to_string();
    match timeout(WRITE_DEADLINE, socket.send(message)).await {
        Ok(sent) => sent.map_err(told),
        Err(_) => Err(format!("nothing could be sent for {} s", WRITE_DEADLINE.as_secs())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        mixin::blaze::{BlazeCounts, Link},
        ports::inbound::Content,
        runtime::{base64, clock::HandClock, ids::SeededIds},
    };
    use jiff::Timestamp;
    use serde_json::{Value, json};
    use std::sync::Arc;
    use tokio::io::DuplexStream;
    use tokio_tungstenite::tungstenite::protocol::Role;

    /// Serves one session against a server that follows a script, over memory instead of a network.
    struct Stage {
        server: WebSocketStream<DuplexStream>,
        inbound: mpsc::Receiver<Inbound>,
        status: Arc<BlazeStatus>,
        stop: CancellationToken,
    }

    /// The session's end, and what it has counted.
    async fn play(inbox_max: usize, script: impl AsyncFnOnce(&mut Stage)) -> (End, BlazeCounts) {
        play_by(&HandClock::standing(Timestamp::UNIX_EPOCH), inbox_max, script).await
    }

    async fn play_by(
        clock: &HandClock,
        inbox_max: usize,
        script: impl AsyncFnOnce(&mut Stage),
    ) -> (End, BlazeCounts) {
        let (ours, theirs) = tokio::io::duplex(64 * 1024);
        let client = WebSocketStream::from_raw_socket(ours, Role::Client, None).await;
        let server = WebSocketStream::from_raw_socket(theirs, Role::Server, None).await;
        let (inbox, inbound) = mpsc::channel(inbox_max);
        let status = Arc::new(BlazeStatus::default());
        let stop = CancellationToken::new();
        let mut stage = Stage { server, inbound, status: Arc::clone(&status), stop: stop.clone() };
        let session = Session {
            keystore: &include_str!("../../../keystore.example.json").parse().unwrap(),
            clock,
            ids: &SeededIds::new(1),
            status: &status,
            inbox: &inbox,
            stop: &stop,
            progress: &Progress::default(),
        };
        let (end, ()) = tokio::join!(session.serve(client), script(&mut stage));
        assert_eq!(status.link(), Link::Down);
        (end, status.counts())
    }

    impl Stage {
        async fn send(&mut self, message: Message) {
            self.server.send(message).await.unwrap();
        }

        async fn receive(&mut self) -> Message {
            self.server.next().await.unwrap().unwrap()
        }

        async fn hello(&mut self) -> Value {
            let Message::Binary(frame) = self.receive().await else { panic!("no binary frame") };
            serde_json::from_slice(&frame::unpack(&frame).unwrap()).unwrap()
        }
    }

    fn packed(json: &Value) -> Message {
        Message::Binary(Bytes::from(frame::pack(json.to_string().as_bytes()).unwrap()))
    }

    fn says(number: u8) -> Message {
        packed(&json!({ "action": "CREATE_MESSAGE", "data": {
            "message_id": format!("531d2e1c-0bc3-4ce4-8328-6419b0d9ad{number:02x}"),
            "user_id": "7b96baa8-2e3b-4bd0-8f51-55c2e4d65810",
            "category": "PLAIN_TEXT",
            "data_base64": base64::encode(number.to_string()),
        }}))
    }

    #[tokio::test]
    async fn the_first_frame_asks_for_pending_messages_and_messages_arrive() {
        let (end, counts) = play(8, async |stage| {
            let hello = stage.hello().await;
            assert_eq!(hello["action"], "LIST_PENDING_MESSAGES");
            stage.send(packed(&json!({ "id": hello["id"], "action": hello["action"] }))).await;
            stage.send(says(7)).await;
            let inbound = stage.inbound.recv().await.unwrap();
            assert_eq!(inbound.content, Content::Text("7".to_owned()));
            assert_eq!(stage.status.link(), Link::Up);
            stage.server.close(None).await.unwrap();
        })
        .await;
        assert_eq!(end, End::closed());
        assert_eq!((counts.connections, counts.frames, counts.refused_frames), (1, 2, 0));
    }

    #[tokio::test]
    async fn no_frame_ends_the_session_however_odd() {
        let (end, counts) = play(8, async |stage| {
            let bomb = frame::pack(&vec![b' '; frame::UNPACKED_BYTES_MAX + 1]).unwrap();
            let cut_off = frame::pack(b"{}").unwrap()[..9].to_vec();
            for odd in [
                Message::Binary(Bytes::from_static(b"no gzip")),
                Message::Binary(Bytes::new()),
                Message::Binary(Bytes::from(bomb)),
                Message::Binary(Bytes::from(cut_off)),
                Message::text("text"),
                packed(&json!("no envelope")),
                packed(&json!({ "data": { "category": "PLAIN_TEXT", "message_id": "?" } })),
            ] {
                stage.send(odd).await;
            }
            // An answer to something that we never asked is no matter either.
            stage.send(packed(&json!({ "error": { "code": 10002 } }))).await;
            stage.send(says(1)).await;
            stage.inbound.recv().await.unwrap();
            stage.stop.cancel();
        })
        .await;
        assert_eq!((end, counts.refused_frames, counts.unknown_categories), (End::Stopped, 7, 0));
    }

    #[tokio::test]
    async fn a_message_that_is_too_large_is_acknowledged_and_told_and_ends_nothing() {
        let (end, _) = play_by(&HandClock::running(), 8, async |stage| {
            let large = |category: &str, data: String| {
                packed(&json!({ "id": "1", "action": "CREATE_MESSAGE", "data": {
                    "conversation_id": "4645aeb6-b33f-4c48-8860-389bdeae0b58",
                    "user_id": "7b96baa8-2e3b-4bd0-8f51-55c2e4d65810",
                    "message_id": "531d2e1c-0bc3-4ce4-8328-6419b0d9ade3",
                    "category": category,
                    "data": data,
                }}))
            };
            // A bomb that is small while packed, and one that is large in either form.
            let noise = || {
                let mut seed = 1_u32;
                let mut next = || {
                    seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                    char::from(
                        b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
                            [usize::try_from(seed >> 26).unwrap()],
                    )
                };
                (0..(11 << 19)).map(|_| next()).collect::<String>()
            };
            for (data, category, told) in [
                ("A".repeat(5 << 20), "PLAIN_TEXT", true),
                (noise(), "PLAIN_TEXT", true),
                ("A".repeat(5 << 20), "ENCRYPTED_TEXT", true),
                ("A".repeat(5 << 20), "PLAIN_IMAGE", true),
                ("A".repeat(5 << 20), "SYSTEM_USER", false),
            ] {
                stage.send(large(category, data)).await;
                let inbound = stage.inbound.recv().await.unwrap();
                let id = inbound.message.to_string();
                assert_eq!(id, "531d2e1c-0bc3-4ce4-8328-6419b0d9ade3");
                assert!(inbound.conversation.is_some());
                let is_told = matches!(inbound.content, Content::Unread { .. });
                assert_eq!(is_told, told, "{category}: {:?}", inbound.content);
            }
            stage.send(says(7)).await;
            let inbound = stage.inbound.recv().await.unwrap();
            assert_eq!(inbound.content, Content::Text("7".to_owned()));
            stage.stop.cancel();
        })
        .await;
        assert_eq!(end, End::Stopped);
    }

    #[tokio::test]
    async fn an_unknown_category_is_counted_and_handed_on_for_acknowledgement() {
        let (_, counts) = play(8, async |stage| {
            let data = json!({
                "message_id": "531d2e1c-0bc3-4ce4-8328-6419b0d9ade3",
                "category": "PLAIN_NEW",
            });
            stage.send(packed(&json!({ "action": "CREATE_MESSAGE", "data": data }))).await;
            assert_eq!(stage.inbound.recv().await.unwrap().content, Content::Ignored);
            stage.stop.cancel();
        })
        .await;
        assert_eq!((counts.unknown_categories, counts.refused_frames), (1, 0));
    }

    #[tokio::test(start_paused = true)]
    async fn a_server_that_says_nothing_for_25_seconds_is_left() {
        let began = Instant::now();
        // A server that does not read either answers no ping.
        let (end, _) = play(8, async |_stage| {}).await;
        assert_eq!(end, End::Lost("silent for 25 s".to_owned()));
        assert_eq!(began.elapsed(), SILENCE_MAX);
    }

    #[tokio::test]
    async fn the_pings_of_the_server_are_answered() {
        let (end, _) = play(8, async |stage| {
            stage.send(Message::Ping(Bytes::from_static(b"there?"))).await;
            while stage.receive().await != Message::Pong(Bytes::from_static(b"there?")) {}
            stage.stop.cancel();
        })
        .await;
        assert_eq!(end, End::Stopped);
    }

    #[tokio::test(start_paused = true)]
    async fn a_full_inbox_stops_the_reading_but_neither_the_pings_nor_the_session() {
        let (end, counts) = play(1, async |stage| {
            stage.hello().await;
            for number in 1..=4 {
                stage.send(says(number)).await;
            }
            let began = Instant::now();
            while began.elapsed() < SILENCE_MAX * 2 {
                assert!(stage.receive().await.is_ping());
            }
            // One is in the inbox and one in the hand.
            assert_eq!(stage.status.counts().frames, 2);
            for number in 1..=4 {
                let content = stage.inbound.recv().await.unwrap().content;
                assert_eq!(content, Content::Text(number.to_string()));
            }
            stage.stop.cancel();
        })
        .await;
        assert_eq!((end, counts.frames), (End::Stopped, 4));
    }

    #[tokio::test]
    async fn told_to_stop_it_says_good_bye() {
        let (end, _) = play(1, async |stage| {
            stage.hello().await;
            stage.stop.cancel();
            while !stage.receive().await.is_close() {}
        })
        .await;
        assert_eq!(end, End::Stopped);
    }

    #[tokio::test]
    async fn an_error_that_concerns_the_connection_ends_the_session() {
        let error = |code: i64| json!({ "action": "ERROR", "error": { "code": code } });
        for (error, expected) in [
            (error(401), End::Unauthorized),
            (error(10006), End::Lost("refused with code 10006: ".to_owned())),
        ] {
            let (end, _) = play(1, async |stage| stage.send(packed(&error)).await).await;
            assert_eq!(end, expected);
        }
        let (end, _) = play(1, async |stage| {
            let id = stage.hello().await["id"].clone();
            stage.send(packed(&json!({ "id": id, "error": { "code": 500 } }))).await;
        })
        .await;
        assert_eq!(end, End::Lost("refused with code 500: ".to_owned()));
    }
}
