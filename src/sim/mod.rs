//! The simulated world: stands in for Mixin and MixPay, for the demo and for tests.
//!
//! [`world::World`] is what both services remember, as plain synchronous code behind one lock; it
//! follows the given clock, and draws every id from the given source. It has two faces: [`wire`] puts it
//! behind loopback servers that speak the real protocols, with serialisers of their own, and
//! [`ports`] is the bot's ports themselves, for seeded runs in virtual time. Nothing here is shared
//! with the adapters, so that a double never agrees with a client's mistake.
//!
//! The world is strict where the services are (tokens, limits of messages, parameters, 60
//! requests a minute, reused ids) and lies only on command ([`world::faults::Faults`]).
//!
//! A driver types, taps and pays by [`World`]'s methods, reads what people see with
//! [`World::shown`], and waits with [`World::changed`] until [`World::activity`] is quiet:
//!
//! ```
//! use mixpay_bot::{runtime::{clock::HandClock, ids::SeededIds}, sim::{Place, World}};
//! use std::sync::Arc;
//!
//! let world = World::new(Arc::new(HandClock::running()), Arc::new(SeededIds::new(1)));
//! let alice = world.add_person("Alice");
//! world.say(alice, Place::Private, "invoice 10 usd for coffee").unwrap();
//! assert_eq!(world.activity().unacknowledged, 1);
//! ```

mod clock;
pub mod ports;
mod power;
pub mod wire;
pub mod world;

pub use clock::{OwnClock, StepClock};
pub use power::Power;
pub use wire::{Endpoints, Ports, Servers, serve};
pub use world::{
    Activity, Violation, World,
    chat::{Body, Button, Card, Place, Shown, Tapped},
    coins,
    mixpay::{Habits, How, MIXPAY_ACCOUNT, Means, Payment},
    wallet::Transfer,
};
