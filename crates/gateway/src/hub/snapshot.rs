//! A snapshot as bytes, built once for all who ask at the same position.

use std::io::Write as _;
use std::sync::OnceLock;

use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use watchfloor_wire::snapshot::Snapshot;

use super::audience::Audience;

/// A snapshot holds the gateway's time; an older one than this is built again, so that clients do not set
/// their clocks by it.
pub const MAX_AGE_MS: i64 = 1_000;

/// Level 5 of 11: within a few percent of the best size for JSON, at a fraction of the time.
const BROTLI_QUALITY: u32 = 5;

/// A snapshot for one audience, ready to be answered.
#[derive(Debug)]
pub struct PreparedSnapshot {
    /// The entity tag, quotes included. Weak: the gateway's time inside may differ.
    pub etag: String,
    /// Everything up to this sequence number is in it.
    pub seq: u64,
    /// The JSON.
    pub json: Bytes,
    /// When it was built, on the monotonic clock, in milliseconds.
    pub(super) built_ms: i64,
    br: OnceLock<Bytes>,
    gzip: OnceLock<Bytes>,
}

impl PreparedSnapshot {
    /// Writes a snapshot.
    ///
    /// # Errors
    /// When it cannot be written as JSON, which its type rules out in practice.
    pub fn new(
        snapshot: &Snapshot,
        audience: Option<Audience>,
        built_ms: i64,
    ) -> Result<Self, serde_json::Error> {
        let json = serde_json::to_vec(snapshot)?;
        // The epoch names the audience; without one there is nothing but the position.
        let word = audience.map_or("-none", |_| "");
        Ok(Self {
            etag: format!("W/\"{}-{}{word}\"", snapshot.epoch, snapshot.seq),
            seq: snapshot.seq,
            json: Bytes::from(json),
            built_ms,
            br: OnceLock::new(),
            gzip: OnceLock::new(),
        })
    }

    /// What is answered when the state cannot be written: no JSON, so that no client takes it for a state.
    pub(super) fn unwritable(built_ms: i64) -> Self {
        Self {
            etag: "W/\"unwritable\"".to_owned(),
            seq: 0,
            json: Bytes::new(),
            built_ms,
            br: OnceLock::new(),
            gzip: OnceLock::new(),
        }
    }

    /// The JSON in brotli; compressed for the first who asks, and shared.
    pub fn br(&self) -> Bytes {
        self.br.get_or_init(|| brotli(&self.json)).clone()
    }

    /// The JSON in gzip; compressed for the first who asks, and shared.
    pub fn gzip(&self) -> Bytes {
        self.gzip.get_or_init(|| gzip(&self.json)).clone()
    }
}

/// Writing into memory does not fail; if it did, the answer would be cut, and clients would see that it is
/// no JSON.
fn brotli(json: &[u8]) -> Bytes {
    let mut writer = brotli::CompressorWriter::new(
        Vec::with_capacity(json.len() / 4),
        4_096,
        BROTLI_QUALITY,
        22,
    );
    if let Err(error) = writer.write_all(json) {
        tracing::error!(%error, "a snapshot could not be compressed");
    }
    Bytes::from(writer.into_inner())
}

fn gzip(json: &[u8]) -> Bytes {
    let mut writer = GzEncoder::new(Vec::with_capacity(json.len() / 4), Compression::new(6));
    if let Err(error) = writer.write_all(json) {
        tracing::error!(%error, "a snapshot could not be compressed");
    }
    Bytes::from(writer.finish().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;
    use std::sync::Arc;

    use watchfloor_wire::session::Role;
    use watchfloor_wire::snapshot::Snapshot;
    use watchfloor_wire::time::UnixMs;

    use crate::clock::Clock;
    use crate::hub::Hub;
    use crate::hub::doubles::{committed, error_group, reading, upsert};
    use crate::store::Head;

    fn hub(clock: &Clock) -> Hub {
        let head = Head {
            epoch: "E".to_owned(),
            seq: 0,
        };
        let hub = Hub::new(head, Vec::new(), "b1".to_owned(), clock.clone());
        let ops = vec![upsert(1, &reading(1, 1.0)), upsert(2, &error_group(1, 400))];
        hub.publish(&committed(0, ops));
        hub
    }

    #[test]
    fn both_encodings_hold_the_same_json() {
        let hub = hub(&Clock::manual(UnixMs(5)));
        let prepared = hub.snapshot(Role::Viewer);
        let mut gunzipped = Vec::new();
        flate2::read::GzDecoder::new(&*prepared.gzip())
            .read_to_end(&mut gunzipped)
            .unwrap();
        let mut unbrotlied = Vec::new();
        brotli::Decompressor::new(&*prepared.br(), 4_096)
            .read_to_end(&mut unbrotlied)
            .unwrap();
        assert_eq!(
            (&gunzipped, &unbrotlied),
            (&prepared.json.to_vec(), &gunzipped)
        );
        let snapshot: Snapshot = serde_json::from_slice(&prepared.json).unwrap();
        assert_eq!((snapshot.seq, snapshot.errors.len()), (2, 1));
    }

    #[test]
    fn each_role_gets_its_own_snapshot_and_tag() {
        let hub = hub(&Clock::manual(UnixMs(5)));
        let tags = [Role::Viewer, Role::Operator, Role::Display, Role::Ingest]
            .map(|role| hub.snapshot(role).etag.clone());
        assert_eq!(
            tags,
            [
                "W/\"E-2\"",
                "W/\"E-2\"",
                "W/\"E-display-2\"",
                "W/\"E-2-none\""
            ]
        );
        let display: Snapshot = serde_json::from_slice(&hub.snapshot(Role::Display).json).unwrap();
        assert_eq!((display.readings.len(), display.errors.len()), (1, 0));
        let ingest: Snapshot = serde_json::from_slice(&hub.snapshot(Role::Ingest).json).unwrap();
        assert_eq!(ingest.into_entities().count(), 0);
    }

    #[test]
    fn a_snapshot_is_shared_until_something_changes_or_a_second_passes() {
        let clock = Clock::manual(UnixMs(5));
        let hub = hub(&clock);
        let first = hub.snapshot(Role::Viewer);
        clock.advance_ms(999);
        assert!(Arc::ptr_eq(&first, &hub.snapshot(Role::Admin)));
        clock.advance_ms(1);
        let second = hub.snapshot(Role::Viewer);
        assert!(!Arc::ptr_eq(&first, &second));
        hub.publish(&committed(2, vec![upsert(3, &reading(1, 2.0))]));
        assert_eq!(hub.snapshot(Role::Viewer).seq, 3);
    }
}
