//! Told: what an answer of MixPay says, from its bytes alone, so that any bytes can be tried without a connection.

use super::{
    answers,
    client::{result_of, understood},
    error::{Call, Heard},
};
use crate::{
    domain::{
        catalogue::{AssetList, ListedAsset},
        ids::UserId,
        invoice::report::Report,
    },
    ports::{
        checkout::{DirectPayment, Estimate},
        failure::CallError,
    },
};

/// What was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asked {
    /// `POST /one_time_payment`.
    Page,
    /// `POST /payments`, `POST /payments/refresh`, `GET /payments_info`.
    Direct,
    /// `GET /payments_result`.
    Result,
    /// `GET /payments_estimated`.
    Estimate,
    /// `GET /setting/…_assets`.
    Assets(AssetList),
    /// `GET /user/mixin_uuid/:number`.
    Payee,
    /// `POST /multisig`.
    Multisig,
}

/// What was understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Told {
    /// The code of a one-time payment's page.
    Page(String),
    /// A payment without a page.
    Direct(DirectPayment),
    /// What became of a payment, and MixPay's time of it in Unix milliseconds, if it told.
    Result(Option<i64>, Box<Report>),
    /// What a price would be in a coin.
    Estimate(Estimate),
    /// A list of assets.
    Assets(Vec<ListedAsset>),
    /// Who receives.
    Person(UserId),
}

/// Reads an answer with this HTTP status and body, as the client does.
pub fn read(asked: Asked, status: u16, body: Vec<u8>) -> Result<Told, CallError> {
    let heard = Heard { status, retry_after: None, body };
    match asked {
        Asked::Page => understood(Call::Write("page"), &heard, answers::code).map(Told::Page),
        Asked::Direct => {
            understood(Call::Write("direct"), &heard, answers::direct_payment).map(Told::Direct)
        }
        Asked::Result => result_of(Call::Read("result"), &heard)
            .map(|(reported_ms, report)| Told::Result(reported_ms, Box::new(report))),
        Asked::Estimate => {
            understood(Call::Read("estimate"), &heard, answers::estimate).map(Told::Estimate)
        }
        Asked::Assets(list) => {
            let read = |success: &_| answers::assets(success, list);
            understood(Call::Read("assets"), &heard, read).map(Told::Assets)
        }
        Asked::Payee => understood(Call::Read("payee"), &heard, answers::payee).map(Told::Person),
        Asked::Multisig => {
            understood(Call::Write("multisig"), &heard, answers::multisig).map(Told::Person)
        }
    }
}
