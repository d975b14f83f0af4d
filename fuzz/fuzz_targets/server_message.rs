//! The console's side of the feed: whatever the server sends is a message, passed by, or an error; what is applied
//! once changes nothing when it is applied again, and is written as it was read.
#![no_main]

use libfuzzer_sys::fuzz_target;
use watchfloor_wire::feed::ServerMessage;
use watchfloor_wire::replica::{Applied, Replica};
use watchfloor_wire::snapshot::Snapshot;

fuzz_target!(|text: &str| {
    let mut replica = Replica::default();
    let mut lines = text.lines();
    if let Some(snapshot) = lines
        .next()
        .and_then(|it| serde_json::from_str::<Snapshot>(it).ok())
    {
        replica.reset(snapshot);
    } else {
        let now = watchfloor_wire::time::UnixMs(0);
        replica.reset(Snapshot::empty("E".to_owned(), 0, now, String::new()));
    }
    for line in std::iter::once(text).chain(lines) {
        let Ok(message) = ServerMessage::decode(line) else {
            continue;
        };
        let written = message.encode().expect("what was read can be written");
        ServerMessage::decode(&written).expect("what was written can be read");
        let ServerMessage::Frame(frame) = message else {
            continue;
        };
        let before = replica.cursor().map_or(0, |cursor| cursor.s);
        if let Ok(Applied::Changed(_)) = replica.apply(&frame) {
            assert!(frame.f <= before && before < frame.s);
            let known: Vec<_> = replica.entities().map(|(key, _)| key.clone()).collect();
            assert!(matches!(replica.apply(&frame), Ok(Applied::Duplicate)));
            assert_eq!(known.len(), replica.entities().count());
        }
    }
});
