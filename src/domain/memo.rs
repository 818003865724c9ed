//! Memos of transfers from and to MixPay: `SOURCE|TRACE|EXPAND`, in each of the spellings that wires use.
//!
//! A memo is a claim: anybody can write `PM|…`. Who sent the transfer is for the caller to check.

use crate::domain::{
    ids::{AssetId, TraceId, UserId},
    mixpay_code::RefundReason,
};
use base64::{
    Engine as _, alphabet,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig, general_purpose::STANDARD},
};
use std::fmt;
use uuid::Uuid;

/// A memo of the wire is looked at up to this many bytes; the rest is cut off. Mixin's own limit is
/// 512 bytes, which are 1,024 hex digits.
pub const MEMO_BYTES_MAX: usize = 4096;

/// Reads base64 with or without padding. Trailing bits are let through: a memo is a hint anyway.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);

/// What the memo of a transfer says.
///
/// ```
/// use mixpay_bot::domain::memo::Memo;
/// let refund = Memo::read("UkZ8MTJjNTU1NzUtYzg1YS00YjU4LWEyNDUtNzllNmI2NzhlZWU5fDQwMDI1");
/// assert_eq!(refund.to_string(), "RF|12c55575-c85a-4b58-a245-79e6b678eee9|40025");
/// assert_eq!(Memo::read("hello"), Memo::Plain("hello".into()));
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Memo {
    /// `PM`: MixPay settles a payment.
    Settlement {
        /// The trace that the payment was made with.
        trace: TraceId,
        /// Free text, if there is any.
        note: Option<String>,
    },
    /// `RF`: MixPay returns a payment that was made in Mixin.
    Refund {
        /// The trace of the payment.
        trace: TraceId,
        /// Why; `None` if there is no number.
        reason: Option<RefundReason>,
    },
    /// `CF`: MixPay returns a payment that was made on chain. Its parts are not documented.
    ChainRefund {
        /// The trace of the payment, if there is one.
        trace: Option<TraceId>,
    },
    /// `WD`: a withdrawal.
    Withdrawal {
        /// The trace of the paid transaction, if there is one.
        trace: Option<TraceId>,
    },
    /// `SE`: MixPay's small grant for a first transfer.
    Grant,
    /// `payment`: a transfer to MixPay that pays what `POST /payments` asked for.
    Payment {
        /// The paying client.
        client: Uuid,
    },
    /// `swap`: a transfer to MixPay that names the payee itself, without an API call.
    Swap {
        /// Who receives.
        payee: UserId,
        /// What they receive.
        settlement: AssetId,
    },
    /// Any other text, may be empty.
    Plain(String),
}

impl Memo {
    /// Reads a memo as the wire has it: plain text, base64 of it in either alphabet with or without
    /// padding, or hex of the bytes of one of these. Never fails: what is not MixPay's is plain.
    pub fn read(wire: &str) -> Self {
        let (raw, unhexed) = spellings(wire);
        // A memo of MixPay is told by its first words, whatever its free text holds.
        let known = [Some(raw), unhexed.as_deref()]
            .into_iter()
            .flatten()
            .find_map(|text| Self::of_text(text).or_else(|| Self::of_text(&unbase64(text)?)));
        // The last of the texts is the one with the hex taken off.
        known.unwrap_or_else(|| Self::Plain(texts(wire).pop().unwrap_or_default()))
    }

    /// The base64 of the text, as MixPay writes and wants it.
    pub fn to_base64(&self) -> String {
        STANDARD.encode(self.to_string())
    }

    /// The memo of MixPay with this text; `None` if it is no memo of MixPay.
    fn of_text(text: &str) -> Option<Self> {
        // At most three parts: the free text may contain a bar.
        let mut parts = text.splitn(3, '|');
        let source = parts.next()?.trim();
        let second = parts.next().map(str::trim);
        let third = parts.next().filter(|part| !part.trim().is_empty());
        let trace = second.and_then(|part| part.parse().ok());
        match source {
            "PM" => Some(Self::Settlement { trace: trace?, note: third.map(str::to_owned) }),
            "RF" => {
                let number = third.and_then(|part| part.trim().parse::<i64>().ok());
                Some(Self::Refund { trace: trace?, reason: number.map(RefundReason::from) })
            }
            "CF" => Some(Self::ChainRefund { trace }),
            "WD" => Some(Self::Withdrawal { trace }),
            "SE" => Some(Self::Grant),
            "payment" => Some(Self::Payment { client: trace?.uuid() }),
            "swap" => Some(Self::Swap {
                payee: second?.parse().ok()?,
                settlement: third?.trim().parse().ok()?,
            }),
            _ => None,
        }
    }
}

/// The text, before base64.
impl fmt::Display for Memo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Settlement { trace, note: None } => write!(f, "PM|{trace}"),
            Self::Settlement { trace, note: Some(note) } => write!(f, "PM|{trace}|{note}"),
            Self::Refund { trace, reason: None } => write!(f, "RF|{trace}"),
            Self::Refund { trace, reason: Some(reason) } => {
                write!(f, "RF|{trace}|{}", reason.code())
            }
            Self::ChainRefund { trace: None } => f.write_str("CF"),
            Self::ChainRefund { trace: Some(trace) } => write!(f, "CF|{trace}"),
            Self::Withdrawal { trace: None } => f.write_str("WD"),
            Self::Withdrawal { trace: Some(trace) } => write!(f, "WD|{trace}"),
            Self::Grant => f.write_str("SE"),
            Self::Payment { client } => write!(f, "payment|{client}"),
            Self::Swap { payee, settlement } => write!(f, "swap|{payee}|{settlement}"),
            Self::Plain(text) => f.write_str(text),
        }
    }
}

/// The texts that a memo of the wire can be, the raw one first: a plain memo may happen to consist
/// of hex digits. To find a `settlementMemo` of ours, compare with them in this order.
pub fn texts(wire: &str) -> Vec<String> {
    let (raw, unhexed) = spellings(wire);
    std::iter::once(raw.to_owned()).chain(unhexed.filter(|text| is_readable(text))).collect()
}

/// A memo as the wire has it, and with the hex taken off if that gives a text.
fn spellings(wire: &str) -> (&str, Option<String>) {
    let raw = cut(wire).trim();
    let bytes = if raw.is_empty() { None } else { hex::decode(raw).ok() };
    (raw, bytes.and_then(|bytes| String::from_utf8(bytes).ok()))
}

/// The text without what exceeds [`MEMO_BYTES_MAX`].
fn cut(text: &str) -> &str {
    let end = text.floor_char_boundary(MEMO_BYTES_MAX);
    text.get(..end).unwrap_or("")
}

/// Whether people could have written this; digits that are no hex rarely decode to such a text.
fn is_readable(text: &str) -> bool {
    text.chars().all(|letter| !letter.is_control() || matches!(letter, '\n' | '\r' | '\t'))
}

fn unbase64(text: &str) -> Option<String> {
    let standard: String = text
        .chars()
        .filter(|letter| !letter.is_ascii_whitespace())
        .map(|letter| match letter {
            '-' => '+',
            '_' => '/',
            other => other,
        })
        .collect();
    String::from_utf8(BASE64.decode(standard).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD};
    use proptest::prelude::*;

    const TRACE: &str = "5d2f6a1e-8c3b-4e7a-9f10-2b4c6d8e0f12";

    fn plain(text: &str) -> Memo {
        Memo::Plain(text.to_owned())
    }

    #[test]
    fn sources_and_their_parts_are_read() {
        let trace: TraceId = TRACE.parse().unwrap();
        let check = |text: &str, expected: Memo| assert_eq!(Memo::read(text), expected, "{text}");
        check(&format!("PM|{TRACE}"), Memo::Settlement { trace, note: None });
        check(&format!("PM|{TRACE}|"), Memo::Settlement { trace, note: None });
        check(&format!("PM|{TRACE}|a|b"), Memo::Settlement { trace, note: Some("a|b".into()) });
        check(&format!("RF|{TRACE}"), Memo::Refund { trace, reason: None });
        check(
            &format!("RF|{TRACE}|99999"),
            Memo::Refund { trace, reason: Some(RefundReason::Unknown(99999)) },
        );
        check("CF", Memo::ChainRefund { trace: None });
        check(&format!("CF|{TRACE}|x"), Memo::ChainRefund { trace: Some(trace) });
        check(&format!("WD|{TRACE}"), Memo::Withdrawal { trace: Some(trace) });
        check("SE|-", Memo::Grant);
        for text in ["", "PM", "PM|12", "RF|not-a-uuid|40000", "XX|1", "pm|1", "swap|a|b"] {
            check(text, plain(text));
        }
    }

    #[test]
    fn a_plain_memo_of_hex_digits_can_still_be_found() {
        assert_eq!(texts("4142"), ["4142", "AB"]);
        assert_eq!(texts("12345678"), ["12345678"], "control characters are no text");
        assert_eq!(texts("deadbeef"), ["deadbeef"], "these bytes are not UTF-8");
        assert_eq!(Memo::read("deadbeef"), plain("deadbeef"));
        assert_eq!(
            Memo::read(&hex::encode("deadbeef")),
            plain("deadbeef"),
            "hex is taken off once"
        );
    }

    #[test]
    fn a_settlement_is_one_whatever_its_note_holds() {
        let note = "a\0b\u{7}";
        let memo = Memo::Settlement { trace: TRACE.parse().unwrap(), note: Some(note.to_owned()) };
        let text = memo.to_string();
        for wire in [text.clone(), hex::encode(&text), hex::encode(memo.to_base64())] {
            assert_eq!(Memo::read(&wire), memo, "{wire}");
        }
    }

    #[test]
    fn a_huge_memo_is_cut() {
        let huge = "ü".repeat(MEMO_BYTES_MAX);
        let Memo::Plain(text) = Memo::read(&huge) else { panic!("a huge memo is plain") };
        assert_eq!(text.len(), MEMO_BYTES_MAX);
    }

    fn memos() -> impl Strategy<Value = Memo> {
        let uuid = any::<u128>().prop_map(Uuid::from_u128);
        let trace = uuid.clone().prop_map(TraceId::new);
        let maybe = proptest::option::of(trace.clone());
        prop_oneof![
            (trace.clone(), proptest::option::of("[a-zé|~ ]{0,30}[a-z|]"))
                .prop_map(|(trace, note)| Memo::Settlement { trace, note }),
            (trace, proptest::option::of(any::<i64>())).prop_map(|(trace, code)| Memo::Refund {
                trace,
                reason: code.map(RefundReason::from)
            }),
            maybe.clone().prop_map(|trace| Memo::ChainRefund { trace }),
            maybe.prop_map(|trace| Memo::Withdrawal { trace }),
            Just(Memo::Grant),
            uuid.clone().prop_map(|client| Memo::Payment { client }),
            (uuid.clone(), uuid).prop_map(|(payee, asset)| Memo::Swap {
                payee: UserId::new(payee),
                settlement: AssetId::new(asset)
            }),
        ]
    }

    proptest! {
        #[test]
        fn reading_what_was_printed_is_identity_in_every_spelling(memo in memos()) {
            let text = memo.to_string();
            let spellings = [
                text.clone(),
                memo.to_base64(),
                STANDARD_NO_PAD.encode(&text),
                URL_SAFE.encode(&text),
                URL_SAFE_NO_PAD.encode(&text),
            ];
            for spelling in spellings {
                prop_assert_eq!(&Memo::read(&spelling), &memo, "{}", &spelling);
                prop_assert_eq!(&Memo::read(&format!(" {spelling}\n")), &memo, "{}", &spelling);
                prop_assert_eq!(&Memo::read(&hex::encode(&spelling)), &memo, "{}", &spelling);
                prop_assert_eq!(&Memo::read(&hex::encode_upper(&spelling)), &memo);
            }
        }

        #[test]
        fn a_plain_text_comes_back_from_hex(text in "order [a-z0-9é|=+/]{1,40}") {
            prop_assert_eq!(Memo::read(&hex::encode(&text)), Memo::Plain(text));
        }

        #[test]
        fn garbage_never_panics(text in ".*", bytes: Vec<u8>) {
            Memo::read(&text);
            Memo::read(&hex::encode(&bytes));
            Memo::read(&STANDARD.encode(&bytes));
            Memo::read(&String::from_utf8_lossy(&bytes));
        }
    }
}
