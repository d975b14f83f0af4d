//! Versions going out and coming back.

use serde_json::{Value, json};

use crate::product::Product;

/// The first deploy comes this soon after the start, in seconds, so that charts have a mark; then one product
/// after the other.
const FIRST_TICK: u64 = 15;
const FIRST_SPACING_TICKS: u64 = 7;
/// Then one every four hours and some.
const EVERY_TICKS: u64 = 4 * 3_600 + 1_117;

/// A product's releases.
pub(super) struct Releases {
    product: Product,
    major: u32,
    minor: u32,
    patch: u32,
    before: Option<(u32, u32)>,
    count: usize,
}

impl Releases {
    pub(super) const fn new(product: Product) -> Self {
        let (major, minor, patch) = match product {
            Product::Donna => (1, 14, 2),
            Product::Pourtrait => (2, 6, 0),
            Product::Chatpdd => (2, 17, 3),
            Product::UniversalAssistant => (1, 9, 4),
            Product::Deedpro => (3, 0, 0),
        };
        Self {
            product,
            major,
            minor,
            patch,
            before: None,
            count: 0,
        }
    }

    pub(super) fn version(&self) -> String {
        format!("{}.{}.{}", self.major, self.minor, self.patch)
    }

    pub(super) fn due(&self, tick: u64) -> bool {
        let place = u64::try_from(self.product.index()).unwrap_or(0);
        let first = FIRST_TICK + place * FIRST_SPACING_TICKS;
        tick >= first && (tick - first).is_multiple_of(EVERY_TICKS)
    }

    pub(super) fn deploy(&mut self, now_ms: i64) -> Value {
        self.before = Some((self.minor, self.patch));
        self.minor += 1;
        self.patch = 0;
        let notes = notes(self.product);
        let note = notes[self.count % notes.len()];
        self.count += 1;
        json!({
            "at": now_ms,
            "event": "deploy",
            "version": format!("v{}", self.version()),
            "status": "completed",
            "commit": format!("{:07x}", commit(self.product, self.minor)),
            "note": note,
        })
    }

    /// Universal Assistant sends the bare notice of its own rollback script.
    pub(super) fn roll_back(&mut self, now_ms: i64) -> Option<Value> {
        let (minor, patch) = self.before.take()?;
        self.minor = minor;
        self.patch = patch;
        if self.product == Product::UniversalAssistant {
            return Some(json!({ "event": "rollback", "status": "completed" }));
        }
        Some(json!({
            "at": now_ms,
            "event": "rollback",
            "version": format!("v{}", self.version()),
            "status": "completed",
            "note": "Emergency rollback",
        }))
    }
}

/// A number of seven hex digits that looks like a commit and never changes for a version.
const fn commit(product: Product, minor: u32) -> u32 {
    let place = product.index() as u32;
    (minor.wrapping_mul(2_654_435_761) ^ place.wrapping_mul(40_503)) & 0x0fff_ffff
}

const fn notes(product: Product) -> [&'static str; 3] {
    match product {
        Product::Donna => [
            "Raise the connection limit to 1000",
            "Retry the Gmail token exchange once",
            "Send campaign mail in batches of 50",
        ],
        Product::Pourtrait => [
            "Serve label images as AVIF",
            "Cache recommendations for ten minutes",
            "Index the tasting notes by vintage",
        ],
        Product::Chatpdd => [
            "Invite whole teams in one transaction",
            "Keep presence in Redis only",
            "Version shared files",
        ],
        Product::UniversalAssistant => [
            "Stream answers while they are spoken",
            "Reset the audio device after an error",
            "Group log lines by conversation",
        ],
        Product::Deedpro => [
            "Check the chain of title before the last step",
            "Draft quitclaim deeds",
            "Fill in the parcel from the address",
        ],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rollback_brings_the_version_before_back_once() {
        let mut releases = Releases::new(Product::Chatpdd);
        assert_eq!(releases.deploy(0)["version"], "v2.18.0");
        let back = releases.roll_back(1);
        assert_eq!(back.map(|it| it["version"].clone()), Some(json!("v2.17.3")));
        assert_eq!(releases.roll_back(2), None);
    }

    #[test]
    fn the_first_deploy_comes_soon_and_the_next_rarely() {
        let releases = Releases::new(Product::Donna);
        let due: Vec<u64> = (0..40_000).filter(|tick| releases.due(*tick)).collect();
        assert_eq!(due, [15, 15_532, 31_049]);
    }
}
