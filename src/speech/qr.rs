//! The picture of a QR code: a PNG for the chat, and half blocks for a terminal.

use fast_qr::{ECL, QRBuilder, QRCode, qr::QRCodeError};

/// Pixels a module; a multiple of 8 packs best, a module is whole bytes.
const MODULE_BYTES: usize = 1;
/// Modules of white around the code, as the standard wants.
const QUIET_ZONE: usize = 4;

/// A drawn QR code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QrPicture {
    /// The PNG file.
    pub png: Vec<u8>,
    /// Width and height in pixels.
    pub side: u32,
}

/// How a link is drawn as a QR code.
pub type Draw = fn(&str) -> Result<QrPicture, QrError>;

/// Why a link cannot be drawn.
#[derive(Debug, thiserror::Error)]
pub enum QrError {
    /// It is too long for a QR code.
    #[error("the link does not fit into a QR code")]
    TooLong(#[from] QRCodeError),
    /// The PNG cannot be written.
    #[error("the picture cannot be written")]
    Png(#[from] png::EncodingError),
}

/// Draws the QR code of a link, black on white, one bit a pixel.
///
/// # Errors
/// If the link is longer than a QR code can hold (some 2,300 bytes).
pub fn picture(link: &str) -> Result<QrPicture, QrError> {
    let code = code_of(link)?;
    let modules = code.size + 2 * QUIET_ZONE;
    let row_bytes = modules * MODULE_BYTES;
    let mut pixels = Vec::with_capacity(row_bytes * row_bytes * 8);
    for y in 0..modules {
        let row: Vec<u8> =
            (0..modules).map(|x| if is_dark(&code, x, y) { 0 } else { 0xff }).collect();
        for _ in 0..8 * MODULE_BYTES {
            pixels.extend_from_slice(&row);
        }
    }
    let side = u32::try_from(row_bytes * 8).unwrap_or(u32::MAX);
    let mut png = Vec::new();
    let mut encoder = png::Encoder::new(&mut png, side, side);
    encoder.set_color(png::ColorType::Grayscale);
    encoder.set_depth(png::BitDepth::One);
    encoder.set_compression(png::Compression::Fast);
    let mut writer = encoder.write_header()?;
    writer.write_image_data(&pixels)?;
    writer.finish()?;
    Ok(QrPicture { png, side })
}

fn code_of(link: &str) -> Result<QRCode, QrError> {
    Ok(QRBuilder::new(link).ecl(ECL::M).build()?)
}

/// Whether a module of the picture is dark; nothing is outside of the code.
fn is_dark(code: &QRCode, x: usize, y: usize) -> bool {
    let inside = QUIET_ZONE..QUIET_ZONE + code.size;
    inside.contains(&x)
        && inside.contains(&y)
        && code[y - QUIET_ZONE].get(x - QUIET_ZONE).is_some_and(|module| module.value())
}

/// The QR code as lines of half blocks, light on a dark terminal.
///
/// # Errors
/// If the link is longer than a QR code can hold.
pub fn blocks(link: &str) -> Result<String, QrError> {
    let code = code_of(link)?;
    let modules = code.size + 2 * QUIET_ZONE;
    let is_light = |x, y| y < modules && !is_dark(&code, x, y);
    let row = |y| {
        let block = |x| match (is_light(x, y), is_light(x, y + 1)) {
            (true, true) => '█',
            (true, false) => '▀',
            (false, true) => '▄',
            (false, false) => ' ',
        };
        (0..modules).map(block).collect::<String>()
    };
    Ok((0..modules).step_by(2).map(row).collect::<Vec<_>>().join("\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a scanner reads in a picture whose pixels are dark where `is_dark` says so.
    fn scanned(width: usize, height: usize, is_dark: impl Fn(usize, usize) -> bool) -> String {
        let gray = |x, y| if is_dark(x, y) { 0 } else { 255 };
        let mut picture = rqrr::PreparedImage::prepare_from_greyscale(width, height, gray);
        picture.detect_grids()[0].decode().unwrap().1
    }

    #[test]
    fn a_scanner_reads_the_link_in_a_small_square_picture() {
        let link = "https://mixpay.me/code/8e69e534-d0c4-3e04-8b61-37a73cd9e7d7";
        let drawn = picture(link).unwrap();
        assert_eq!(drawn.side, 328);
        assert!(drawn.png.starts_with(b"\x89PNG"));
        let mut reader = png::Decoder::new(std::io::Cursor::new(drawn.png)).read_info().unwrap();
        let mut rows = vec![0; reader.output_buffer_size().unwrap()];
        reader.next_frame(&mut rows).unwrap();
        let is_dark = |x: usize, y: usize| rows[y * 41 + x / 8] >> (7 - x % 8) & 1 == 0;
        assert_eq!(scanned(328, 328, is_dark), link);
    }

    #[test]
    fn a_scanner_reads_the_link_on_a_terminal() {
        for link in ["https://mixpay.me/pay?payeeId=12&quoteAssetId=usd", "MIXPAY", "1234567890"] {
            let lines: Vec<Vec<char>> =
                blocks(link).unwrap().lines().map(|line| line.chars().collect()).collect();
            let is_dark = |x: usize, y: usize| {
                !matches!((lines[y / 8][x / 4], y / 4 % 2), ('█', _) | ('▀', 0) | ('▄', 1))
            };
            let read = scanned(lines[0].len() * 4, lines.len() * 8, is_dark);
            assert_eq!(read, link);
        }
    }

    #[test]
    fn what_is_too_long_is_refused() {
        assert!(picture(&"x".repeat(5000)).is_err());
    }
}
