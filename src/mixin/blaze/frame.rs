//! Frames: one gzip member each, with a bound on what it unpacks to (mixin.md 3.1).

use flate2::{Compression, Decompress, FlushDecompress, Status, write::GzEncoder};
use std::io::{self, Write};

/// A frame unpacks to at most this many bytes.
pub const UNPACKED_BYTES_MAX: usize = 4 << 20;

/// Of a frame that is too large, so many bytes are looked at: what a message is stands before what
/// it holds.
const START_BYTES_MAX: usize = 64 << 10;

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

/// The first bytes of what a frame unpacks to, for one that is too large to be unpacked whole. What
/// is broken further on does no harm to them.
pub fn start(frame: &[u8]) -> Vec<u8> {
    let mut stream = Decompress::new_gzip(WINDOW_BITS);
    let mut bytes = Vec::with_capacity(START_BYTES_MAX);
    // One call fills the room that there is, or comes to the end of what can be read.
    if let Err(error) = stream.decompress_vec(frame, &mut bytes, FlushDecompress::None) {
        tracing::debug!("the start of a frame cannot be read: {error}");
    }
    bytes
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
    fn the_start_of_a_frame_is_read_however_much_follows_and_whatever_it_is() {
        let mut large = b"{\"id\":\"1\"}".to_vec();
        large.resize(UNPACKED_BYTES_MAX * 2, b' ');
        let packed = pack(&large).unwrap();
        assert_eq!(start(&packed), &large[..START_BYTES_MAX]);
        assert!(start(&packed[..packed.len() / 2]).starts_with(b"{\"id\""));
        assert!(start(b"no gzip").is_empty());
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
