//! The one table of faults.

use super::Effect::{self, Becomes, Times};
use super::Fault;
use crate::model::Signal;
use crate::product::Product::{self, Chatpdd, Deedpro, Donna, Pourtrait, UniversalAssistant};

/// All there is to say about a fault.
#[derive(Debug)]
pub struct Row {
    /// The fault.
    pub fault: Fault,
    /// Its name in requests and scenario files.
    pub slug: &'static str,
    /// The products that can be broken in this way.
    pub products: &'static [Product],
    /// What it does, in one sentence.
    pub sentence: &'static str,
    /// What it does to the signals. Empty where it changes answers only.
    pub effects: &'static [(Signal, Effect)],
    /// Whether a deploy goes out just before it, as with most faults in real life; ending it by hand then
    /// rolls that deploy back.
    pub after_deploy: bool,
}

const EVERY: &[Product] = &Product::ALL;

const fn row(
    fault: Fault,
    slug: &'static str,
    products: &'static [Product],
    sentence: &'static str,
    effects: &'static [(Signal, Effect)],
) -> Row {
    Row {
        fault,
        slug,
        products,
        sentence,
        effects,
        after_deploy: false,
    }
}

const fn after_deploy(row: Row) -> Row {
    Row {
        after_deploy: true,
        ..row
    }
}

/// Every fault once.
pub static TABLE: [Row; 17] = [
    after_deploy(row(
        Fault::SlowDatabase,
        "slow-database",
        EVERY,
        "Queries take thirty times as long, the pool runs full, requests queue and 6 % of them fail.",
        &[
            (Signal::Database, Times(30.0)),
            (Signal::DatabaseConnections, Becomes(54.0)),
            (Signal::LockWaits, Becomes(14.0)),
            (Signal::ReplicationLag, Becomes(9_000.0)),
            (Signal::LatencyAvg, Times(12.0)),
            (Signal::LatencyP95, Times(14.0)),
            (Signal::PageLoad, Times(3.0)),
            (Signal::ErrorRatio, Becomes(0.064)),
            (Signal::Requests, Times(0.7)),
        ],
    )),
    after_deploy(row(
        Fault::ErrorBurst,
        "error-burst",
        EVERY,
        "8 % of the requests fail with an exception, and its events reach the gateway.",
        &[
            (Signal::ErrorRatio, Becomes(0.083)),
            (Signal::LatencyP95, Times(1.6)),
            (Signal::Succeeded, Becomes(0.93)),
        ],
    )),
    row(
        Fault::SocketDrops,
        "socket-drops",
        &[Donna, Chatpdd],
        "14 % of the socket connections drop; DONNA's server closes each one before it echoes.",
        &[
            (Signal::SocketsDropped, Becomes(0.14)),
            (Signal::SocketsReconnected, Becomes(0.71)),
            (Signal::SocketsConnected, Becomes(0.86)),
            (Signal::Sockets, Times(0.6)),
            (Signal::Delivery, Times(6.0)),
        ],
    ),
    row(
        Fault::ConnectionsFull,
        "connections-full",
        &[Donna],
        "All 1000 places of the WebSocket server are taken; it answers upgrades with 503.",
        &[
            (Signal::Sockets, Becomes(1_060.0)),
            (Signal::SocketsConnected, Becomes(0.62)),
        ],
    ),
    row(
        Fault::MemoryPressure,
        "memory-pressure",
        EVERY,
        "94 % of the memory is in use and collecting garbage slows everything down.",
        &[
            (Signal::Memory, Becomes(0.94)),
            (Signal::Cpu, Times(1.6)),
            (Signal::LatencyAvg, Times(1.4)),
        ],
    ),
    row(
        Fault::DiskFilling,
        "disk-filling",
        &[Chatpdd, Deedpro],
        "88 % of the disk is in use.",
        &[(Signal::Disk, Becomes(0.885))],
    ),
    row(
        Fault::SlowAi,
        "slow-ai",
        &[Pourtrait, UniversalAssistant, Deedpro],
        "The language model answers in 2.6 s instead of a little over one.",
        &[(Signal::Ai, Becomes(2_610.0))],
    ),
    row(
        Fault::ProcessGone,
        "process-gone",
        EVERY,
        "The product's ports close: connections are refused.",
        &[],
    ),
    row(
        Fault::CertificateNearEnd,
        "certificate-near-end",
        &[Pourtrait],
        "The certificate on the TLS port ends in six days instead of ninety.",
        &[],
    ),
    row(
        Fault::StalePayload,
        "stale-payload",
        EVERY,
        "Health answers stand still, with the timestamp of the moment at which this began.",
        &[],
    ),
    row(
        Fault::WrongContentType,
        "wrong-content-type",
        EVERY,
        "Every answer is an HTML page with status 200, as from a misconfigured proxy.",
        &[],
    ),
    row(
        Fault::HalfBody,
        "half-body",
        EVERY,
        "The connection breaks in the middle of every body.",
        &[],
    ),
    row(
        Fault::Unhealthy200,
        "unhealthy-200",
        &[Deedpro],
        "The back end's health says unhealthy with an error and no components, and answers 200.",
        &[],
    ),
    row(
        Fault::MissingComponent,
        "missing-component",
        &[Pourtrait, Deedpro, UniversalAssistant],
        "One component is no longer in the health answer: image processing, OpenAI, the log store.",
        &[],
    ),
    row(
        Fault::OauthMisconfigured,
        "oauth-misconfigured",
        &[Donna],
        "The OAuth redirect URI points to localhost, so that no sign-in succeeds.",
        &[(Signal::OauthSucceeded, Becomes(0.03))],
    ),
    row(
        Fault::OriginRefused,
        "origin-refused",
        &[Donna],
        "The WebSocket server no longer knows the production origin and answers 403.",
        &[
            (Signal::Sockets, Times(0.02)),
            (Signal::SocketsConnected, Becomes(0.02)),
        ],
    ),
    row(
        Fault::Maintenance,
        "maintenance",
        EVERY,
        "Health answers say maintenance.",
        &[(Signal::Requests, Times(0.3))],
    ),
];
