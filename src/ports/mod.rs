//! What the app needs from outside: traits, and the plain types in their signatures.
//!
//! | Port | Implemented by |
//! |---|---|
//! | [`chat::Chat`], [`directory::Directory`], [`wallet::Wallet`] | `mixin` |
//! | [`checkout::Checkout`] | `mixpay` |
//! | [`hints::Hints`], driven by `http` | `app` |
//! | [`commits::Commits`] | `sim`, for rehearsals of crashes |
//! | [`time::Clock`], [`ids::Ids`] | `runtime`: the system's, and hand-driven ones |

pub mod chat;
pub mod checkout;
pub mod commits;
pub mod directory;
pub mod effect;
pub mod failure;
pub mod hints;
pub mod ids;
pub mod inbound;
pub mod time;
pub mod wallet;
