//! Representatives: supergroup bots that speak for people; which are believed, what they may say, and
//! who gets to see what is answered.

use crate::{
    app::{
        commands::{Ask, Stop, grammar::Command},
        deps::Deps,
        reply::{Place, say},
    },
    domain::{cause::Cause, ids::UserId},
    ports::inbound::Inbound,
    speech::{Draft, answer},
    store::StoreError,
};
use jiff::Timestamp;

/// For whom an event speaks: whoever sent it, or the person for whom a trusted supergroup bot did.
pub fn speaker(deps: &Deps, event: &Inbound) -> UserId {
    let trusted = deps.rules.representatives.contains(&event.from);
    event.representative.filter(|_| trusted).unwrap_or(event.from)
}

impl Ask<'_> {
    /// Whether a supergroup bot asks in its own chat with us, where the person cannot look.
    pub(crate) const fn is_relayed(&self) -> bool {
        self.is_on_behalf() && !self.in_group()
    }

    /// Whether a supergroup bot speaks for the person.
    pub(crate) const fn is_on_behalf(&self) -> bool {
        self.representative.is_some()
    }

    /// What was made is shown where it is: a supergroup bot is told to look there.
    pub(crate) fn made(&mut self) -> Vec<Draft> {
        self.answers_here = true;
        if self.is_relayed() {
            vec![Draft::text(answer::look_in_private(self.locale))]
        } else {
            Vec::new()
        }
    }

    /// How much of a quota is used up since then: the person's own, or that of the supergroup bot
    /// that speaks for them, whichever is more.
    pub(crate) async fn spent(&mut self, what: &str, since: Timestamp) -> Result<u32, Stop> {
        let mut most = self.tx.spent(self.who, what, since).await?;
        if let Some(bot) = self.representative {
            most = most.max(self.tx.spent(bot, what, since).await?);
        }
        Ok(most)
    }

    /// Counts something against a quota: of the person, and of whoever speaks for them.
    pub(crate) async fn spend(&mut self, what: &str) -> Result<(), Stop> {
        self.tx.spend(self.who, what, self.now).await?;
        if let Some(bot) = self.representative {
            self.tx.spend(bot, what, self.now).await?;
        }
        Ok(())
    }

    /// A supergroup bot may say for people what makes an invoice or a link, and what reads.
    pub(super) fn only_what_may_be_said_for_others(
        &mut self,
        command: &Command,
    ) -> Result<(), Stop> {
        if !self.is_on_behalf() {
            return Ok(());
        }
        let answered = relayed(command, self.in_group());
        self.answers_here = answered != Some(Answered::InPrivate);
        if answered.is_none() {
            return Err(self.say(answer::ask_in_private(self.locale)));
        }
        Ok(())
    }
}

/// What a supergroup bot asked to see is shown to the person alone; what it is told itself.
pub(super) async fn show_in_private(
    ask: &mut Ask<'_>,
    drafts: Vec<Draft>,
) -> Result<Vec<Draft>, StoreError> {
    let place = Place { new: true, ..Place::private(ask.deps, ask.who) };
    let begins = Draft::text(answer::asked_through_another(ask.locale)).silently();
    let unquoted = |draft: Draft| Draft { quote: None, ..draft };
    let drafts = [begins].into_iter().chain(drafts.into_iter().map(unquoted)).collect();
    let cause = Cause::Relayed(ask.event.message);
    say(ask.tx, ask.deps, place, cause, drafts, ask.now).await?;
    Ok(vec![Draft::text(answer::look_in_private(ask.locale))])
}

/// Whether a supergroup bot may say this for a person, and where that is answered; `None` if it may
/// not. It may make invoices and links, and what it asks to read only the person gets to see.
const fn relayed(command: &Command, in_group: bool) -> Option<Answered> {
    match command {
        // What is made in a group is shown to the group.
        Command::Invoice(_) | Command::Link(_) if in_group => Some(Answered::Here),
        Command::Help | Command::Ping => Some(Answered::Here),
        Command::Invoice(_)
        | Command::Link(_)
        | Command::Pay { .. }
        | Command::Status(_)
        | Command::Verify(_)
        | Command::Uuid(_)
        | Command::Quote { .. }
        | Command::Asset(_) => Some(Answered::InPrivate),
        Command::List(_)
        | Command::Cancel(_)
        | Command::Accept { .. }
        | Command::Reject { .. }
        | Command::Settle(_)
        | Command::Payee(_)
        | Command::Multisig { .. }
        | Command::Lang(_)
        | Command::Settings(_)
        | Command::Export
        | Command::Quiet
        | Command::Start => None,
    }
}

/// Where a supergroup bot is answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Answered {
    Here,
    InPrivate,
}
