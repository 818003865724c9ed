//! Callbacks: MixPay says that something happened to a payment, not what.
//!
//! Nothing in a callback is signed, so it is a hint: look the payment up here, then ask MixPay.

use super::wire::Scalar;
use crate::domain::{
    ids::{TraceId, UserId},
    pay_link::OrderId,
};
use serde::Deserialize;

/// A callback is at most so many bytes long; it holds three ids.
pub const CALLBACK_BYTES_MAX: usize = 4096;

/// The payment that a callback is about; at least one of `order` and `trace` is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallbackHint {
    /// `orderId`, if we gave one.
    pub order: Option<OrderId>,
    /// `traceId`, if there is one.
    pub trace: Option<TraceId>,
    /// `payeeId`; for the log, never to be trusted.
    pub payee: Option<UserId>,
}

/// Why a body is no callback.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CallbackError {
    /// The body is longer than [`CALLBACK_BYTES_MAX`].
    #[error("a callback has at most {CALLBACK_BYTES_MAX} bytes")]
    TooLarge,
    /// The body is no JSON object.
    #[error("a callback is a JSON object")]
    NotAnObject,
    /// The object names neither an order nor a trace, for instance because both are wrapped.
    #[error("a callback names an order or a trace")]
    Nameless,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct CallbackBody {
    #[serde(rename = "orderId")]
    order: Scalar,
    #[serde(rename = "traceId")]
    trace: Scalar,
    #[serde(rename = "payeeId")]
    payee: Scalar,
}

/// Reads the body of a callback. Empty ids are as good as missing ones; so are ids that cannot be
/// ours.
///
/// ```
/// use mixpay_bot::mixpay::callback::{CallbackError, read_callback};
/// let hint = read_callback(br#"{"orderId":"ord_20261121_0001","traceId":""}"#).unwrap();
/// assert_eq!(hint.order.unwrap().to_string(), "ord_20261121_0001");
/// assert_eq!(read_callback(b"[]"), Err(CallbackError::NotAnObject));
/// ```
pub fn read_callback(body: &[u8]) -> Result<CallbackHint, CallbackError> {
    if body.len() > CALLBACK_BYTES_MAX {
        return Err(CallbackError::TooLarge);
    }
    // A derived reader would take a list for the fields in order.
    if body.trim_ascii_start().first() != Some(&b'{') {
        return Err(CallbackError::NotAnObject);
    }
    let body: CallbackBody =
        serde_json::from_slice(body).map_err(|_| CallbackError::NotAnObject)?;
    let (order, trace) = (body.order.parsed(), body.trace.parsed());
    if order.is_none() && trace.is_none() {
        return Err(CallbackError::Nameless);
    }
    Ok(CallbackHint { order, trace, payee: body.payee.parsed() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_names_no_payment_is_no_callback() {
        let check = |body: &str, expected: CallbackError| {
            assert_eq!(read_callback(body.as_bytes()), Err(expected), "{body}");
        };
        check("", CallbackError::NotAnObject);
        check("orderId=ord_20261121_0001", CallbackError::NotAnObject);
        check(r#"["ord_20261121_0001"]"#, CallbackError::NotAnObject);
        check(r#"{"orderId":"#, CallbackError::NotAnObject);
        check("{}", CallbackError::Nameless);
        check(r#"{"orderId":"","traceId":""}"#, CallbackError::Nameless);
        check(r#"{"orderId":"has space","traceId":"7"}"#, CallbackError::Nameless);
        check(r#"{"orderId":null,"traceId":{}}"#, CallbackError::Nameless);
        check(&" ".repeat(CALLBACK_BYTES_MAX + 1), CallbackError::TooLarge);
    }
}
