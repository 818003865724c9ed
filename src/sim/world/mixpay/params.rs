//! Parameters of a request to MixPay, checked as strictly as the documents say.

use crate::domain::{
    amount::Amount,
    asset::QuoteAsset,
    ids::{AssetId, UserId},
};
use serde_json::Value;
use std::collections::BTreeMap;
use uuid::Uuid;

/// Why MixPay refuses a request: its code and its words (mixpay.md 7.5).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Refused {
    pub(crate) code: i64,
    pub(crate) message: &'static str,
}

impl Refused {
    pub(crate) const PARAMETER: Self = Self { code: 1017, message: "Parameter error." };
    pub(crate) const TOO_MANY: Self =
        Self { code: 1429, message: "Your request frequency is too high, please try again later." };
    pub(crate) const NO_PAYMENT: Self =
        Self { code: 404, message: "The payment link you visited does not exist." };
    pub(crate) const NO_PATH: Self =
        Self { code: 404, message: "The address you visited does not exist." };
    pub(crate) const NO_USER: Self = Self { code: 10001, message: "User does not exist." };
    pub(crate) const ASSET: Self = Self {
        code: 10002,
        message: "The currency does not exist or does not supported exchanging.",
    };
    pub(crate) const QUOTE_ASSET: Self =
        Self { code: 10003, message: "The quote asset is not supported." };
    pub(crate) const TOO_LOW: Self = Self { code: 10004, message: "The price is too low." };
    pub(crate) const TOO_HIGH: Self = Self { code: 10005, message: "The price is too high." };
    pub(crate) const PAYEE: Self =
        Self { code: 10007, message: "This payee is not allow to receive payment" };
    pub(crate) const MAINTENANCE: Self = Self {
        code: 10008,
        message: "The system is under maintenance and cannot be paid temporarily.",
    };
    pub(crate) const THRESHOLD: Self =
        Self { code: 10041, message: "The threshold cannot exceed the number of payees." };
}

/// One parameter. JSON keeps its types; forms and queries have only text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Param {
    Text(String),
    Whole(i64),
    Flag(bool),
    List(Vec<String>),
    /// What no parameter may be: a fraction, an object, null.
    Other,
}

impl From<Value> for Param {
    fn from(value: Value) -> Self {
        match value {
            Value::String(text) => Self::Text(text),
            Value::Bool(flag) => Self::Flag(flag),
            Value::Number(number) => number.as_i64().map_or(Self::Other, Self::Whole),
            Value::Array(list) => {
                let texts = list.iter().map(|item| item.as_str().map(str::to_owned));
                texts.collect::<Option<_>>().map_or(Self::Other, Self::List)
            }
            Value::Null | Value::Object(_) => Self::Other,
        }
    }
}

/// The parameters of a request.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Params(pub(crate) BTreeMap<String, Param>);

impl Params {
    /// The fields of a JSON object.
    pub(crate) fn from_json(body: &[u8]) -> Result<Self, Refused> {
        let body: Value = serde_json::from_slice(body).map_err(|_| Refused::PARAMETER)?;
        let Value::Object(fields) = body else { return Err(Refused::PARAMETER) };
        Ok(Self(fields.into_iter().map(|(name, value)| (name, Param::from(value))).collect()))
    }

    /// A text. It is given or left out; an empty one is an error.
    pub(crate) fn text(&self, name: &str) -> Result<Option<&str>, Refused> {
        match self.0.get(name) {
            None => Ok(None),
            Some(Param::Text(text)) if !text.is_empty() => Ok(Some(text)),
            Some(
                Param::Text(_) | Param::Whole(_) | Param::Flag(_) | Param::List(_) | Param::Other,
            ) => Err(Refused::PARAMETER),
        }
    }

    /// A text of at most so many characters.
    pub(crate) fn short(&self, name: &str, chars_max: usize) -> Result<Option<String>, Refused> {
        let text = self.text(name)?;
        match text.filter(|text| text.chars().count() > chars_max) {
            Some(_) => Err(Refused::PARAMETER),
            None => Ok(text.map(str::to_owned)),
        }
    }

    pub(crate) fn whole(&self, name: &str) -> Result<Option<i64>, Refused> {
        match self.0.get(name) {
            None => Ok(None),
            Some(Param::Whole(number)) => Ok(Some(*number)),
            Some(Param::Text(text)) => text.parse().map(Some).map_err(|_| Refused::PARAMETER),
            Some(Param::Flag(_) | Param::List(_) | Param::Other) => Err(Refused::PARAMETER),
        }
    }

    /// A flag: a real boolean in JSON; 0 or 1 elsewhere.
    pub(crate) fn flag(&self, name: &str) -> Result<bool, Refused> {
        match self.0.get(name) {
            None | Some(Param::Flag(false) | Param::Whole(0)) => Ok(false),
            Some(Param::Flag(true) | Param::Whole(1)) => Ok(true),
            Some(Param::Text(text)) if text == "0" => Ok(false),
            Some(Param::Text(text)) if text == "1" => Ok(true),
            Some(Param::Text(_) | Param::Whole(_) | Param::List(_) | Param::Other) => {
                Err(Refused::PARAMETER)
            }
        }
    }

    /// An amount above zero, as decimal text.
    pub(crate) fn amount(&self, name: &str) -> Result<Option<Amount>, Refused> {
        let Some(text) = self.text(name)? else { return Ok(None) };
        let amount: Amount = text.parse().map_err(|_| Refused::PARAMETER)?;
        if amount.is_zero() { Err(Refused::PARAMETER) } else { Ok(Some(amount)) }
    }

    pub(crate) fn uuid(&self, name: &str) -> Result<Option<Uuid>, Refused> {
        let Some(text) = self.text(name)? else { return Ok(None) };
        uuid(text).map(Some).ok_or(Refused::PARAMETER)
    }

    pub(crate) fn asset(&self, name: &str) -> Result<Option<AssetId>, Refused> {
        Ok(self.uuid(name)?.map(AssetId::new))
    }

    pub(crate) fn unit(&self, name: &str) -> Result<Option<QuoteAsset>, Refused> {
        let Some(text) = self.text(name)? else { return Ok(None) };
        text.parse().map(Some).map_err(|_| Refused::QUOTE_ASSET)
    }

    pub(crate) fn users(&self, name: &str) -> Result<Option<Vec<UserId>>, Refused> {
        match self.0.get(name) {
            None => Ok(None),
            Some(Param::List(list)) => {
                let users = list.iter().map(|text| uuid(text).map(UserId::new));
                users.collect::<Option<_>>().map(Some).ok_or(Refused::PARAMETER)
            }
            Some(Param::Text(_) | Param::Whole(_) | Param::Flag(_) | Param::Other) => {
                Err(Refused::PARAMETER)
            }
        }
    }

    /// An absolute web address: HTTPS, or plain HTTP to this machine.
    pub(crate) fn url(&self, name: &str) -> Result<Option<String>, Refused> {
        let Some(text) = self.text(name)? else { return Ok(None) };
        let url = url::Url::parse(text).map_err(|_| Refused::PARAMETER)?;
        let loopback = matches!(url.host_str(), Some("127.0.0.1" | "localhost" | "[::1]"));
        match url.scheme() {
            "https" => Ok(Some(text.to_owned())),
            "http" if loopback => Ok(Some(text.to_owned())),
            _ => Err(Refused::PARAMETER),
        }
    }
}

/// Plain or dashed hex; version and variant do not matter (mixpay.md 1.5).
fn uuid(text: &str) -> Option<Uuid> {
    matches!(text.len(), 32 | 36).then(|| Uuid::try_parse(text).ok()).flatten()
}
