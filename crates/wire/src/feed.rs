//! Messages of the feed, `watchfloor.feed.v1`: JSON text frames over a WebSocket.
//!
//! Each message is an object with a tag `t`. Reading goes in two steps, the tag first and then the shape,
//! because that keeps entity bodies as raw text until their kind is known, and lets messages from a newer
//! peer pass by.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::time::UnixMs;

/// The subprotocol that both sides name when the socket opens.
pub const SUBPROTOCOL: &str = "watchfloor.feed.v1";
/// The second subprotocol entry that carries the single-use ticket is this prefix and the ticket.
pub const TICKET_PREFIX: &str = "ticket.";
/// How often the server pings, in milliseconds.
pub const PING_EVERY_MS: i64 = 10_000;
/// Without any frame for this long, in milliseconds, a client is stale.
pub const STALE_AFTER_MS: i64 = 25_000;
/// The largest frame that a server takes from a client, in bytes.
pub const MAX_CLIENT_FRAME_BYTES: usize = 4_096;

/// A position in the feed: everything up to and including `s` of epoch `e` is known.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cursor {
    /// The epoch: a ULID that changes only when history is not a prefix of before.
    pub e: String,
    /// The sequence number.
    pub s: u64,
}

/// Client to server.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "t", rename_all = "snake_case")]
pub enum ClientMessage {
    /// The first message, within 5 s of opening.
    Hello {
        /// Version of the protocol; 1.
        v: u32,
        /// `console`, `wall` or `embed`.
        kind: String,
        /// The build of the console.
        build: String,
        /// Where the client's state stands; a client has read a snapshot before it says hello.
        cursor: Cursor,
    },
    /// The answer to a ping.
    Pong {
        /// The ping's number.
        n: u64,
        /// The applied cursor's sequence number.
        s: u64,
        /// How the page is doing; `None` from a client that does not tell.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        h: Option<PageHealth>,
    },
}

/// How a page is doing, by its own account: a wall that hangs for a year must not be the last to know.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PageHealth {
    /// The program's memory, in bytes; it never shrinks.
    pub program_bytes: u64,
    /// Elements in the document.
    pub elements: u32,
    /// How much later than due the latest of the page's seconds came since its last pong, in milliseconds. `None` while
    /// nobody looks at the page, when a browser holds its seconds back, and where none was due.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub late_ms: Option<u32>,
}

/// Body of `POST …/feed/pong`: the pong of a client that follows by server-sent events.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct StreamPong {
    /// The stream's number, from its first event.
    pub stream: u64,
    /// The ping's number.
    pub n: u64,
    /// The applied cursor's sequence number.
    pub s: u64,
    /// How the page is doing; `None` from a client that does not tell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub h: Option<PageHealth>,
}

/// Server to client, after reading. See the module's text for why it is no serde enum.
#[derive(Clone, Debug)]
pub enum ServerMessage {
    /// The hello was taken.
    Welcome(Welcome),
    /// A change.
    Frame(Frame),
    /// Still here.
    Ping(Ping),
    /// The client's state cannot be continued: fetch a snapshot, say hello again.
    Reset(Reset),
    /// The server is about to close; reconnect within the given span.
    Bye(Bye),
    /// A message of a newer server, to be passed by.
    Unrecognised,
}

/// Answer to a hello.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Welcome {
    /// The epoch.
    pub e: String,
    /// The head of the feed now.
    pub s: u64,
    /// How many events follow to catch up.
    pub replayed: u64,
    /// The server's time.
    pub now: UnixMs,
    /// The server's steady clock, as in [`Ping::steady_ms`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub steady_ms: Option<i64>,
    /// The build of the gateway's console; another one means that a reload brings a newer console.
    pub build: String,
}

/// Changes that cover the range `(f, s]`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Frame {
    /// The range begins after this sequence number.
    pub f: u64,
    /// The range ends with this sequence number.
    pub s: u64,
    /// Absolute keyed upserts and deletes, oldest first. May be empty where a role may see none of them.
    pub ops: Vec<Op>,
}

/// One keyed upsert or delete.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Op {
    /// The key.
    pub k: crate::entity::Key,
    /// The sequence number at which it came to be so.
    pub v: u64,
    /// The entity's body; `None` deletes it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub p: Option<Box<RawValue>>,
}

/// Heartbeat; also carries the head, so that an idle client's cursor never ages out.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Ping {
    /// Its number: rises within a connection, but not by one, because a ping is written once for many.
    pub n: u64,
    /// Everything up to this sequence number was sent.
    pub s: u64,
    /// The server's time.
    pub now: UnixMs,
    /// The server's steady clock, in milliseconds from a beginning of its own: nobody sets it, so a client measures
    /// by it how long messages take. `None` from a server that does not tell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub steady_ms: Option<i64>,
    /// How long ago each stage of the pipeline last did its work.
    pub age: PipelineAges,
}

/// Milliseconds since each stage of the pipeline last did its work; `None` when it never did or has nothing to do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PipelineAges {
    /// Since the last check finished.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub probe_ms: Option<i64>,
    /// Past this age of `probe_ms` the checks have stopped: the gateway knows how often it looks. `None` from one that
    /// does not tell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub probe_late_after_ms: Option<i64>,
    /// Since the last event was taken in from a product.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ingest_ms: Option<i64>,
    /// Since rules were last evaluated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub evaluate_ms: Option<i64>,
    /// Since changes were last stored.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub store_ms: Option<i64>,
}

/// Why a client's state cannot be continued.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Reset {
    /// `epoch`, `window`, `overflow`, `ahead` or `acl`.
    pub why: String,
    /// The epoch now.
    pub e: String,
    /// The head now.
    pub s: u64,
}

/// The server closes soon.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Bye {
    /// Why, for example `deploy`.
    pub why: String,
    /// Reconnect at a random instant in this span, in milliseconds from now.
    pub after: [u64; 2],
}

/// How the gateway begins a frame.
const FRAME_START: &str = "{\"t\":\"d\",";

#[derive(Deserialize)]
struct Tag<'a> {
    #[serde(borrow)]
    t: std::borrow::Cow<'a, str>,
}

/// The server's message with its tag, for writing.
#[derive(Serialize)]
struct Tagged<'a, T> {
    t: &'static str,
    #[serde(flatten)]
    body: &'a T,
}

impl ServerMessage {
    /// Reads a text frame.
    ///
    /// # Errors
    /// When it is not a JSON object with a tag, or a known message of the wrong shape. The client then
    /// closes with 4500 and says so.
    pub fn decode(text: &str) -> Result<Self, serde_json::Error> {
        // Nearly all that comes, and the longest by far: looking for its tag would be one more pass over all of it.
        if text.starts_with(FRAME_START) {
            return serde_json::from_str(text).map(Self::Frame);
        }
        let tag: Tag<'_> = serde_json::from_str(text)?;
        Ok(match tag.t.as_ref() {
            "welcome" => Self::Welcome(serde_json::from_str(text)?),
            "d" => Self::Frame(serde_json::from_str(text)?),
            "ping" => Self::Ping(serde_json::from_str(text)?),
            "reset" => Self::Reset(serde_json::from_str(text)?),
            "bye" => Self::Bye(serde_json::from_str(text)?),
            _ => Self::Unrecognised,
        })
    }

    /// Writes a text frame; [`Self::Unrecognised`] writes an empty object with that tag, which nobody sends.
    ///
    /// # Errors
    /// When a body cannot be written as JSON.
    pub fn encode(&self) -> Result<String, serde_json::Error> {
        match self {
            Self::Welcome(body) => serde_json::to_string(&Tagged { t: "welcome", body }),
            Self::Frame(frame) => encode_frame(frame),
            Self::Ping(body) => serde_json::to_string(&Tagged { t: "ping", body }),
            Self::Reset(body) => serde_json::to_string(&Tagged { t: "reset", body }),
            Self::Bye(body) => serde_json::to_string(&Tagged { t: "bye", body }),
            Self::Unrecognised => Ok("{\"t\":\"unrecognised\"}".to_owned()),
        }
    }
}

/// Frames carry raw JSON, which a flattened struct cannot hold, so their tag is written by a struct of its own.
fn encode_frame(frame: &Frame) -> Result<String, serde_json::Error> {
    #[derive(Serialize)]
    struct TaggedFrame<'a> {
        t: &'static str,
        f: u64,
        s: u64,
        ops: &'a [Op],
    }
    serde_json::to_string(&TaggedFrame {
        t: "d",
        f: frame.f,
        s: frame.s,
        ops: &frame.ops,
    })
}

/// Close codes of the feed. 4000 to 4499: reconnect; 4500 to 4999: final.
pub mod close {
    /// The server is going away; resume.
    pub const GOING_AWAY: u16 = 4000;
    /// No pong came; resume now.
    pub const NO_PONG: u16 = 4001;
    /// A mistake of the server; back off and resume.
    pub const INTERNAL: u16 = 4002;
    /// The client could not take frames fast enough; resume.
    pub const SLOW: u16 = 4008;
    /// The session or ticket must be renewed; get a new ticket and resume.
    pub const TICKET: u16 = 4010;
    /// Malformed or oversized frame.
    pub const MALFORMED: u16 = 4500;
    /// The protocol version is not spoken here.
    pub const VERSION: u16 = 4501;
    /// The session was ended.
    pub const REVOKED: u16 = 4504;
    /// Too many connections.
    pub const LIMIT: u16 = 4505;

    /// Whether a client may reconnect after this code. Codes outside 4500 to 4999 are the network's, not ours.
    #[must_use]
    pub const fn reconnects(code: u16) -> bool {
        !matches!(code, 4500..=4999)
    }
}
