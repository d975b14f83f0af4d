//! Which errors are the same one: by where they happened, else by what they say with numbers and ids taken out.

use std::fmt::Write as _;
use std::sync::LazyLock;

use regex::{Captures, Regex};
use sha2::{Digest as _, Sha256};
use watchfloor_wire::id::{ErrorGroupId, ProductId};

/// Frames of one's own code that tell one error from another.
const FRAMES: usize = 3;
/// A title is at most this long.
const MAX_TITLE_CHARS: usize = 200;

/// Parts of frames that are not the product's own code.
const FOREIGN: [&str; 14] = [
    "node_modules",
    "node:internal",
    "(internal/",
    "webpack/runtime",
    "site-packages",
    "dist-packages",
    "<frozen",
    "/usr/lib/",
    "/usr/local/lib/",
    ".cargo/registry",
    "/rustc/",
    "<anonymous>",
    "native code",
    "java.base/",
];

/// What changes from one event to the next.
#[expect(
    clippy::expect_used,
    reason = "the pattern is a literal, compiled by every test of this file"
)]
static VOLATILE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(concat!(
        r"(?i)(?P<id>\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b)",
        r"|(?P<time>\b\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?(?:Z|[+-]\d{2}:?\d{2})?)",
        r"|(?P<email>\b[\w.+-]+@[\w-]+(?:\.[\w-]+)+\b)",
        r"|(?P<ip>\b\d{1,3}(?:\.\d{1,3}){3}(?::\d+)?\b)",
        r"|(?P<hex>\b0x[0-9a-f]+\b|\b[0-9a-f]{8,}\b)",
        r"|(?P<n>\b\d+(?:[.,]\d+)*|(?P<before>_)\d+|\d{3,})",
    ))
    .expect("a literal pattern")
});

/// A message with numbers, ids, times and addresses taken out.
#[must_use]
pub fn template(message: &str) -> String {
    let placeholder = |found: &Captures<'_>| -> String {
        let has = |name| found.name(name).is_some();
        let digits_only = found[0].chars().all(|c| c.is_ascii_digit());
        if has("id") {
            "<id>".to_owned()
        } else if has("time") {
            "<time>".to_owned()
        } else if has("email") {
            "<email>".to_owned()
        } else if has("ip") {
            "<ip>".to_owned()
        } else if has("hex") && !digits_only {
            "<hex>".to_owned()
        } else if has("before") {
            "_<n>".to_owned()
        } else {
            "<n>".to_owned()
        }
    };
    VOLATILE.replace_all(message, placeholder).into_owned()
}

/// What a group is called: the first line of its message without what changes; the type when it says nothing.
#[must_use]
pub fn title(error_type: &str, message: &str) -> String {
    let first = message.lines().find(|line| !line.trim().is_empty());
    let title = template(first.unwrap_or(error_type).trim());
    match title.char_indices().nth(MAX_TITLE_CHARS) {
        Some((end, _)) => format!("{}…", &title[..end]),
        None => title,
    }
}

/// The group of an error: the innermost frames of the product's own code and the type; without such frames,
/// the type and the message without what changes.
#[must_use]
pub fn group(
    product: &ProductId,
    error_type: &str,
    message: &str,
    stack: &[String],
) -> ErrorGroupId {
    let own: Vec<String> = stack
        .iter()
        .filter(|frame| !frame.trim().is_empty() && is_own(frame))
        .take(FRAMES)
        .map(|frame| template(frame.trim()))
        .collect();
    let mut hash = Sha256::new();
    let mut add = |part: &str| {
        // Lengths keep parts apart whatever they hold.
        hash.update(part.len().to_le_bytes());
        hash.update(part);
    };
    add(product.as_str());
    add(error_type);
    if own.is_empty() {
        add(&title("", message));
    } else {
        own.iter().for_each(|frame| add(frame));
    }
    let mut id = String::with_capacity(16);
    for byte in hash.finalize().iter().take(8) {
        // Writing into a string does not fail.
        let _written = write!(id, "{byte:02x}");
    }
    ErrorGroupId(id)
}

fn is_own(frame: &str) -> bool {
    !FOREIGN.iter().any(|part| frame.contains(part))
}

#[cfg(test)]
mod tests {
    use super::{group, template, title};

    #[test]
    fn what_changes_is_taken_out() {
        let cases = [
            ("timeout after 5000 ms", "timeout after <n> ms"),
            ("took 1,234.5ms", "took <n>ms"),
            ("user_81 not found", "user_<n> not found"),
            (
                "case 3f2b8c1e-1b2c-4d5e-8f90-abcdef012345 gone",
                "case <id> gone",
            ),
            (
                "at 2026-03-01T12:00:00.5Z from 10.0.0.7:5432",
                "at <time> from <ip>",
            ),
            (
                "object 0xdeadBEEF and 9f86d081884c7d65",
                "object <hex> and <hex>",
            ),
            ("mail to ann.b@example.co.uk", "mail to <email>"),
            ("12345678901 rows", "<n> rows"),
            ("name 'time' is not defined", "name 'time' is not defined"),
        ];
        for (message, expected) in cases {
            assert_eq!(template(message), expected);
        }
    }

    #[test]
    fn a_title_is_one_line() {
        assert_eq!(title("E", "\nfirst 5\nsecond"), "first <n>");
        assert_eq!(title("PoolTimeout", " "), "PoolTimeout");
        assert_eq!(title("E", &"é".repeat(500)).chars().count(), 201);
    }

    #[test]
    fn the_same_place_is_the_same_group_whatever_it_says() {
        let product = "chatpdd".into();
        let at = |line: u32, message: &str| {
            let stack = [
                "at Pool.acquire (/app/node_modules/pg/pool.js:1:2)".to_owned(),
                format!("at loadBoard (/app/src/board.ts:{line}:7)"),
            ];
            group(&product, "PoolTimeout", message, &stack)
        };
        assert_eq!(at(10, "waited 5 s"), at(99, "waited for ann"));
        let foreign = ["at x (/app/node_modules/pg/pool.js:1:2)".to_owned()];
        let by_text = |message: &str| group(&product, "PoolTimeout", message, &foreign);
        assert_eq!(by_text("waited 5 s"), by_text("waited 17 s"));
        assert_ne!(by_text("waited 5 s"), by_text("refused"));
        assert_ne!(at(10, "waited 5 s"), by_text("waited 5 s"));
        let elsewhere = group(&"donna".into(), "PoolTimeout", "waited 5 s", &foreign);
        assert_ne!(by_text("waited 5 s"), elsewhere);
    }
}
