//! The picture of a QR code: a PNG for the chat, and half blocks for a terminal.

use qrcode::{Color, EcLevel, QrCode, render::unicode};

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

/// Why a link cannot be drawn.
#[derive(Debug, thiserror::Error)]
pub enum QrError {
    /// It is too long for a QR code.
    #[error("the link does not fit into a QR code")]
    TooLong(#[from] qrcode::types::QrError),
    /// The PNG cannot be written.
    #[error("the picture cannot be written")]
    Png(#[from] png::EncodingError),
}

/// Draws the QR code of a link, black on white, one bit a pixel.
///
/// # Errors
/// If the link is longer than a QR code can hold (some 2,300 bytes).
pub fn picture(link: &str) -> Result<QrPicture, QrError> {
    let code = QrCode::with_error_correction_level(link, EcLevel::M)?;
    let modules = code.width() + 2 * QUIET_ZONE;
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

fn is_dark(code: &QrCode, x: usize, y: usize) -> bool {
    let inside = QUIET_ZONE..QUIET_ZONE + code.width();
    inside.contains(&x)
        && inside.contains(&y)
        && code[(x - QUIET_ZONE, y - QUIET_ZONE)] == Color::Dark
}

/// The QR code as lines of half blocks, light on a dark terminal.
///
/// # Errors
/// If the link is longer than a QR code can hold.
pub fn blocks(link: &str) -> Result<String, QrError> {
    let code = QrCode::with_error_correction_level(link, EcLevel::M)?;
    Ok(code
        .render::<unicode::Dense1x2>()
        .quiet_zone(true)
        .dark_color(unicode::Dense1x2::Light)
        .light_color(unicode::Dense1x2::Dark)
        .build())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_one_time_link_is_a_small_square_picture() {
        let link = "https://mixpay.me/code/8e69e534-d0c4-3e04-8b61-37a73cd9e7d7";
        let drawn = picture(link).unwrap();
        assert_eq!(drawn.side, 328);
        assert!(drawn.png.starts_with(b"\x89PNG"));
        let mut reader = png::Decoder::new(std::io::Cursor::new(drawn.png)).read_info().unwrap();
        let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
        reader.next_frame(&mut pixels).unwrap();
        let code = QrCode::with_error_correction_level(link, EcLevel::M).unwrap();
        let row = 41;
        for y in 0..33 {
            for x in 0..33 {
                let pixel = pixels[(y + 4) * 8 * row + x + 4];
                assert_eq!(pixel == 0, code[(x, y)] == Color::Dark, "module {x},{y}");
            }
        }
        assert_eq!(blocks(link).unwrap().lines().count(), 21);
    }

    #[test]
    fn what_is_too_long_is_refused() {
        assert!(picture(&"x".repeat(5000)).is_err());
    }
}
