//! `ShortCode`: six characters and a check character, as people read them aloud.

use std::{fmt, str::FromStr};

/// Crockford's base 32: no I, L, O, U.
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// The code of an invoice or a link: six characters and a check character (Luhn mod 32).
///
/// Read in any case; `O` is `0`, `I` and `L` are `1`:
///
/// ```
/// use mixpay_bot::domain::code::{CodeError, ShortCode};
/// let code: ShortCode = "k7q2mxn".parse().unwrap();
/// assert_eq!(code.to_string(), "K7Q2MXN");
/// assert_eq!("K7Q2MXD".parse::<ShortCode>(), Err(CodeError::Mistyped));
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ShortCode([u8; 7]);

/// Why a text is no code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CodeError {
    /// It does not have the shape of a code at all.
    #[error("a code is seven letters and digits")]
    NotACode,
    /// It has the shape, but the check character is wrong.
    #[error("the code is mistyped")]
    Mistyped,
}

impl ShortCode {
    /// Makes a code of 30 random bits; `None` if they have no letter among them (draw again: a
    /// code of digits alone would look like a Mixin ID).
    pub fn from_bits(bits: u32) -> Option<Self> {
        let mut values = [0_u8; 6];
        for (index, value) in (0_u32..).zip(values.iter_mut()) {
            let shift = index.checked_mul(5)?;
            *value = u8::try_from(bits.checked_shr(shift)? & 31).ok()?;
        }
        if values.iter().all(|value| *value < 10) {
            return None;
        }
        let mut code = [0; 7];
        for (to, value) in code.iter_mut().zip(values.iter().chain([&check(values)])) {
            *to = letter(*value);
        }
        Some(Self(code))
    }

    /// The code as text, upper case.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or("")
    }
}

fn letter(value: u8) -> u8 {
    ALPHABET.get(usize::from(value)).copied().unwrap_or(b'0')
}

fn value(letter: u8) -> Option<u8> {
    let letter = match letter.to_ascii_uppercase() {
        b'O' => b'0',
        b'I' | b'L' => b'1',
        other => other,
    };
    ALPHABET.iter().position(|known| *known == letter).and_then(|at| u8::try_from(at).ok())
}

/// Luhn mod 32: from the right every second value is doubled, and the digits of the double summed.
fn check(values: [u8; 6]) -> u8 {
    let sum = values.iter().rev().enumerate().fold(0_u32, |sum, (index, value)| {
        let value = u32::from(*value);
        let addend = if index % 2 == 0 { value.saturating_mul(2) } else { value };
        sum.saturating_add(addend / 32).saturating_add(addend % 32)
    });
    u8::try_from(32_u32.saturating_sub(sum % 32) % 32).unwrap_or(0)
}

impl FromStr for ShortCode {
    type Err = CodeError;

    fn from_str(text: &str) -> Result<Self, CodeError> {
        let values: Vec<u8> =
            text.bytes().map(value).collect::<Option<_>>().ok_or(CodeError::NotACode)?;
        let values: [u8; 7] = values.try_into().map_err(|_| CodeError::NotACode)?;
        let [random @ .., given] = values;
        if random.iter().all(|value| *value < 10) {
            return Err(CodeError::NotACode);
        }
        if check(random) != given {
            return Err(CodeError::Mistyped);
        }
        Ok(Self(values.map(letter)))
    }
}

impl fmt::Display for ShortCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for ShortCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ShortCode({})", self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_sample_code_has_the_documented_check_character() {
        assert_eq!("K7Q2MXN".parse::<ShortCode>().map(|c| c.to_string()).as_deref(), Ok("K7Q2MXN"));
        assert_eq!("K7Q2MXD".parse::<ShortCode>(), Err(CodeError::Mistyped));
    }

    #[test]
    fn what_has_another_shape_is_no_code() {
        for text in ["", "K7Q2MX", "K7Q2MXNN", "7000101", "K7Q2MX!", "KÜQ2MXN"] {
            assert_eq!(text.parse::<ShortCode>(), Err(CodeError::NotACode), "{text}");
        }
    }

    #[test]
    fn a_code_has_a_letter_and_any_letter_will_do() {
        let made = |values: [u32; 6]| {
            let bits = values.iter().rev().fold(0, |bits, value| bits << 5 | value);
            ShortCode::from_bits(bits).map(|code| code.to_string())
        };
        assert_eq!(made([9, 9, 9, 9, 9, 9]), None);
        assert!(made([9, 9, 10, 9, 9, 9]).is_some_and(|code| code.starts_with("99A999")));
    }

    proptest! {
        #[test]
        fn a_code_is_read_back_and_one_wrong_character_is_noticed(bits in 0_u32..1 << 30, at in 0_usize..7, other in 0_usize..32) {
            let Some(code) = ShortCode::from_bits(bits) else { return Ok(()) };
            prop_assert_eq!(code.to_string().to_lowercase().parse::<ShortCode>(), Ok(code));
            let mut wrong = code.0;
            wrong[at] = ALPHABET[other];
            let wrong = String::from_utf8(wrong.to_vec()).unwrap();
            prop_assert_eq!(wrong.parse::<ShortCode>().is_ok(), wrong == code.to_string());
        }
    }
}
