//! Secrets: neither the log nor anything that is shown holds a key or a token.

use crate::harness::{Alice, Bob, Bot, Olivia, amount, mins, secs};
use mixpay_bot::{
    runtime::telemetry::{self, LogFormat},
    sim::{How, Place},
};
use std::{
    io,
    sync::{Arc, Mutex},
};

/// What was logged.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn nothing_that_is_logged_or_shown_holds_a_key_or_a_token() {
    let log = Log::default();
    let writer = log.clone();
    // As fine as it goes, and finer for what sees the headers of requests.
    let filter = "trace,tungstenite::handshake=trace,hyper=trace,hyper_util=trace,reqwest=trace";
    let subscriber = telemetry::subscriber(filter, LogFormat::Text, move || writer.clone(), false);
    let subscriber = subscriber.unwrap();
    let guard = tracing::subscriber::set_default(subscriber);
    let mut bot = Bot::new().await;
    let keystore = bot.world.keystore_json();
    let code = bot.invoice(Bob, "invoice 10 usd for coffee").await;
    bot.world.faults(|faults, _| {
        faults.mixin.errors = 2;
        faults.mixpay.errors = 1;
        faults.messages_shown_then_500 = 1;
        faults.garbage_frames = 1;
    });
    let how = How::Tampered { amount: Some(amount("0.01")), payee: None, quote: None };
    bot.pays_badly(&code, how).await;
    bot.passes(mins(2)).await;
    for line in ["help", "list", "status", "export", "uuid me", "uuid 99999999", "settings"] {
        bot.says(Bob, line).await;
    }
    bot.world.send_sticker(bot.id(Alice), Place::Private).unwrap();
    bot.world.mixin_offline_for(secs(30));
    bot.passes(mins(2)).await;
    bot.says_in_group(Bob, "invoice 1 usd").await;
    for who in [Bob, Alice, Olivia] {
        bot.shows(who);
    }
    bot.shows_group();
    drop(guard);
    let logged = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    assert!(logged.contains("is asked for"), "the log was read");
    let secrets = secrets_of(&keystore);
    assert!(!secrets.is_empty(), "the keystore was read");
    for text in [&logged, &bot.everything] {
        let low = text.to_lowercase();
        for secret in &secrets {
            assert!(!low.contains(&secret.to_lowercase()), "a secret of the keystore");
        }
        // How every signed token begins: {" in base64.
        let token = text.find("eyJ").map(|at| &text[at.saturating_sub(200)..at]);
        assert_eq!(token, None, "a token");
    }
    bot.finish().await;
}

/// The long values under the keys of a keystore that are secret.
fn secrets_of(keystore: &str) -> Vec<String> {
    let value: serde_json::Value = serde_json::from_str(keystore).unwrap();
    let fields = value.as_object().unwrap();
    let is_secret = |name: &str| ["private", "pin", "seed"].iter().any(|word| name.contains(word));
    let secret = fields.iter().filter(|(name, _)| is_secret(name));
    secret.filter_map(|(_, value)| value.as_str().map(str::to_owned)).collect()
}
