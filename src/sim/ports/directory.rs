//! Directory: people, groups and assets, as the world knows them.

use super::{Call, Does, Services};
use crate::{
    domain::ids::{AssetId, ConversationId, UserId},
    ports::{
        directory::{Directory, Group, Me, NetworkAsset, Person},
        failure::CallError,
    },
    sim::{
        coins,
        world::{
            made_up::MadeUp,
            people::{self, Role},
        },
    },
};
use async_trait::async_trait;

#[async_trait]
impl Directory for Services {
    async fn me(&self) -> Result<Me, CallError> {
        self.ask(Call::mixin("GET /me", Does::Read), |world| {
            Ok(world.read(|state, _| {
                let account = &state.account;
                let (number, name) = (account.number.clone(), account.name.clone());
                Me {
                    person: Person { id: account.id, number, name, is_bot: true },
                    owner: Some(account.owner),
                    resource_patterns: account.resource_patterns.clone(),
                    capabilities: account.capabilities.clone(),
                }
            }))
        })
        .await
    }

    async fn user(&self, id: UserId) -> Result<Option<Person>, CallError> {
        let call = Call::mixin("GET /users/:id", Does::Read);
        self.ask(call, |world| {
            world.count_people_request();
            Ok(world.person(id).map(person))
        })
        .await
    }

    async fn users(&self, ids: &[UserId]) -> Result<Vec<Person>, CallError> {
        let call = Call::mixin("POST /users/fetch", Does::Read);
        self.ask(call, |world| {
            world.count_people_request();
            let found = world.people_among(ids);
            let found = found.ok_or_else(|| call.refused(10002, "Bad Request."))?;
            Ok(found.into_iter().map(person).collect())
        })
        .await
    }

    async fn search(&self, number: &str) -> Result<Option<Person>, CallError> {
        let call = Call::mixin("GET /search/:q", Does::Read);
        self.ask(call, |world| {
            if world.is_search_banned() {
                return Err(self.limits(call));
            }
            Ok(world.person_by_number(number).map(person))
        })
        .await
    }

    async fn group(&self, id: ConversationId) -> Result<Option<Group>, CallError> {
        let call = Call::mixin("GET /conversations/:id", Does::Read);
        self.ask(call, |world| {
            Ok(world.read(|state, _| {
                let found = state.chat.conversation(id).filter(|c| c.is_group)?;
                let is_there = found.participants.iter().any(|(user, _)| *user == state.account.id);
                let admins = found.participants.iter().filter(|(_, role)| *role != Role::Member);
                let admins = admins.map(|(user, _)| *user).collect();
                is_there.then(|| Group { name: found.name.clone(), admins })
            }))
        })
        .await
    }

    async fn asset(&self, id: AssetId) -> Result<Option<NetworkAsset>, CallError> {
        let call = Call::mixin("GET /network/assets/:id", Does::Read);
        self.ask(call, |world| {
            let made_up = || world.made_up(id).map(made_up);
            Ok(coins::find(id).map(asset).or_else(made_up))
        })
        .await
    }

    async fn assets_of(&self, symbol: &str) -> Result<Vec<NetworkAsset>, CallError> {
        let call = Call::mixin("GET /network/assets/search/:q", Does::Read);
        self.ask(call, |_| {
            let fits = |coin: &&coins::Coin| coin.symbol.eq_ignore_ascii_case(symbol);
            Ok(coins::COINS.iter().filter(fits).map(asset).collect())
        })
        .await
    }
}

fn person(person: people::Person) -> Person {
    let is_bot = person.is_bot();
    Person { id: person.id, number: person.number, name: person.name, is_bot }
}

fn asset(coin: &coins::Coin) -> NetworkAsset {
    NetworkAsset {
        id: coin.id,
        symbol: coin.symbol.to_owned(),
        name: coin.name.to_owned(),
        chain: Some(coin.chain),
    }
}

/// An asset that anybody can make; it is on the chain of Ether.
fn made_up(asset: MadeUp) -> NetworkAsset {
    let MadeUp { id, symbol, name } = asset;
    NetworkAsset { id, symbol, name, chain: Some(coins::ETH) }
}
