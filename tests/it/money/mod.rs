//! Money: what becomes of payments, whatever happens to them and around them.

mod arrives;
mod crowd;
mod damage;
mod ledger;
mod lies;
mod outages;
mod restarts;
mod secrets;
mod transfers;
mod trouble;
