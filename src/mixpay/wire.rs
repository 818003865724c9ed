//! The JSON of MixPay: the envelope of every answer, and values that come in more than one type.
//!
//! MixPay's field sets grew over years and its samples disagree about types. So nothing but the
//! envelope is required, a value of the wrong type is no value, and numbers keep their digits.

use crate::domain::{amount::Amount, reported::Reported};
use serde::{Deserialize, Deserializer, de::DeserializeOwned};
use serde_json::value::RawValue;
use std::str::FromStr;

/// A text, a number or a truth value; its text without surrounding spaces. Anything else, and an
/// empty text, is nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Scalar(Option<String>);

impl Scalar {
    pub(super) fn text(&self) -> Option<&str> {
        self.0.as_deref()
    }

    pub(super) fn owned(&self) -> Option<String> {
        self.0.clone()
    }

    /// The value, if the text is one: an id, an amount, a whole number. A number may be spelled
    /// with an exponent.
    pub(super) fn parsed<T: FromStr>(&self) -> Option<T> {
        let text = self.text()?;
        text.parse().ok().or_else(|| Reported::read(text)?.to_string().parse().ok())
    }

    /// A number that is no amount, such as one with too many decimals.
    pub(super) fn odd_number(&self) -> Option<String> {
        match Reported::read(self.text()?)? {
            Reported::Amount(_) => None,
            Reported::Other(text) => Some(text),
        }
    }

    /// The amount, unless it is zero.
    pub(super) fn some_amount(&self) -> Option<Amount> {
        self.parsed().filter(|amount: &Amount| !amount.is_zero())
    }

    /// `true` and 1, `false` and 0.
    pub(super) fn truth(&self) -> Option<bool> {
        match self.text()? {
            "true" | "1" => Some(true),
            "false" | "0" => Some(false),
            _ => None,
        }
    }
}

impl<'de> Deserialize<'de> for Scalar {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = Box::<RawValue>::deserialize(deserializer)?;
        let raw = raw.get();
        let text = match raw.as_bytes().first() {
            Some(b'"') => serde_json::from_str(raw).unwrap_or_default(),
            // Raw text, because a number must not become a float on its way.
            Some(b'-' | b'0'..=b'9' | b't' | b'f') => raw.to_owned(),
            Some(_) | None => String::new(),
        };
        let text = text.trim();
        Ok(Self((!text.is_empty()).then(|| text.to_owned())))
    }
}

/// An object or a list that may be something else, which then counts as empty: MixPay writes `[]`
/// for an object without fields.
#[derive(Debug, Clone, Default)]
pub(super) struct Lenient<T>(pub(super) T);

impl<'de, T: DeserializeOwned + Default> Deserialize<'de> for Lenient<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = Box::<RawValue>::deserialize(deserializer)?;
        Ok(Self(serde_json::from_str(raw.get()).unwrap_or_default()))
    }
}

/// The envelope of an answer. `data` is read only after the rest said that all is well: on errors
/// it has another shape.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Envelope {
    code: Scalar,
    success: Scalar,
    message: Scalar,
    data: Option<Box<RawValue>>,
    timestamp_ms: Scalar,
}

/// What an envelope says.
#[derive(Debug)]
pub(super) enum Said {
    /// It worked.
    Yes(Success),
    /// It was refused, with a code and words.
    No {
        code: i64,
        message: String,
        /// `timestampMs`, if there is one.
        reported_ms: Option<i64>,
    },
}

/// The contents of an envelope that says yes.
#[derive(Debug)]
pub(super) struct Success {
    data: Option<Box<RawValue>>,
    /// `timestampMs`, if there is one.
    pub(super) reported_ms: Option<i64>,
}

/// Of the service's words, at most so many characters are kept.
const MESSAGE_CHARS_MAX: usize = 200;

impl Envelope {
    /// Reads a body; `None` if it is no envelope, such as a proxy's page.
    pub(super) fn read(body: &[u8]) -> Option<Said> {
        // A derived reader would take a list for the fields in order.
        let text = std::str::from_utf8(body).ok()?.trim_start().strip_prefix('\u{feff}');
        let text = text.or(std::str::from_utf8(body).ok())?.trim_start();
        let envelope: Self = text.starts_with('{').then(|| serde_json::from_str(text).ok())??;
        let code = envelope.code.parsed::<i64>()?;
        let reported_ms = envelope.timestamp_ms.parsed();
        match (code, envelope.success.truth()) {
            (0, Some(true)) => Some(Said::Yes(Success { data: envelope.data, reported_ms })),
            // Code 0 without success contradicts itself.
            (0, Some(false) | None) => None,
            (code, _) => {
                let words = envelope.message.text().unwrap_or("");
                let message = words.chars().take(MESSAGE_CHARS_MAX).collect();
                Some(Said::No { code, message, reported_ms })
            }
        }
    }
}

impl Success {
    /// `data` as an object; `None` if it is none.
    pub(super) fn object<T: DeserializeOwned>(&self) -> Option<T> {
        self.shape('{')
    }

    /// `data` as a list; `None` if it is none.
    pub(super) fn list<T: DeserializeOwned + Default>(&self) -> Option<Vec<T>> {
        let rows: Vec<Lenient<T>> = self.shape('[')?;
        Some(rows.into_iter().map(|row| row.0).collect())
    }

    fn shape<T: DeserializeOwned>(&self, first: char) -> Option<T> {
        let text = self.data.as_ref()?.get();
        text.starts_with(first).then(|| serde_json::from_str(text).ok()).flatten()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn one_value_is_read_from_each_of_its_types() {
        let check = |json: &str, expected: Option<&str>| {
            let scalar: Scalar = serde_json::from_str(json).unwrap();
            assert_eq!(scalar.text(), expected, "{json}");
        };
        check(r#""0.10""#, Some("0.10"));
        check(r#"" a\u00e9\n""#, Some("aé"));
        check("0.00000001", Some("0.00000001"));
        check(
            "123456789012345678901234567890.12345678",
            Some("123456789012345678901234567890.12345678"),
        );
        check("-1", Some("-1"));
        check("true", Some("true"));
        for nothing in [r#""""#, r#"" ""#, "null", "[]", "{}", r#"["a"]"#, r#"{"a":"b"}"#] {
            check(nothing, None);
        }
    }

    #[test]
    fn what_contradicts_itself_or_has_no_code_is_no_envelope() {
        for body in [
            "",
            "null",
            "[]",
            "<html>",
            "OK",
            "{}",
            r#"[0,true,"",{}]"#,
            r#"{"code":0,"success":false}"#,
            r#"{"code":0}"#,
            r#"{"success":true}"#,
            r#"{"code":"x","success":true}"#,
            "{\"code\":0,\"success\":true",
        ] {
            assert!(Envelope::read(body.as_bytes()).is_none(), "{body}");
        }
        assert!(Envelope::read(&[0xff, 0xfe]).is_none());
        for body in [r#"{"code":0,"success":true}"#, "\u{feff} {\"code\":\"0\",\"success\":1}"] {
            assert!(matches!(Envelope::read(body.as_bytes()), Some(Said::Yes(_))), "{body}");
        }
        let refusal = Envelope::read(br#"{"code":1017,"success":true,"data":{}}"#);
        assert!(matches!(refusal, Some(Said::No { code: 1017, .. })));
    }

    proptest! {
        #[test]
        fn no_body_makes_the_reader_panic(body: Vec<u8>, json in "[\\[\\]{}\",:a0-9etrunlfs.-]{0,60}") {
            Envelope::read(&body);
            Envelope::read(json.as_bytes());
            Envelope::read(format!(r#"{{"code":0,"success":true,"data":{json}}}"#).as_bytes());
        }
    }
}
