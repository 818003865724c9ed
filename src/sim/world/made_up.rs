//! Made-up assets: anybody can make one on Mixin's network, and call it as they like; MixPay lists none of them.

use super::World;
use crate::domain::ids::AssetId;

/// An asset that somebody made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MadeUp {
    /// Its id, which is all that tells it from others.
    pub id: AssetId,
    /// The ticker that its maker gave it.
    pub symbol: String,
    /// The name that its maker gave it.
    pub name: String,
}

impl World {
    /// Makes an asset, or gives one that was made another ticker and name.
    pub fn make_up(&self, id: AssetId, symbol: &str, name: &str) {
        let asset = MadeUp { id, symbol: symbol.to_owned(), name: name.to_owned() };
        self.change(|m| m.state.wallet.made_up.insert(id, asset));
    }

    /// The asset with this id, if somebody made it.
    pub fn made_up(&self, id: AssetId) -> Option<MadeUp> {
        self.read(|state, _| state.wallet.made_up.get(&id).cloned())
    }
}
