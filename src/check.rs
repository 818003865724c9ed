//! The command `check`: tests a deployment, one line for each thing, with how to mend what is wrong.

mod machine;
mod mixin;
mod mixpay;

use crate::{
    cli::Failure,
    config::Settings,
    ports::{directory::Directory, ids::Ids, time::Clock},
    run::{self, Adapters},
    runtime::{clock::SystemClock, ids::SystemIds},
};
use anyhow::Context;
use std::{io::Write, sync::Arc};

/// What a test came to, and what there is to say about it.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Verdict {
    /// It is as it should be.
    Fine(String),
    /// The bot works, but not in all as it could.
    Warning(String),
    /// The bot does not work like this.
    Failing(String),
}

/// Tests everything and writes what came of it. Each test has its own deadline, so that the whole
/// ends in a minute or two even if nobody answers.
pub async fn run(settings: &Settings, out: &mut dyn Write) -> Result<(), Failure> {
    let keystore = Arc::new(run::keystore(&settings.keystore)?);
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let ids: Arc<dyn Ids> = Arc::new(SystemIds);
    let Adapters { mixin, mixpay } =
        run::adapters(settings, Arc::clone(&keystore), &clock, Arc::clone(&ids))?;
    let bot = keystore.user();
    let mut report = Report { out, failed: 0 };

    report.tell("configuration", Verdict::Fine("every setting is understood".to_owned()))?;
    report.tell("keystore", machine::keystore(&settings.keystore, &keystore.summary()))?;
    report.tell("database", machine::database(&settings.database, &*ids).await)?;
    report.tell("http.listen", machine::listen(settings.http.listen).await)?;
    report.tell("http.public_url", machine::public_address(&settings.http).await)?;

    report.tell("clock", mixin::clock(&settings.mixin.api_url, &*clock).await)?;
    let me = mixin.me().await;
    report.tell("Mixin login", mixin::login(&me, bot, &settings.operators))?;
    if let Ok(me) = &me {
        report
            .tell("Mixin links", mixin::links(&me.resource_patterns, &settings.mixpay.web_url))?;
        let capabilities = mixin::capabilities(&me.capabilities, keystore.summary().key);
        report.tell("capabilities", capabilities)?;
    }
    report.tell("Blaze", mixin::blaze(&mixin, &settings.mixin.blaze_url).await)?;

    let quoted = mixpay::quoted(&*mixpay).await;
    report.tell("MixPay", mixpay::reached(&quoted))?;
    if let Ok(quoted) = &quoted {
        let asked = mixpay::Asked { checkout: &*mixpay, settings, now: clock.now(), ids: &*ids };
        report.tell("payee", asked.payee(bot, quoted).await)?;
    }
    report.tell("mixpay.accounts", mixpay::accounts(&settings.mixpay.accounts))?;
    report.end()
}

/// Writes the lines and counts what fails.
struct Report<'a> {
    out: &'a mut dyn Write,
    failed: usize,
}

impl Report<'_> {
    fn tell(&mut self, name: &str, verdict: Verdict) -> Result<(), Failure> {
        let (word, text) = match verdict {
            Verdict::Fine(text) => ("ok", text),
            Verdict::Warning(text) => ("warn", text),
            Verdict::Failing(text) => {
                self.failed = self.failed.saturating_add(1);
                ("FAIL", text)
            }
        };
        // Some words are other people's: names, refusals.
        let text = text.replace(char::is_control, " ");
        writeln!(self.out, "{word:<4}  {name:<15}  {text}")
            .and_then(|()| self.out.flush())
            .context("the report cannot be written")?;
        Ok(())
    }

    fn end(self) -> Result<(), Failure> {
        match self.failed {
            0 => Ok(()),
            1 => Err(Failure::Failed(anyhow::anyhow!("1 test failed"))),
            failed => Err(Failure::Failed(anyhow::anyhow!("{failed} tests failed"))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_aligned_and_hold_no_control_characters_of_others() {
        let mut out = Vec::new();
        let mut report = Report { out: &mut out, failed: 0 };
        report.tell("clock", Verdict::Fine("right".to_owned())).unwrap();
        report.tell("http.public_url", Verdict::Warning("a\u{1b}[2Jb\nc".to_owned())).unwrap();
        report.tell("payee", Verdict::Failing("refused".to_owned())).unwrap();
        assert_eq!(report.end().unwrap_err().told(), "1 test failed");
        let expected = "ok    clock            right\n\
                        warn  http.public_url  a [2Jb c\n\
                        FAIL  payee            refused\n";
        assert_eq!(String::from_utf8(out).unwrap(), expected);
    }
}
