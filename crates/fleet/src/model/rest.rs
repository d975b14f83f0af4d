//! Each product at rest. The values keep the promises of the product's own documents, so that an untouched
//! fleet is all green.

use super::{Rest, Signal};
use crate::product::Product;

const NO_LIMIT: f64 = f64::INFINITY;

/// Milliseconds and counts.
const fn open(signal: Signal, base: f64, daily: f64, noise: f64) -> Rest {
    Rest {
        signal,
        base,
        daily,
        noise,
        high: NO_LIMIT,
    }
}

/// Shares, which never pass 1.
const fn share(signal: Signal, base: f64, daily: f64, noise: f64) -> Rest {
    Rest {
        signal,
        base,
        daily,
        noise,
        high: 1.0,
    }
}

/// The signals of `product`.
pub(super) const fn of(product: Product) -> &'static [Rest] {
    match product {
        Product::Donna => &DONNA,
        Product::Pourtrait => &POURTRAIT,
        Product::Chatpdd => &CHATPDD,
        Product::UniversalAssistant => &UNIVERSAL_ASSISTANT,
        Product::Deedpro => &DEEDPRO,
    }
}

const DONNA: [Rest; 15] = [
    open(Signal::Requests, 34.0, 0.35, 0.05),
    open(Signal::LatencyAvg, 148.0, 0.1, 0.06),
    open(Signal::LatencyP95, 322.0, 0.1, 0.07),
    share(Signal::ErrorRatio, 0.0003, 0.1, 0.25),
    share(Signal::Cpu, 0.31, 0.25, 0.08),
    share(Signal::Memory, 0.52, 0.05, 0.02),
    open(Signal::Database, 19.0, 0.15, 0.12),
    open(Signal::Sockets, 360.0, 0.4, 0.03),
    share(Signal::SocketsConnected, 0.997, 0.0, 0.0008),
    share(Signal::SocketsDropped, 0.006, 0.1, 0.3),
    share(Signal::SocketsReconnected, 0.985, 0.0, 0.003),
    open(Signal::Delivery, 38.0, 0.1, 0.1),
    share(Signal::OauthSucceeded, 0.978, 0.0, 0.004),
    open(Signal::Email, 210.0, 0.1, 0.1),
    share(Signal::EmailDelivered, 0.991, 0.0, 0.002),
];

const POURTRAIT: [Rest; 15] = [
    open(Signal::Requests, 52.0, 0.4, 0.05),
    open(Signal::LatencyAvg, 182.0, 0.1, 0.06),
    open(Signal::LatencyP95, 396.0, 0.1, 0.07),
    open(Signal::PageLoad, 1_240.0, 0.08, 0.05),
    share(Signal::ErrorRatio, 0.0004, 0.1, 0.25),
    share(Signal::Cpu, 0.38, 0.25, 0.08),
    share(Signal::Memory, 0.58, 0.05, 0.02),
    open(Signal::Database, 24.0, 0.15, 0.12),
    open(Signal::Ai, 1_180.0, 0.1, 0.08),
    open(Signal::Images, 412.0, 0.1, 0.08),
    open(Signal::Email, 132.0, 0.1, 0.1),
    share(Signal::EmailDelivered, 0.994, 0.0, 0.002),
    open(Signal::Storage, 61.0, 0.1, 0.1),
    open(Signal::ActiveUsers, 410.0, 0.45, 0.03),
    open(Signal::Business, 138.0, 0.4, 0.06),
];

const CHATPDD: [Rest; 20] = [
    open(Signal::Requests, 86.0, 0.09, 0.03),
    open(Signal::LatencyAvg, 190.0, 0.1, 0.06),
    open(Signal::LatencyP95, 420.0, 0.1, 0.07),
    open(Signal::PageLoad, 1_720.0, 0.08, 0.05),
    share(Signal::ErrorRatio, 0.0005, 0.1, 0.18),
    share(Signal::Cpu, 0.42, 0.25, 0.08),
    share(Signal::Memory, 0.61, 0.05, 0.02),
    share(Signal::Disk, 0.64, 0.0, 0.002),
    open(Signal::Database, 31.0, 0.15, 0.12),
    Rest {
        signal: Signal::DatabaseConnections,
        base: 19.0,
        daily: 0.25,
        noise: 0.08,
        high: 50.0,
    },
    open(Signal::LockWaits, 0.4, 0.1, 0.6),
    open(Signal::ReplicationLag, 85.0, 0.1, 0.2),
    open(Signal::Redis, 3.0, 0.1, 0.15),
    share(Signal::RedisMemory, 0.47, 0.1, 0.02),
    open(Signal::Sockets, 274.0, 0.45, 0.03),
    share(Signal::SocketsDropped, 0.012, 0.1, 0.25),
    share(Signal::SocketsReconnected, 0.982, 0.0, 0.003),
    open(Signal::Delivery, 64.0, 0.1, 0.1),
    open(Signal::ActiveUsers, 231.0, 0.5, 0.03),
    share(Signal::Succeeded, 0.993, 0.0, 0.002),
];

const UNIVERSAL_ASSISTANT: [Rest; 12] = [
    open(Signal::Requests, 41.0, 0.35, 0.05),
    open(Signal::LatencyAvg, 236.0, 0.1, 0.06),
    open(Signal::LatencyP95, 540.0, 0.1, 0.07),
    share(Signal::ErrorRatio, 0.0005, 0.1, 0.18),
    share(Signal::Cpu, 0.36, 0.25, 0.08),
    share(Signal::Memory, 0.55, 0.05, 0.02),
    open(Signal::Database, 44.0, 0.15, 0.1),
    open(Signal::Ai, 1_420.0, 0.1, 0.08),
    open(Signal::Speech, 380.0, 0.1, 0.08),
    open(Signal::LogStore, 12.0, 0.1, 0.15),
    open(Signal::ActiveUsers, 118.0, 0.5, 0.03),
    share(Signal::Succeeded, 0.988, 0.0, 0.003),
];

const DEEDPRO: [Rest; 13] = [
    open(Signal::Requests, 63.0, 0.4, 0.05),
    open(Signal::LatencyAvg, 214.0, 0.1, 0.06),
    open(Signal::LatencyP95, 438.0, 0.1, 0.07),
    open(Signal::PageLoad, 1_310.0, 0.08, 0.05),
    share(Signal::ErrorRatio, 0.0005, 0.1, 0.18),
    share(Signal::Cpu, 0.44, 0.25, 0.08),
    share(Signal::Memory, 0.57, 0.05, 0.02),
    share(Signal::Disk, 0.48, 0.0, 0.002),
    open(Signal::Database, 27.0, 0.15, 0.12),
    open(Signal::Ai, 1_150.0, 0.1, 0.08),
    open(Signal::Business, 74.0, 0.45, 0.06),
    share(Signal::Succeeded, 0.9945, 0.0, 0.001),
    open(Signal::ActiveUsers, 164.0, 0.5, 0.03),
];
