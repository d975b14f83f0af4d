//! What the page knows, as one JSON object for whoever looks into a fault: how the feed stands, and every entity that the
//! page holds. No cookie, no ticket, and no part of the address that may hold a token or what somebody searched for.

use std::collections::BTreeMap;

use leptos::prelude::*;
use serde::Serialize;
use serde_json::value::RawValue;
use watchfloor_wire::entity::{Entity, Kind};
use watchfloor_wire::feed::{Cursor, PipelineAges};
use watchfloor_wire::time::UnixMs;

use super::asked::Sources;
use super::health;
use crate::feed::FeedState;
use crate::route;
use crate::store::Stores;

/// Names the shape of the report; it changes when a field changes its meaning.
const FORMAT: &str = "watchfloor.diagnostics.v1";

/// The report.
#[derive(Debug, Serialize)]
pub(super) struct Report {
    format: &'static str,
    /// The build of this console.
    build: String,
    /// The build of the console that the gateway would serve now; empty until it said so.
    gateway_build: String,
    /// What the page is: `console`, `wall` or `embed`.
    kind: &'static str,
    /// The page's path, without query and fragment.
    page: String,
    browser: String,
    is_visible: bool,
    /// By the gateway's clock, as far as it is known.
    now: UnixMs,
    clock_offset_ms: i64,
    feed: FeedReport,
    pipeline: PipelineAges,
    sizes: Sizes,
    /// Every entity that the page holds, by its key, in the order of keys.
    entities: BTreeMap<String, Box<RawValue>>,
}

/// How the feed stands. Instants are by the gateway's clock.
#[derive(Debug, Default, PartialEq, Serialize)]
struct FeedReport {
    state: &'static str,
    cursor: Option<Cursor>,
    /// Frames that came and are not applied yet.
    frames_waiting: usize,
    /// `socket` or `events`, while it is live.
    transport: Option<&'static str>,
    last_frame_at: Option<UnixMs>,
    attempt: Option<u32>,
    retry_at: Option<UnixMs>,
    reason: Option<&'static str>,
}

/// How much there is of what grows.
#[derive(Debug, Serialize)]
struct Sizes {
    entities: BTreeMap<&'static str, usize>,
    /// Elements in the document.
    elements: u32,
    /// The program's memory, in bytes; it never shrinks.
    program_bytes: u32,
}

/// Puts the report together; `None` when an entity cannot be written, which none of ours is.
pub(super) fn gather(sources: &Sources) -> Option<String> {
    let (cursor, frames_waiting) = sources.feed.position();
    let state = sources.state.get_untracked();
    let entities = entities(&sources.stores);
    let report = Report {
        format: FORMAT,
        build: super::build(),
        gateway_build: sources.gateway_build.get_untracked(),
        kind: route::kind(),
        page: window().location().pathname().unwrap_or_default(),
        browser: window().navigator().user_agent().unwrap_or_default(),
        is_visible: !document().hidden(),
        now: sources.clock.now_untracked(),
        clock_offset_ms: untrack(|| sources.clock.offset_ms()),
        feed: feed_report(state, cursor, frames_waiting),
        pipeline: sources.pipeline.get_untracked().ages(),
        sizes: Sizes {
            entities: counts(&entities),
            elements: health::elements(),
            program_bytes: health::program_bytes(),
        },
        entities: by_key(&entities)?,
    };
    serde_json::to_string(&report).ok()
}

fn feed_report(state: FeedState, cursor: Option<Cursor>, frames_waiting: usize) -> FeedReport {
    let report = FeedReport {
        state: state.slug(),
        cursor,
        frames_waiting,
        ..FeedReport::default()
    };
    match state {
        FeedState::Connecting => report,
        FeedState::Live { last_frame_at, by } => FeedReport {
            transport: Some(by.slug()),
            last_frame_at: Some(last_frame_at),
            ..report
        },
        FeedState::Late { last_frame_at } => FeedReport {
            last_frame_at: Some(last_frame_at),
            ..report
        },
        FeedState::Reconnecting {
            attempt,
            retry_at,
            last_frame_at,
        } => FeedReport {
            attempt: Some(attempt),
            retry_at: Some(retry_at),
            last_frame_at,
            ..report
        },
        FeedState::NotLive { since, retry_at } => FeedReport {
            last_frame_at: Some(since),
            retry_at,
            ..report
        },
        FeedState::Ended { ending } => FeedReport {
            reason: Some(ending.reason()),
            ..report
        },
    }
}

/// Everything in the stores: what is on the screen, not what the feed's replica holds.
fn entities(stores: &Stores) -> Vec<Entity> {
    let mut all = Vec::new();
    let Stores {
        products,
        checks,
        alerts,
        incidents,
        errors,
        targets,
        deploys,
        uptime,
        readings,
        silences,
        ..
    } = stores;
    all.extend(products.all_untracked().into_iter().map(Entity::Product));
    all.extend(checks.all_untracked().into_iter().map(Entity::Check));
    all.extend(alerts.all_untracked().into_iter().map(Entity::Alert));
    all.extend(incidents.all_untracked().into_iter().map(Entity::Incident));
    all.extend(errors.all_untracked().into_iter().map(Entity::Error));
    all.extend(targets.all_untracked().into_iter().map(Entity::Target));
    all.extend(deploys.all_untracked().into_iter().map(Entity::Deploy));
    all.extend(uptime.all_untracked().into_iter().map(Entity::Uptime));
    all.extend(readings.all_untracked().into_iter().map(Entity::Reading));
    all.extend(silences.all_untracked().into_iter().map(Entity::Silence));
    all
}

fn counts(entities: &[Entity]) -> BTreeMap<&'static str, usize> {
    let mut counts: BTreeMap<_, _> = Kind::ALL.iter().map(|kind| (kind.list(), 0)).collect();
    for entity in entities {
        if let Some(kind) = entity.key().kind() {
            *counts.entry(kind.list()).or_default() += 1;
        }
    }
    counts
}

fn by_key(entities: &[Entity]) -> Option<BTreeMap<String, Box<RawValue>>> {
    let mut map = BTreeMap::new();
    for entity in entities {
        map.insert(entity.key().to_string(), entity.to_json().ok()?);
    }
    Some(map)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::feed::ending::Ending;

    const ENTITIES: [(Kind, &str); 3] = [
        (
            Kind::Product,
            include_str!("../../crates/wire/golden/entity.product.json"),
        ),
        (
            Kind::Check,
            include_str!("../../crates/wire/golden/entity.check.json"),
        ),
        (
            Kind::Incident,
            include_str!("../../crates/wire/golden/entity.incident.json"),
        ),
    ];

    fn read() -> Vec<Entity> {
        ENTITIES
            .iter()
            .map(|(kind, json)| Entity::from_json(*kind, json).unwrap())
            .collect()
    }

    #[test]
    fn an_entity_is_told_as_the_gateway_told_it() {
        let told = by_key(&read()).unwrap();
        assert_eq!(told.len(), ENTITIES.len());
        for (entity, (kind, json)) in read().iter().zip(ENTITIES) {
            let body = told.get(&entity.key().to_string()).unwrap().get();
            let told: serde_json::Value = serde_json::from_str(body).unwrap();
            let golden: serde_json::Value = serde_json::from_str(json).unwrap();
            assert_eq!(told, golden, "{kind:?}");
        }
    }

    #[test]
    fn kinds_of_which_there_are_none_are_counted_as_none() {
        let counts = counts(&read());
        assert_eq!(counts.len(), Kind::ALL.len());
        assert_eq!((counts["products"], counts["deploys"]), (1, 0));
    }

    #[test]
    fn the_feeds_state_is_told_with_what_belongs_to_it() {
        let waiting = FeedState::NotLive {
            since: UnixMs(7),
            retry_at: Some(UnixMs(9)),
        };
        let cursor = Cursor {
            e: "e".to_owned(),
            s: 3,
        };
        let expected = FeedReport {
            state: "not-live",
            cursor: Some(cursor.clone()),
            frames_waiting: 2,
            last_frame_at: Some(UnixMs(7)),
            retry_at: Some(UnixMs(9)),
            ..FeedReport::default()
        };
        assert_eq!(feed_report(waiting, Some(cursor), 2), expected);
        let ended = FeedState::Ended {
            ending: Ending::TooMany,
        };
        let told = feed_report(ended, None, 0);
        assert_eq!(told.reason, Some(Ending::TooMany.reason()));
    }
}
