//! Base64 as Mixin writes it: URL-safe without padding going out, either alphabet coming in.

use base64::{
    DecodeError, Engine,
    alphabet::{STANDARD, URL_SAFE},
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig, general_purpose},
};

const LENIENT: GeneralPurposeConfig =
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
const EITHER: [GeneralPurpose; 2] =
    [GeneralPurpose::new(&STANDARD, LENIENT), GeneralPurpose::new(&URL_SAFE, LENIENT)];

/// URL-safe, without padding.
pub fn encode(bytes: impl AsRef<[u8]>) -> String {
    general_purpose::URL_SAFE_NO_PAD.encode(bytes)
}

/// Reads the standard or the URL-safe alphabet, padded or not.
pub fn decode(text: &str) -> Result<Vec<u8>, DecodeError> {
    let [standard, url_safe] = &EITHER;
    if text.contains(['-', '_']) { url_safe.decode(text) } else { standard.decode(text) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_four_spellings_are_the_same_bytes() {
        let bytes = [0xfb, 0xff, 0xbf, 0x01];
        assert_eq!(encode(bytes), "-_-_AQ");
        for text in ["-_-_AQ", "-_-_AQ==", "+/+/AQ", "+/+/AQ=="] {
            assert_eq!(decode(text).unwrap(), bytes, "{text}");
        }
        assert!(decode("a").is_err() && decode("+_+_").is_err() && decode("é").is_err());
    }
}
