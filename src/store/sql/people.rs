//! People, groups, their settings, and what counts against their quotas.

use crate::{
    domain::{
        catalogue::{AssetList, ListedAsset},
        ids::{ConversationId, InvoiceId, UserId},
        settings::{PersonSettings, PlaceSettings},
    },
    ports::directory::{Group, Person},
    store::{Columns, Row, StoreError, Tx, Val, json, micros, time},
};
use jiff::{SignedDuration, Timestamp};

fn person(row: Row) -> Result<Person, StoreError> {
    let mut columns = Columns::of("person", row);
    Ok(Person {
        id: columns.parsed()?,
        number: columns.text()?,
        name: columns.text()?,
        is_bot: columns.int()? != 0,
    })
}

/// The key of a list among the single values.
const fn list_key(list: AssetList) -> &'static str {
    match list {
        AssetList::Quote => "assets.quote",
        AssetList::Payment => "assets.payment",
        AssetList::Settlement => "assets.settlement",
    }
}

impl Tx {
    /// Somebody we know.
    pub async fn person(&mut self, id: UserId) -> Result<Option<Person>, StoreError> {
        let sql = "SELECT id, number, name, is_bot FROM person WHERE id = $1";
        let row = self.row(sql, &[id.to_string().into()]).await?;
        self.option(row, person).await
    }

    /// Somebody we know by Mixin ID.
    pub async fn person_by_number(&mut self, number: &str) -> Result<Option<Person>, StoreError> {
        let sql = "SELECT id, number, name, is_bot FROM person WHERE number = $1";
        let row = self.row(sql, &[number.into()]).await?;
        self.option(row, person).await
    }

    /// Somebody we know, and whether they ever spoke to the bot.
    pub async fn speaker(&mut self, id: UserId) -> Result<Option<(Person, bool)>, StoreError> {
        let sql = "SELECT id, number, name, is_bot, spoke FROM person WHERE id = $1";
        let row = self.row(sql, &[id.to_string().into()]).await?;
        let has_spoken = row.as_ref().and_then(|row| row.last()) != Some(&Val::Null);
        Ok(self.option(row, person).await?.map(|person| (person, has_spoken)))
    }

    /// Notes that somebody speaks to the bot.
    pub async fn note_spoke(&mut self, id: UserId) -> Result<(), StoreError> {
        let sql = "UPDATE person SET spoke = 1 WHERE id = $1 AND spoke IS NULL";
        self.execute(sql, &[id.to_string().into()]).await.map(drop)
    }

    /// Whether somebody ever spoke to the bot.
    pub async fn has_spoken(&mut self, id: UserId) -> Result<bool, StoreError> {
        let sql = "SELECT 1 FROM person WHERE id = $1 AND spoke IS NOT NULL";
        Ok(self.row(sql, &[id.to_string().into()]).await?.is_some())
    }

    /// Remembers somebody for good: a Mixin ID never changes its owner. An empty number or name
    /// does not replace a known one.
    pub async fn keep_person(&mut self, person: &Person) -> Result<(), StoreError> {
        let sql = "INSERT INTO person (id, number, name, is_bot) VALUES ($1, $2, $3, $4) \
                   ON CONFLICT (id) DO UPDATE SET \
                   number = CASE excluded.number WHEN '' THEN person.number ELSE excluded.number END, \
                   name = CASE excluded.name WHEN '' THEN person.name ELSE excluded.name END, \
                   is_bot = excluded.is_bot";
        let values = [
            person.id.to_string().into(),
            person.number.clone().into(),
            person.name.clone().into(),
            i64::from(person.is_bot).into(),
        ];
        self.execute(sql, &values).await.map(drop)
    }

    /// Whether the bot has opened this one-to-one conversation.
    pub async fn is_opened(&mut self, conversation: ConversationId) -> Result<bool, StoreError> {
        let sql = "SELECT 1 FROM opened WHERE conversation = $1";
        Ok(self.row(sql, &[conversation.to_string().into()]).await?.is_some())
    }

    /// Remembers that the bot has opened this one-to-one conversation.
    pub async fn note_opened(
        &mut self,
        conversation: ConversationId,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let sql = "INSERT INTO opened (conversation, at) VALUES ($1, $2) ON CONFLICT DO NOTHING";
        self.execute(sql, &[conversation.to_string().into(), micros(now).into()]).await.map(drop)
    }

    /// Who runs a group, and when we learned it.
    pub async fn group(
        &mut self,
        conversation: ConversationId,
    ) -> Result<Option<(Group, Timestamp)>, StoreError> {
        let sql = "SELECT conversation, body, at FROM place WHERE conversation = $1";
        let row = self.row(sql, &[conversation.to_string().into()]).await?;
        let group = self.option(row, |row| {
            let mut columns = Columns::of("place", row);
            columns.text()?;
            Ok((columns.json()?, time(columns.int()?)))
        });
        group.await
    }

    /// Remembers who runs a group.
    pub async fn keep_group(
        &mut self,
        conversation: ConversationId,
        group: &Group,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let sql = "INSERT INTO place (conversation, body, at) VALUES ($1, $2, $3) \
                   ON CONFLICT (conversation) DO UPDATE SET body = excluded.body, at = excluded.at";
        let values = [conversation.to_string().into(), json(group)?, micros(now).into()];
        self.execute(sql, &values).await.map(drop)
    }

    /// Forgets who runs a group: it has changed.
    pub async fn forget_group(&mut self, conversation: ConversationId) -> Result<(), StoreError> {
        let sql = "DELETE FROM place WHERE conversation = $1";
        self.execute(sql, &[conversation.to_string().into()]).await.map(drop)
    }

    async fn settings<T: serde::de::DeserializeOwned + Default>(
        &mut self,
        owner: String,
    ) -> Result<T, StoreError> {
        let sql = "SELECT owner, body FROM settings WHERE owner = $1";
        let row = self.row(sql, &[owner.into()]).await?;
        let chosen = self.option(row, |row| {
            let mut columns = Columns::of("settings", row);
            columns.text()?;
            columns.json()
        });
        Ok(chosen.await?.unwrap_or_default())
    }

    async fn keep_settings<T: serde::Serialize>(
        &mut self,
        owner: String,
        settings: &T,
    ) -> Result<(), StoreError> {
        let sql = "INSERT INTO settings (owner, body) VALUES ($1, $2) \
                   ON CONFLICT (owner) DO UPDATE SET body = excluded.body";
        self.execute(sql, &[owner.into(), json(settings)?]).await.map(drop)
    }

    /// What a person has chosen.
    pub async fn person_settings(&mut self, id: UserId) -> Result<PersonSettings, StoreError> {
        self.settings(id.to_string()).await
    }

    /// Keeps what a person has chosen.
    pub async fn keep_person_settings(
        &mut self,
        id: UserId,
        settings: &PersonSettings,
    ) -> Result<(), StoreError> {
        self.keep_settings(id.to_string(), settings).await
    }

    /// What a group has chosen.
    pub async fn place_settings(
        &mut self,
        id: ConversationId,
    ) -> Result<PlaceSettings, StoreError> {
        self.settings(id.to_string()).await
    }

    /// Keeps what a group has chosen.
    pub async fn keep_place_settings(
        &mut self,
        id: ConversationId,
        settings: &PlaceSettings,
    ) -> Result<(), StoreError> {
        self.keep_settings(id.to_string(), settings).await
    }

    /// Counts something against a quota.
    pub async fn spend(
        &mut self,
        who: UserId,
        what: &str,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let sql = "INSERT INTO spent (who, what, at) VALUES ($1, $2, $3)";
        let values = [who.to_string().into(), what.into(), micros(now).into()];
        self.execute(sql, &values).await.map(drop)
    }

    /// How much was counted since `since`.
    pub async fn spent(
        &mut self,
        who: UserId,
        what: &str,
        since: Timestamp,
    ) -> Result<u32, StoreError> {
        let sql = "SELECT count(*) FROM spent WHERE who = $1 AND what = $2 AND at > $3";
        let values = [who.to_string().into(), what.into(), micros(since).into()];
        let row = self.row(sql, &values).await?.unwrap_or_default();
        Ok(u32::try_from(Columns::of("spent", row).int()?).unwrap_or(u32::MAX))
    }

    /// Counts a question that people caused about an invoice.
    pub async fn spend_on(
        &mut self,
        invoice: InvoiceId,
        what: &str,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let sql = "INSERT INTO spent (who, what, at) VALUES ($1, $2, $3)";
        let values = [invoice.to_string().into(), what.into(), micros(now).into()];
        self.execute(sql, &values).await.map(drop)
    }

    /// Whether people caused such a question about an invoice after `since`.
    pub async fn spent_on(
        &mut self,
        invoice: InvoiceId,
        what: &str,
        since: Timestamp,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let sql =
            "SELECT 1 FROM spent WHERE who = $1 AND what = $2 AND at > $3 AND at <= $4 LIMIT 1";
        let values =
            [invoice.to_string().into(), what.into(), micros(since).into(), micros(now).into()];
        Ok(self.row(sql, &values).await?.is_some())
    }

    /// When there is room again in a quota of `limit`, each of which counts for `length`; `None` if
    /// there is room now.
    pub async fn spent_until(
        &mut self,
        who: UserId,
        what: &str,
        limit: u32,
        length: SignedDuration,
        now: Timestamp,
    ) -> Result<Option<Timestamp>, StoreError> {
        let sql = "SELECT at FROM spent WHERE who = $1 AND what = $2 AND at > $3 AND at <= $4 \
                   ORDER BY at DESC LIMIT 1 OFFSET $5";
        let since = now.saturating_sub(length).unwrap_or(Timestamp::MIN);
        let values = [
            who.to_string().into(),
            what.into(),
            micros(since).into(),
            micros(now).into(),
            i64::from(limit.saturating_sub(1)).into(),
        ];
        let Some(row) = self.row(sql, &values).await? else { return Ok(None) };
        let last = time(Columns::of("spent", row).int()?);
        Ok(Some(last.saturating_add(length).unwrap_or(Timestamp::MAX)))
    }

    /// When one of MixPay's lists was last kept, and when it was last asked for.
    pub async fn asset_list_times(
        &mut self,
        list: AssetList,
    ) -> Result<[Option<Timestamp>; 2], StoreError> {
        let mut times = [None; 2];
        for (known, what) in times.iter_mut().zip(["kept", "asked"]) {
            let text = self.meta(&format!("{}.{what}", list_key(list))).await?;
            *known = text.and_then(|text| text.parse().ok()).map(time);
        }
        Ok(times)
    }

    /// Notes that one of MixPay's lists is asked for.
    pub async fn note_asset_list_asked(
        &mut self,
        list: AssetList,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        self.set_meta(&format!("{}.asked", list_key(list)), &micros(now).to_string()).await
    }

    /// One of MixPay's lists, as it was last heard.
    pub async fn asset_list(
        &mut self,
        list: AssetList,
    ) -> Result<Option<Vec<ListedAsset>>, StoreError> {
        let sql = "SELECT key, value FROM meta WHERE key = $1";
        let row = self.row(sql, &[list_key(list).into()]).await?;
        let assets = self.option(row, |row| {
            let mut columns = Columns::of("meta", row);
            columns.text()?;
            columns.json()
        });
        assets.await
    }

    /// Keeps one of MixPay's lists.
    pub async fn keep_asset_list(
        &mut self,
        list: AssetList,
        assets: &[ListedAsset],
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let sql = "INSERT INTO meta (key, value) VALUES ($1, $2) \
                   ON CONFLICT (key) DO UPDATE SET value = excluded.value";
        self.execute(sql, &[list_key(list).into(), json(&assets)?]).await?;
        self.set_meta(&format!("{}.kept", list_key(list)), &micros(now).to_string()).await
    }
}
