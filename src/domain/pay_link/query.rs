//! The parameters of a link, and their encoding.

use std::{fmt, fmt::Write as _};

/// Parameters in the order in which they were added.
#[derive(Default)]
pub(super) struct Query(String);

impl Query {
    pub(super) fn add(&mut self, name: &str, value: impl fmt::Display) {
        if !self.0.is_empty() {
            self.0.push('&');
        }
        self.0.push_str(name);
        self.0.push('=');
        self.0.push_str(&percent_encoded(&value.to_string()));
    }

    pub(super) fn add_some(&mut self, name: &str, value: Option<impl fmt::Display>) {
        if let Some(value) = value {
            self.add(name, value);
        }
    }

    /// Adds a text unless it is empty: MixPay would take `name=` for a value.
    pub(super) fn add_text(&mut self, name: &str, text: &str) {
        if !text.is_empty() {
            self.add(name, text);
        }
    }

    pub(super) fn after(self, base: &str) -> String {
        if self.0.is_empty() { base.to_owned() } else { format!("{base}?{}", self.0) }
    }
}

/// Encodes all but RFC 3986's unreserved characters. A space is `%20`: the page is a browser
/// application that would show a `+` as it is.
pub(super) fn percent_encoded(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            encoded.push(char::from(byte));
        } else {
            // Writing to a String cannot fail.
            write!(encoded, "%{byte:02X}").unwrap_or_default();
        }
    }
    encoded
}
