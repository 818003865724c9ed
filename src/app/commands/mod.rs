//! The commands of the chat: from a line to what it asks for, and one command a file.
//!
//! A command reads and writes the store and answers with drafts. It calls nothing outside: what it
//! needs to know from there it names ([`Stop::Need`]), and is run again when that is found out.

pub mod clauses;
pub mod grammar;
pub mod money;
pub mod tokens;
pub mod words;

mod access;
mod allowance;
mod asset;
mod cancel;
mod decide;
mod export;
mod help;
mod invoice;
mod link;
mod list;
mod lookup;
mod multisig;
mod pay;
mod payee;
mod quote;
mod representatives;
mod settings;
mod settle;
mod status;
mod strangers;
mod verify;

pub(crate) use crate::speech::format::asset_label;
use crate::{
    app::{deps::Deps, reply::Place},
    domain::{
        asset::QuoteAsset,
        ids::{AssetId, UserId},
        invoice::{Invoice, standing::Standing},
        locale::Locale,
        settings::{PersonSettings, PlaceSettings, Settlement},
    },
    ports::{
        directory::Person,
        effect::{Found, Need},
        inbound::{Content, Inbound},
    },
    runtime::readiness::Condition,
    speech::{Draft, answer, invoice::status, question},
    store::{StoreError, Tx},
};
use grammar::{Command, PersonRef, Reading, Scope};
use jiff::{SignedDuration, Timestamp};
pub use representatives::speaker;

/// Lines that are not understood are answered this often a minute.
const UNKNOWN_MAX: u32 = 3;
/// Guesses at codes that are answered an hour.
pub(crate) const WRONG_CODES_MAX: u32 = 10;

/// Why a command did not answer.
#[derive(Debug)]
pub enum Stop {
    /// It needs to know something from outside.
    Need(Need),
    /// It is refused, or was answered early.
    Say(Vec<Draft>),
    /// The store failed.
    Store(StoreError),
}

impl From<StoreError> for Stop {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

/// What a command gets.
pub(crate) struct Ask<'a> {
    pub(crate) tx: &'a mut Tx,
    pub(crate) deps: &'a Deps,
    pub(crate) event: &'a Inbound,
    pub(crate) place: Place,
    pub(crate) found: &'a [(Need, Found)],
    pub(crate) now: Timestamp,
    /// Who asks; for a supergroup bot, the person it speaks for.
    pub(crate) who: UserId,
    /// The supergroup bot that speaks for them: good for creating and reading only.
    pub(crate) representative: Option<UserId>,
    /// Whether what is answered belongs here although a supergroup bot asked: it says nothing of
    /// the person.
    pub(crate) answers_here: bool,
    pub(crate) person: Option<Person>,
    pub(crate) settings: PersonSettings,
    pub(crate) group: PlaceSettings,
    pub(crate) locale: Locale,
}

impl Ask<'_> {
    /// Whether this is said in a group.
    pub(crate) const fn in_group(&self) -> bool {
        self.place.person.is_none()
    }

    /// While our clock is known to be wrong, nothing is made that depends on it.
    pub(crate) fn needs_the_time(&self) -> Result<(), Stop> {
        if self.deps.readiness.is_against(Condition::Clock) {
            return Err(self.say(answer::clock_is_wrong(self.locale)));
        }
        Ok(())
    }

    /// News of an invoice are told where the invoice is; whoever made them from elsewhere wants to
    /// know, too.
    pub(crate) fn tell_elsewhere(&self, invoice: &Invoice, standing: &Standing) -> Vec<Draft> {
        if invoice.conversation == self.place.conversation {
            return Vec::new();
        }
        vec![self.status(invoice, standing)]
    }

    /// An invoice's state, for a party.
    pub(crate) fn status(&self, invoice: &Invoice, standing: &Standing) -> Draft {
        let support = &self.deps.rules.support;
        Draft::text(status(invoice, standing, self.now, support, self.locale)).about(invoice.code)
    }

    /// What was found out about a need, if anything was.
    pub(crate) fn found(&self, need: &Need) -> Option<&Found> {
        self.found.iter().find(|(known, _)| known == need).map(|(_, found)| found)
    }

    /// Somebody by id; `None` if Mixin knows nobody, or cannot tell now.
    pub(crate) async fn user(&mut self, id: UserId) -> Result<Option<Person>, Stop> {
        if let Some(person) = self.tx.person(id).await? {
            return Ok(Some(person));
        }
        match self.found(&Need::Person(id)) {
            Some(Found::Person(person)) => Ok(person.clone()),
            Some(_) => Ok(None),
            None => Err(Stop::Need(Need::Person(id))),
        }
    }

    /// The name of somebody with their Mixin ID, as cards show it.
    pub(crate) async fn name_of(&mut self, id: UserId) -> Result<String, Stop> {
        Ok(self.user(id).await?.map_or_else(|| id.to_string(), |person| display_name(&person)))
    }

    /// Somebody by Mixin ID. A search counts against the person's quota.
    pub(crate) async fn by_number(&mut self, number: &str) -> Result<Person, Stop> {
        if let Some(person) = self.tx.person_by_number(number).await? {
            return Ok(person);
        }
        match self.found(&Need::Number(number.to_owned())) {
            Some(Found::Person(Some(person))) => Ok(person.clone()),
            Some(Found::Person(None)) => Err(self.say(answer::no_such_user(number, self.locale))),
            Some(_) => Err(self.say(answer::lookup_unavailable(number, self.locale))),
            None => {
                let since = self.before(SignedDuration::from_hours(24));
                let limit = self.deps.rules.lookups_per_day;
                if self.spent("lookup", since).await? >= limit {
                    return Err(self.say(answer::lookups_spent(limit, self.locale)));
                }
                self.spend("lookup").await?;
                Err(Stop::Need(Need::Number(number.to_owned())))
            }
        }
    }

    /// The user whom a line names.
    pub(crate) async fn refer(&mut self, person: &PersonRef) -> Result<UserId, Stop> {
        match person {
            PersonRef::Me => Ok(self.who),
            PersonRef::User(id) => Ok(*id),
            PersonRef::Number(number) => Ok(self.by_number(number).await?.id),
        }
    }

    /// An answer that ends the command.
    #[expect(clippy::unused_self, reason = "reads as what it is: this asker is told")]
    pub(crate) fn say(&self, text: String) -> Stop {
        Stop::Say(vec![Draft::text(text)])
    }

    /// What is private is answered in private only, and to the person themselves.
    pub(crate) fn only_private(&self) -> Result<(), Stop> {
        if self.in_group() || self.is_on_behalf() {
            return Err(self.say(answer::ask_in_private(self.locale)));
        }
        Ok(())
    }

    /// The time that long ago.
    pub(crate) fn before(&self, length: SignedDuration) -> Timestamp {
        self.now.saturating_sub(length).unwrap_or(Timestamp::MIN)
    }

    /// What the person has chosen to receive.
    pub(crate) const fn chosen_settlement(&self) -> Option<AssetId> {
        match self.settings.settlement {
            Some(Settlement::Asset(asset)) => Some(asset),
            Some(Settlement::AsPaid) | None => None,
        }
    }

    /// What the person receives, unless a line says otherwise.
    pub(crate) fn settlement(&self) -> AssetId {
        self.chosen_settlement().unwrap_or(self.deps.rules.settlement)
    }

    /// The currency that is offered first.
    pub(crate) fn currency(&self) -> QuoteAsset {
        let group = self.in_group().then_some(self.group.currency).flatten();
        group.or(self.settings.currency).unwrap_or(self.deps.rules.currency)
    }
}

/// `Bob (37160854)`.
pub(crate) fn display_name(person: &Person) -> String {
    crate::speech::outside::person(&person.name, &person.number, person.id)
}

/// Answers an event that somebody said, tapped or sent.
pub async fn answer(
    tx: &mut Tx,
    deps: &Deps,
    event: &Inbound,
    place: Place,
    found: &[(Need, Found)],
) -> Result<Vec<Draft>, Stop> {
    let group = match place.person {
        Some(_) => PlaceSettings::default(),
        None => tx.place_settings(place.conversation).await?,
    };
    if let Content::Membership { bot_added } = event.content {
        if !bot_added {
            return Ok(Vec::new());
        }
        // A one-to-one conversation begins with the same message; it is no group.
        let need = Need::Group(place.conversation);
        return match found.iter().find(|(known, _)| *known == need).map(|(_, found)| found) {
            None => Err(Stop::Need(need)),
            Some(Found::Group(Some(_))) => {
                let locale = group.locale.unwrap_or_default();
                Ok(vec![answer::hello_group(&deps.me.person.number, locale)])
            }
            Some(_) => Ok(Vec::new()),
        };
    }
    if place.person.is_none() && !is_addressed(event, &deps.me.person.number) {
        return Ok(Vec::new());
    }
    let who = speaker(deps, event);
    let settings = tx.person_settings(who).await?;
    let guess = if speaks_chinese(event) { Locale::Zh } else { Locale::En };
    let chosen = if place.person.is_none() { group.locale } else { settings.locale };
    let mut ask = Ask {
        locale: chosen.unwrap_or(guess),
        representative: (who != event.from).then_some(event.from),
        answers_here: false,
        now: deps.now(),
        person: None,
        tx,
        deps,
        event,
        place,
        found,
        who,
        settings,
        group,
    };
    let (person, has_spoken) = match ask.tx.speaker(who).await? {
        Some((person, has_spoken)) => (Some(person), has_spoken),
        None => (ask.user(who).await?, false),
    };
    // Two bots must not talk to each other for ever.
    if person.as_ref().is_some_and(|person| person.is_bot) {
        return Ok(Vec::new());
    }
    ask.person = person;
    if who == event.from && !has_spoken {
        ask.tx.note_spoke(who).await?;
    }
    let mut drafts = match Box::pin(dispatch(&mut ask)).await {
        Ok(drafts) | Err(Stop::Say(drafts)) => drafts,
        Err(stop) => return Err(stop),
    };
    if ask.is_on_behalf() && !ask.answers_here && !drafts.is_empty() {
        drafts = representatives::show_in_private(&mut ask, drafts).await?;
    }
    if place.person.is_none()
        && let Some(first) = drafts.first_mut()
    {
        first.quote = first.quote.or(Some(event.message));
    }
    Ok(drafts)
}

/// In a group the bot answers lines that carry its number, and nothing else.
fn is_addressed(event: &Inbound, number: &str) -> bool {
    match &event.content {
        Content::Text(text) => text.contains(number),
        Content::Contact(_)
        | Content::Unread { .. }
        | Content::Transfer(_)
        | Content::Membership { .. }
        | Content::Ignored => false,
    }
}

fn speaks_chinese(event: &Inbound) -> bool {
    matches!(&event.content, Content::Text(text) if text.chars().any(tokens::is_han))
}

async fn dispatch(ask: &mut Ask<'_>) -> Result<Vec<Draft>, Stop> {
    let line = match &ask.event.content {
        Content::Text(line) => line,
        Content::Contact(user) => return lookup::user(ask, *user).await,
        Content::Unread { undecryptable, .. } => {
            ask.answers_here = true;
            let text = if *undecryptable {
                answer::undecryptable(ask.locale)
            } else {
                answer::only_text(ask.locale)
            };
            return Ok(vec![Draft::text(text)]);
        }
        Content::Transfer(_) | Content::Membership { .. } | Content::Ignored => {
            return Ok(Vec::new());
        }
    };
    let catalogue = ask.deps.catalogue();
    let scope = Scope {
        bot_number: &ask.deps.me.person.number,
        in_group: ask.in_group(),
        catalogue: &catalogue,
        settlement: ask.chosen_settlement(),
        currency: ask.currency(),
    };
    match grammar::read(line, &scope) {
        Reading::Command(command) => {
            let name = command.word().name();
            let done = run(ask, command).await;
            // One that needs something from outside is run again when that is known.
            if matches!(done, Ok(_) | Err(Stop::Say(_))) {
                ask.deps.metrics.commands.add(name, 1);
            }
            done
        }
        Reading::Ask(question) => Ok(question::ask(&question, &catalogue, ask.locale)),
        Reading::Refuse(misread) => {
            ask.deps.metrics.messages_refused.add(1);
            Ok(vec![question::refuse(&misread, &catalogue, ask.locale)])
        }
        Reading::BareMoney { command, .. } => Ok(answer::bare_money(&command, ask.locale)),
        Reading::Nothing => run(ask, Command::Help).await,
        Reading::Unknown { did_you_mean } => {
            let since = ask.before(SignedDuration::from_secs(60));
            if ask.spent("unknown", since).await? >= UNKNOWN_MAX {
                return Ok(Vec::new());
            }
            ask.spend("unknown").await?;
            Ok(answer::unknown(&did_you_mean, ask.locale))
        }
    }
}

/// Every command has its file; a new one stops the build here.
async fn run(ask: &mut Ask<'_>, command: Command) -> Result<Vec<Draft>, Stop> {
    ask.only_what_may_be_said_for_others(&command)?;
    match command {
        Command::Invoice(request) => invoice::run(ask, request).await,
        Command::Link(request) => link::run(ask, request).await,
        Command::Pay { code, amount } => pay::run(ask, code, amount).await,
        Command::Status(of) => status::run(ask, of).await,
        Command::List(filter) => list::run(ask, filter).await,
        Command::Cancel(code) => cancel::run(ask, code).await,
        Command::Accept { code, confirmed } => decide::accept(ask, code, confirmed).await,
        Command::Reject { code, confirmed } => decide::reject(ask, code, confirmed).await,
        Command::Verify(code) => verify::run(ask, code).await,
        Command::Uuid(of) => lookup::run(ask, of).await,
        Command::Quote { price, pay_with } => quote::run(ask, price, pay_with).await,
        Command::Asset(name) => asset::run(ask, &name).await,
        Command::Settle(choice) => settle::run(ask, choice).await,
        Command::Payee(choice) => payee::run(ask, choice).await,
        Command::Multisig { threshold, members } => multisig::run(ask, threshold, &members).await,
        Command::Lang(choice) => settings::language(ask, choice).await,
        Command::Settings(setting) => settings::run(ask, setting).await,
        Command::Export => export::run(ask).await,
        Command::Quiet => strangers::quiet(ask).await,
        Command::Start => strangers::start(ask).await,
        Command::Help => Ok(help::run(ask)),
        Command::Ping => Ok(vec![Draft::text(answer::pong(ask.locale))]),
    }
}
