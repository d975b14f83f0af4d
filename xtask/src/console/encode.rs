//! Compression ahead of time, at the highest levels: it happens once, and is read by every visitor.

use std::io::Write as _;

use anyhow::Result;
use brotli::enc::BrotliEncoderParams;
use flate2::Compression;
use flate2::write::GzEncoder;

/// What can be worth compressing. Fonts are compressed already.
const COMPRESSIBLE: [&str; 7] = ["css", "html", "js", "json", "svg", "txt", "wasm"];

/// Whether compressed forms of this file are kept.
pub fn is_compressible(path: &str) -> bool {
    extension(path).is_some_and(|extension| COMPRESSIBLE.contains(&extension))
}

/// The `Content-Type` of a packed file; `None` for a kind that the console does not use.
pub fn content_type(path: &str) -> Option<&'static str> {
    Some(match extension(path)? {
        "css" => "text/css; charset=utf-8",
        "html" => "text/html; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "json" => "application/json",
        "png" => "image/png",
        "svg" => "image/svg+xml",
        "txt" => "text/plain; charset=utf-8",
        "wasm" => "application/wasm",
        "woff2" => "font/woff2",
        _ => return None,
    })
}

/// Brotli at quality 11.
///
/// # Errors
/// None in practice: it writes to memory.
pub fn brotli(bytes: &[u8]) -> Result<Vec<u8>> {
    let params = BrotliEncoderParams {
        quality: 11,
        lgwin: 22,
        size_hint: bytes.len(),
        ..BrotliEncoderParams::default()
    };
    let mut packed = Vec::new();
    brotli::BrotliCompress(&mut &*bytes, &mut packed, &params)?;
    Ok(packed)
}

/// Gzip at level 9, without time or name in its header, so that the same input gives the same bytes.
///
/// # Errors
/// None in practice: it writes to memory.
pub fn gzip(bytes: &[u8]) -> Result<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes)?;
    Ok(encoder.finish()?)
}

fn extension(path: &str) -> Option<&str> {
    let name = path.rsplit('/').next()?;
    name.rsplit_once('.').map(|(_, extension)| extension)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may fail by panic")]
mod tests {
    use std::io::Read as _;

    use super::*;

    #[test]
    fn both_forms_unpack_to_the_original_and_are_repeatable() {
        let original = b"a monitoring console ".repeat(200);
        let (br, gz) = (brotli(&original).unwrap(), gzip(&original).unwrap());
        assert_eq!(brotli(&original).unwrap(), br);
        assert_eq!(gzip(&original).unwrap(), gz);
        let (mut from_br, mut from_gz) = (Vec::new(), Vec::new());
        brotli::Decompressor::new(&br[..], 4096)
            .read_to_end(&mut from_br)
            .unwrap();
        flate2::read::GzDecoder::new(&gz[..])
            .read_to_end(&mut from_gz)
            .unwrap();
        assert_eq!((from_br, from_gz), (original.clone(), original));
    }

    #[test]
    fn fonts_are_served_as_they_are() {
        assert!(!is_compressible("fonts/plex.woff2"));
        assert!(is_compressible("watchfloor-console_bg.wasm"));
        assert_eq!(content_type("a.wasm"), Some("application/wasm"));
        assert_eq!(content_type("dir.js/none"), None);
    }
}
