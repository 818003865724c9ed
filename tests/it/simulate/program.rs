//! The program as a server: what it prints, a bot beside it from the first line to *Paid*, and its end.

use super::{Control, text};
use serde_json::{Value, json};
use std::{
    io::{BufRead, BufReader, Read},
    path::Path,
    process::{Child, ChildStdout, Command, Stdio},
};
use tempfile::TempDir;

/// A running program; it is killed if a test forgets it.
struct Program {
    child: Child,
    folder: TempDir,
}

impl Drop for Program {
    fn drop(&mut self) {
        drop(self.child.kill());
    }
}

impl Program {
    fn start(arguments: &[&str], files: &[(&str, &str)], environment: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in files {
            std::fs::write(folder.path().join(name), text).unwrap();
        }
        let child = Command::new(Path::new(env!("CARGO_BIN_EXE_mixpay-bot")))
            .args(arguments)
            .current_dir(folder.path())
            .env_clear()
            .envs(environment.iter().copied())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        Self { child, folder }
    }

    fn first_line(&mut self) -> (String, BufReader<ChildStdout>) {
        let mut out = BufReader::new(self.child.stdout.take().unwrap());
        let mut line = String::new();
        out.read_line(&mut line).unwrap();
        (line, out)
    }

    /// Sends a signal, and waits for the end: the exit code and what was said on standard error.
    fn stop(mut self, signal: &str) -> (Option<i32>, String) {
        // The shell's own `kill`, as a bare system has no program of that name.
        let command = format!("kill {signal} {}", self.child.id());
        assert!(Command::new("sh").args(["-c", &command]).status().unwrap().success());
        let mut said = String::new();
        self.child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
        (self.child.wait().unwrap().code(), said)
    }
}

/// A world that listens, where everything is, and what else it prints.
fn listening_world() -> (Program, Value, BufReader<ChildStdout>) {
    let mut world = Program::start(&["simulate", "--listen", "127.0.0.1:0", "--json"], &[], &[]);
    let (line, rest) = world.first_line();
    (world, serde_json::from_str(&line).unwrap(), rest)
}

/// A bot that talks to this world, and where its own server can be reached.
fn bot_beside(at: &Value) -> (Program, String) {
    let keystore = at["keystore"].to_string();
    // The bot's server is at a port that was free a moment ago; the socket keeps it so till then.
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let listen = port.local_addr().unwrap().to_string();
    drop(port);
    let public = format!("http://{listen}");
    let bot = Program::start(
        &["run"],
        &[("keystore.json", &keystore)],
        &[
            ("MIXPAY_BOT_MIXIN_API_URL", text(at, "mixin_api_url")),
            ("MIXPAY_BOT_MIXIN_BLAZE_URL", text(at, "mixin_blaze_url")),
            ("MIXPAY_BOT_MIXPAY_API_URL", text(at, "mixpay_api_url")),
            ("MIXPAY_BOT_HTTP_LISTEN", &listen),
            ("MIXPAY_BOT_HTTP_PUBLIC_URL", &public),
        ],
    );
    (bot, public)
}

#[tokio::test]
async fn a_bot_is_tested_offline_from_its_keystore_to_paid() {
    let (world, at, mut rest) = listening_world();
    let names: Vec<&str> = at.as_object().unwrap().keys().map(String::as_str).collect();
    let expected =
        ["control_url", "keystore", "mixin_api_url", "mixin_blaze_url", "mixpay_api_url"];
    assert_eq!(names, expected);

    let example: Value =
        serde_json::from_str(include_str!("../../../keystore.example.json")).unwrap();
    let fields = |value: &Value| value.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    assert_eq!(fields(&at["keystore"]), fields(&example), "today's shape");
    let (bot, public) = bot_beside(&at);

    let control = Control::new(text(&at, "control_url"));
    let alice = control.post("/users", json!({"name": "Alice"})).await;
    let alice = text(&alice, "user_id");
    let line = json!({"user_id": alice, "text": "invoice 10 usd for coffee"});
    control.post("/say", line).await;
    let mut shown = Value::Null;
    // The card, its picture, its buttons; each look waits until there is more.
    for more_than in 0..3 {
        let path = format!("/shown?user_id={alice}&more_than={more_than}");
        shown = control.get(&path).await["shown"].take();
    }
    assert_eq!(shown[0]["card"]["title"], "10.00 USD · coffee", "{shown}");
    let trace = control.get("/payments").await["payments"][0].clone();
    assert!(text(&trace, "callback_url").starts_with(&public));
    control.post("/pay", json!({"trace": trace["trace"]})).await;
    let shown = control.get(&format!("/shown?user_id={alice}&more_than=3")).await;
    let told = text(&shown["shown"][3], "text");
    assert!(told.starts_with("Paid 10.00 USD"), "{told}");
    assert_eq!(shown["shown"][3]["quote_message_id"], shown["shown"][0]["message_id"]);
    assert_eq!(control.get("/violations").await["violations"], json!([]));

    assert_eq!(bot.stop("-TERM").0, Some(0));
    let (code, said) = world.stop("-TERM");
    assert_eq!((code, said.as_str()), (Some(0), ""));
    let mut more = String::new();
    rest.read_to_string(&mut more).unwrap();
    assert_eq!(more, "", "nothing but the one line is printed");
}

#[tokio::test]
async fn a_message_that_is_never_answered_and_a_sender_of_dust_keep_nobody_waiting() {
    let (_world, at, _rest) = listening_world();
    let (bot, _) = bot_beside(&at);
    let control = Control::new(text(&at, "control_url"));
    let mut people = Vec::new();
    for number in 0..12 {
        let person = control.post("/users", json!({"name": format!("Guest {number}")})).await;
        people.push(text(&person, "user_id").to_owned());
    }
    let say = async |who: &str| {
        control.post("/say", json!({"user_id": who, "text": "ping"})).await;
    };
    let shown = async |who: &str, more_than: usize| {
        let path = format!("/shown?user_id={who}&more_than={more_than}");
        control.get(&path).await["shown"].as_array().unwrap().len()
    };
    for person in &people {
        say(person).await;
        assert_eq!(shown(person, 0).await, 1);
    }
    control.post("/faults", json!({"mixin_latency_ms": 80, "messages_poisoned_late": 1})).await;
    let (poisoned, others) = people.split_first().unwrap();
    let dust = json!({
        "user_id": poisoned, "amount": "0.00000001",
        "asset_id": "c6d0c728-2624-429b-8e0d-d9d19b6592fa",
    });
    for round in 1..=2 {
        // The first answer of the first round is the one that is never taken.
        for person in &people {
            say(person).await;
        }
        for person in others {
            assert_eq!(shown(person, round).await, round + 1);
        }
        if round == 1 {
            for _ in 0..60 {
                control.post("/transfer", dust.clone()).await;
            }
        }
    }
    // All of that went by while Mixin's silence about the one was not even noticed: ten seconds.
    let path = format!("/shown?user_id={poisoned}");
    assert_eq!(control.get(&path).await["shown"].as_array().unwrap().len(), 1);
    let (_, said) = bot.stop("-KILL");
    assert!(!said.contains("fails alone") && !said.contains("messages wait"), "{said}");
    assert_eq!(control.get("/violations").await["violations"], json!([]));
}

#[test]
fn for_people_it_says_where_everything_is_and_ends_well_on_either_signal() {
    for signal in ["-TERM", "-INT"] {
        let arguments = ["simulate", "--listen", "127.0.0.1:0", "--seed", "5"];
        let mut world = Program::start(&arguments, &[], &[]);
        let (mut told, mut rest) = world.first_line();
        while !told.ends_with("}\n") {
            rest.read_line(&mut told).unwrap();
        }
        for part in [
            "export MIXPAY_BOT_MIXIN_API_URL=http://127.0.0.1:",
            "export MIXPAY_BOT_MIXIN_BLAZE_URL=ws://127.0.0.1:",
            "export MIXPAY_BOT_MIXPAY_API_URL=http://127.0.0.1:",
            "Control API (SIMULATE.md): http://127.0.0.1:",
            "\"session_private_key\": \"2eebc73657911920",
        ] {
            assert!(told.contains(part), "{part} is missing in {told}");
        }
        assert_eq!(world.stop(signal), (Some(0), String::new()));
    }
}

#[test]
fn an_address_that_cannot_be_is_refused() {
    for (arguments, code, why) in [
        (vec!["simulate"], 2, "--listen <ADDR>"),
        (vec!["simulate", "--listen", "9100"], 2, "invalid socket address"),
        (vec!["simulate", "--listen", "127.0.0.1:65533"], 2, "at most 65532, or 0 for free ones"),
        (vec!["simulate", "--listen", "192.0.2.1:0"], 1, "cannot listen"),
    ] {
        let mut program = Program::start(&arguments, &[], &[]);
        let mut said = String::new();
        program.child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
        assert_eq!(program.child.wait().unwrap().code(), Some(code), "{arguments:?}");
        assert!(said.contains(why), "{arguments:?}: {said}");
        assert!(program.folder.path().read_dir().unwrap().next().is_none(), "no file is made");
    }
}

#[test]
fn what_histories_meet_on_purpose_is_no_error_of_theirs() {
    // In one of these acknowledgements are refused for good, which a bot at work has to tell.
    let arguments = ["simulate", "seeds", "--first", "21", "--count", "1"];
    for (more, is_silent) in [(&[][..], true), (&["--log", "error"], false)] {
        let arguments: Vec<&str> = arguments.iter().chain(more).copied().collect();
        let mut program = Program::start(&arguments, &[], &[]);
        let mut said = String::new();
        program.child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
        assert_eq!(program.child.wait().unwrap().code(), Some(0), "{said}");
        assert_eq!(said.is_empty(), is_silent, "{said}");
    }
}
