//! Frames: one gzip member each, with a bound on what it unpacks to (mixin.md 3.1).

use flate2::{Compression, Decompress, FlushDecompress, Status, write::GzEncoder};
use std::io::{self, Write};

/// A frame unpacks to at most this many bytes.
pub const UNPACKED_BYTES_MAX: usize = 4 << 20;

/// Of a frame that is too large, so many unpacked bytes are looked through.
const SCANNED_BYTES_MAX: usize = 64 << 20;
/// So many at a time.
const PIECE_BYTES: usize = 64 << 10;
/// So many of them are kept.
const OUTLINE_BYTES_MAX: usize = 64 << 10;
/// Of a text in it, so many are kept: ids, times and words are shorter.
const TEXT_BYTES_KEPT: usize = 128;
/// An escape in a text has at most so many bytes.
const ESCAPE_BYTES: usize = 6;

/// The window of deflate at its largest, as a power of two: 32 KiB.
const WINDOW_BITS: u8 = 15;
/// Room that is made for a frame's bytes at first; hardly any has more.
const UNPACKED_BYTES_USUAL: usize = 4 << 10;

/// Why a frame could not be unpacked.
#[derive(Debug, thiserror::Error)]
pub enum FrameError {
    /// It is no gzip, or was cut off.
    #[error("the frame is no complete gzip member: {0}")]
    NotGzip(String),
    /// It unpacks to more than [`UNPACKED_BYTES_MAX`] bytes.
    #[error("the frame unpacks to more than {UNPACKED_BYTES_MAX} bytes")]
    TooLarge,
}

/// Packs bytes; level 1, as our frames are small.
pub fn pack(bytes: &[u8]) -> io::Result<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes)?;
    encoder.finish()
}

/// The outline of what a frame unpacks to, for one that is too large to be kept whole: its JSON, of
/// whose long texts only the beginning is left. As far as it could be read, and within a bound.
pub fn outline(frame: &[u8]) -> Vec<u8> {
    let mut stream = Decompress::new_gzip(WINDOW_BITS);
    let mut piece = Vec::with_capacity(PIECE_BYTES);
    let mut outline = Outline::default();
    let mut unpacked = 0_usize;
    loop {
        piece.clear();
        let read = usize::try_from(stream.total_in()).unwrap_or(usize::MAX);
        let rest = frame.get(read..).unwrap_or_default();
        let status = stream.decompress_vec(rest, &mut piece, FlushDecompress::None);
        unpacked = unpacked.saturating_add(piece.len());
        for byte in &piece {
            outline.take(*byte);
        }
        let is_enough = unpacked > SCANNED_BYTES_MAX || outline.bytes.len() > OUTLINE_BYTES_MAX;
        match status {
            Ok(Status::Ok | Status::BufError) if !piece.is_empty() && !is_enough => {}
            Ok(Status::Ok | Status::BufError | Status::StreamEnd) | Err(_) => {
                return outline.bytes;
            }
        }
    }
}

/// JSON, byte by byte, without the ends of long texts.
#[derive(Default)]
struct Outline {
    bytes: Vec<u8>,
    in_text: bool,
    escaped: bool,
    /// How long the text is by now, in which we are.
    length: usize,
    /// How long ago the last escape began.
    since_escape: usize,
}

impl Outline {
    fn take(&mut self, byte: u8) {
        if !self.in_text {
            self.in_text = byte == b'"';
            (self.escaped, self.length, self.since_escape) = (false, 0, ESCAPE_BYTES);
            self.bytes.push(byte);
            return;
        }
        let ends = byte == b'"' && !self.escaped;
        let begins_escape = byte == b'\\' && !self.escaped;
        self.escaped = begins_escape;
        self.since_escape = if begins_escape { 0 } else { self.since_escape.saturating_add(1) };
        // What is left out begins neither within an escape nor within a character.
        let is_long = self.length >= TEXT_BYTES_KEPT;
        let is_whole = self.since_escape >= ESCAPE_BYTES && byte & 0xc0 != 0x80;
        if ends {
            self.in_text = false;
            self.bytes.push(byte);
        } else if !is_long || !is_whole && self.length < usize::MAX {
            self.length = self.length.saturating_add(1);
            self.bytes.push(byte);
        } else {
            self.length = usize::MAX;
        }
    }
}

/// Unpacks a frame.
pub fn unpack(frame: &[u8]) -> Result<Vec<u8>, FrameError> {
    // In one go, without the buffers of a reader, that cost more than the unpacking.
    let mut stream = Decompress::new_gzip(WINDOW_BITS);
    let mut bytes = Vec::with_capacity(UNPACKED_BYTES_USUAL);
    loop {
        let read = usize::try_from(stream.total_in()).unwrap_or(usize::MAX);
        let rest = frame.get(read..).unwrap_or_default();
        let status = stream
            .decompress_vec(rest, &mut bytes, FlushDecompress::None)
            .map_err(|error| FrameError::NotGzip(error.to_string()))?;
        if bytes.len() > UNPACKED_BYTES_MAX {
            return Err(FrameError::TooLarge);
        }
        match status {
            Status::StreamEnd => return Ok(bytes),
            Status::Ok | Status::BufError if bytes.len() < bytes.capacity() => {
                return Err(FrameError::NotGzip("it was cut off".to_owned()));
            }
            // One byte more than allowed is room enough to tell that there is too much.
            Status::Ok | Status::BufError => {
                let more = bytes.len().min(UNPACKED_BYTES_MAX + 1 - bytes.len());
                bytes.reserve_exact(more);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_frame_may_unpack_to_the_bound_and_not_to_one_byte_more() {
        let fits = vec![b'a'; UNPACKED_BYTES_MAX];
        assert_eq!(unpack(&pack(&fits).unwrap()).unwrap().len(), UNPACKED_BYTES_MAX);
        let bomb = pack(&vec![0; UNPACKED_BYTES_MAX + 1]).unwrap();
        assert!(matches!(unpack(&bomb), Err(FrameError::TooLarge)));
    }

    #[test]
    fn of_a_frame_that_is_too_large_all_but_the_long_texts_is_read() {
        let long = "A".repeat(UNPACKED_BYTES_MAX + 1);
        let escapes = "\\u00e9é\\\"".repeat(10_000);
        let json = format!(r#"{{"a":{{"data":"{long}","b":"{escapes}","id":"1"}}}}"#);
        let read: serde_json::Value =
            serde_json::from_slice(&outline(&pack(json.as_bytes()).unwrap())).unwrap();
        assert_eq!(read["a"]["id"], "1");
        assert_eq!(read["a"]["data"], "A".repeat(TEXT_BYTES_KEPT));
        let bomb = pack(&vec![b'7'; UNPACKED_BYTES_MAX]).unwrap();
        assert!(outline(&bomb).len() <= OUTLINE_BYTES_MAX + PIECE_BYTES);
        let cut = pack(json.as_bytes()).unwrap();
        assert!(outline(&cut[..cut.len() / 2]).starts_with(b"{\"a\""));
        assert!(outline(b"no gzip").is_empty());
    }

    #[test]
    fn what_is_no_gzip_or_cut_off_is_refused() {
        let whole = pack(b"{}").unwrap();
        for end in 0..whole.len() {
            assert!(matches!(unpack(&whole[..end]), Err(FrameError::NotGzip(_))), "{end}");
        }
        assert!(unpack(b"{\"id\":\"\"}").is_err());
    }

    proptest! {
        #[test]
        fn unpacking_what_was_packed_gives_it_back(bytes: Vec<u8>) {
            prop_assert_eq!(unpack(&pack(&bytes).unwrap()).unwrap(), bytes);
        }

        #[test]
        fn garbage_never_panics(mut bytes: Vec<u8>) {
            drop(unpack(&bytes));
            bytes.splice(0..0, [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3]);
            drop(unpack(&bytes));
        }
    }
}
