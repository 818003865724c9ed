//! Allowance: what of MixPay's minute one person's lines may cause. It counts against whoever asks,
//! and against the bot that passes the line on.

use crate::{
    app::{
        commands::{Ask, Stop},
        hints,
    },
    domain::{ids::UserId, invoice::Invoice},
    store::StoreError,
};
use jiff::{SignedDuration, Timestamp};

/// Prices that one person may ask MixPay for in a minute.
const PRICES_A_MINUTE: u32 = 10;
/// Questions about invoices that one person may cause in a minute.
const LOOKS_A_MINUTE: u32 = 6;
/// People cause one question about an invoice in this time.
const LOOK_AGAIN: SignedDuration = SignedDuration::from_secs(15);
const MINUTE: SignedDuration = SignedDuration::from_mins(1);

impl Ask<'_> {
    /// Who answers for this line: the person, and the bot that passes it on.
    fn accountable(&self) -> Vec<UserId> {
        let relay = Some(self.event.from).filter(|from| *from != self.who);
        std::iter::once(self.who).chain(relay).collect()
    }

    /// Counts one of a quota of `limit` a minute, if there is room; else when there will be.
    async fn allow(&mut self, what: &str, limit: u32) -> Result<Option<Timestamp>, StoreError> {
        let who = self.accountable();
        for person in &who {
            let room = self.tx.spent_until(*person, what, limit, MINUTE, self.now).await?;
            if room.is_some() {
                return Ok(room);
            }
        }
        for person in who {
            self.tx.spend(person, what, self.now).await?;
        }
        Ok(None)
    }

    /// Counts a price that MixPay is asked for; `Some` is how many there may be in a minute, and in
    /// how many seconds there is room again.
    pub(crate) async fn allow_price(&mut self) -> Result<Option<(u32, i64)>, Stop> {
        let room = self.allow("price", PRICES_A_MINUTE).await?;
        let seconds = |when: Timestamp| when.duration_since(self.now).as_secs().max(0);
        Ok(room.map(|when| (PRICES_A_MINUTE, seconds(when).saturating_add(1))))
    }

    /// Asks MixPay about an invoice at once, because a person wants to know: but not again and
    /// again. It is asked about in its turn anyway. `why` tells lookers from those who cancel.
    pub(crate) async fn hasten(&mut self, invoice: &Invoice, why: &str) -> Result<(), Stop> {
        let since = self.before(LOOK_AGAIN);
        if self.tx.spent_on(invoice.id, why, since, self.now).await?
            || self.allow("look", LOOKS_A_MINUTE).await?.is_some()
        {
            return Ok(());
        }
        self.tx.spend_on(invoice.id, why, self.now).await?;
        Ok(hints::hasten(self.tx, self.deps, invoice.id).await?)
    }
}
