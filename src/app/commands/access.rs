//! Access: may this person do this here, and is this code theirs to know about.

use crate::{
    app::commands::{Ask, Stop, WRONG_CODES_MAX},
    domain::{code::ShortCode, invoice::Invoice, link::Link, settings::Invoicers},
    ports::effect::{Found, Need},
    runtime::{clock::is_fresh, readiness::Condition},
    speech::answer,
};
use jiff::SignedDuration;

/// Roles in a group are believed this long.
const ROLES_KEPT: SignedDuration = SignedDuration::from_mins(5);

impl Ask<'_> {
    /// Whether the person is the owner or an admin of this group.
    pub(crate) async fn is_group_admin(&mut self) -> Result<bool, Stop> {
        if !self.in_group() {
            return Ok(false);
        }
        let conversation = self.place.conversation;
        if let Some((group, at)) = self.tx.group(conversation).await?
            && is_fresh(at, ROLES_KEPT, self.now)
        {
            return Ok(group.admins.contains(&self.who));
        }
        match self.found(&Need::Group(conversation)) {
            Some(Found::Group(Some(group))) => Ok(group.admins.contains(&self.who)),
            Some(Found::Group(None)) => Ok(false),
            Some(_) => Err(self.say(answer::roles_unavailable(self.locale))),
            None => Err(Stop::Need(Need::Group(conversation))),
        }
    }

    /// Only the group's owner and admins may.
    pub(crate) async fn only_group_admin(&mut self) -> Result<(), Stop> {
        if self.is_on_behalf() || !self.is_group_admin().await? {
            return Err(self.say(answer::only_admins(self.locale)));
        }
        Ok(())
    }

    /// May this person make invoices and links here, and have they any left this hour?
    pub(crate) async fn may_create(&mut self) -> Result<(), Stop> {
        self.needs_the_time()?;
        // What is written to a file without a name is gone when the process ends.
        if self.deps.readiness.is_against(Condition::DatabaseFile) {
            return Err(self.say(answer::nothing_kept(self.locale)));
        }
        if self.in_group()
            && self.group.invoices == Invoicers::Admins
            && !self.is_group_admin().await?
        {
            return Err(self.say(answer::only_admins_invoice(self.locale)));
        }
        self.has_invoices_left().await
    }

    /// Has this person, and whoever speaks for them, any invoices left this hour?
    pub(crate) async fn has_invoices_left(&mut self) -> Result<(), Stop> {
        let limit = self.deps.rules.invoices_per_hour;
        let since = self.before(SignedDuration::from_hours(1));
        if self.spent("invoice", since).await? >= limit {
            return Err(self.say(answer::invoices_spent(limit, self.locale)));
        }
        Ok(())
    }

    /// Counts an invoice or a link that was made.
    pub(crate) async fn count_created(&mut self) -> Result<(), Stop> {
        self.spend("invoice").await
    }

    /// The invoice with this code. Guessing is answered ten times an hour.
    pub(crate) async fn invoice(&mut self, code: ShortCode) -> Result<Invoice, Stop> {
        match self.tx.invoice_by_code(code).await? {
            Some(invoice) => {
                if !self.is_party(&invoice).await? && self.has_guessed_enough().await? {
                    return Err(Stop::Say(Vec::new()));
                }
                Ok(invoice)
            }
            None => Err(self.wrong_code(code).await?),
        }
    }

    /// The link with this code, if it is one.
    pub(crate) async fn link(&mut self, code: ShortCode) -> Result<Option<Link>, Stop> {
        Ok(self.tx.link(code).await?)
    }

    /// The invoice with this code, if the person is a party to it: otherwise the same answer as
    /// for a code that does not exist.
    pub(crate) async fn own_invoice(&mut self, code: ShortCode) -> Result<Invoice, Stop> {
        let invoice = self.invoice(code).await?;
        if self.is_party(&invoice).await? {
            Ok(invoice)
        } else {
            Err(self.wrong_code(code).await?)
        }
    }

    /// Whether the person has a part in an invoice: made it, is paid by it, was told of it, runs
    /// the link or the bot, or speaks in the group where it was made.
    pub(crate) async fn is_party(&mut self, invoice: &Invoice) -> Result<bool, Stop> {
        let terms = &invoice.terms;
        let direct = invoice.creator == self.who
            || terms.payee == self.who
            || terms.told == Some(self.who)
            || self.deps.is_operator(self.who)
            || (invoice.in_group && invoice.conversation == self.place.conversation);
        if direct {
            return Ok(true);
        }
        match terms.link {
            Some(code) => Ok(self.link(code).await?.is_some_and(|link| link.creator == self.who)),
            None => Ok(false),
        }
    }

    async fn has_guessed_enough(&mut self) -> Result<bool, Stop> {
        let since = self.before(SignedDuration::from_hours(1));
        Ok(self.spent("code", since).await? >= WRONG_CODES_MAX)
    }

    /// The answer to a code that does not exist, counted as a guess; silence after too many.
    pub(crate) async fn wrong_code(&mut self, code: ShortCode) -> Result<Stop, Stop> {
        if self.has_guessed_enough().await? {
            return Ok(Stop::Say(Vec::new()));
        }
        self.spend("code").await?;
        Ok(self.say(answer::unknown_code(code, self.locale)))
    }
}
