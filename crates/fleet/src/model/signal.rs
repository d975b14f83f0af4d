//! What a product's model holds.

/// A number that evolves. Shares are 0 to 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Signal {
    /// Requests a second.
    Requests,
    /// Mean response time of the API, in milliseconds.
    LatencyAvg,
    /// Response time that 95 of 100 requests stay below, in milliseconds.
    LatencyP95,
    /// Mean time until a page is usable, in milliseconds.
    PageLoad,
    /// Share of requests that failed.
    ErrorRatio,
    /// Share of the processor in use.
    Cpu,
    /// Share of the memory in use.
    Memory,
    /// Share of the disk in use.
    Disk,
    /// A simple query's time, in milliseconds.
    Database,
    /// Pooled database connections in use, of 50.
    DatabaseConnections,
    /// Sessions waiting for a lock.
    LockWaits,
    /// How far the replica is behind, in milliseconds.
    ReplicationLag,
    /// A ping of Redis, in milliseconds.
    Redis,
    /// Share of Redis' memory in use.
    RedisMemory,
    /// An answer of the language model, in milliseconds.
    Ai,
    /// One image through the pipeline, in milliseconds.
    Images,
    /// Handing over one e-mail, in milliseconds.
    Email,
    /// Share of e-mails that were delivered.
    EmailDelivered,
    /// One object from storage, in milliseconds.
    Storage,
    /// One sentence to speech or back, in milliseconds.
    Speech,
    /// One line into the log store, in milliseconds.
    LogStore,
    /// Open sockets.
    Sockets,
    /// Share of socket connections that came about.
    SocketsConnected,
    /// Share of socket connections that were dropped within the last minute.
    SocketsDropped,
    /// Share of dropped clients that came back.
    SocketsReconnected,
    /// From sending a message to its arrival, in milliseconds.
    Delivery,
    /// Share of OAuth flows that ended with a token.
    OauthSucceeded,
    /// People using the product now.
    ActiveUsers,
    /// Share of wizards that were completed, documents made, uploads stored: the product's main success.
    Succeeded,
    /// Business events an hour: wines added, teams made, documents made.
    Business,
}
