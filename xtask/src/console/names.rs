//! Names and integrity values made from content.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest as _, Sha256};

const NAME_HASH_CHARS: usize = 16;

/// Lower-case hexadecimal.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The first 16 hexadecimal digits of the SHA-256 of the bytes.
pub fn short_hash(bytes: &[u8]) -> String {
    let mut hash = hex(&Sha256::digest(bytes));
    hash.truncate(NAME_HASH_CHARS);
    hash
}

/// `fonts/sans.woff2` with its content's hash in the name: `fonts/sans-0123456789abcdef.woff2`.
pub fn hashed(path: &str, bytes: &[u8]) -> String {
    let hash = short_hash(bytes);
    let file_at = path.rfind('/').map_or(0, |slash| slash + 1);
    match path[file_at..].rfind('.') {
        Some(dot) => {
            let (stem, extension) = path.split_at(file_at + dot);
            format!("{stem}-{hash}{extension}")
        }
        None => format!("{path}-{hash}"),
    }
}

/// The value of an `integrity` attribute.
pub fn integrity(bytes: &[u8]) -> String {
    format!("sha256-{}", STANDARD.encode(Sha256::digest(bytes)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hash_goes_before_the_last_extension_of_the_file_name() {
        let hash = short_hash(b"x");
        assert_eq!(hash.len(), 16);
        assert_eq!(hashed("a.js", b"x"), format!("a-{hash}.js"));
        assert_eq!(hashed("fonts.d/sans", b"x"), format!("fonts.d/sans-{hash}"));
        assert_eq!(
            hashed("fonts/a.b.woff2", b"x"),
            format!("fonts/a.b-{hash}.woff2")
        );
    }

    #[test]
    fn integrity_is_the_base64_of_sha256() {
        // The well-known digest of the empty message.
        assert_eq!(
            integrity(b""),
            "sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="
        );
    }
}
