//! Lines that no product should write, and lines that a fault brings with it.

use super::{Line, line_of};
use crate::fault::Fault;

/// Lines that hold secrets.
pub(super) const SECRETS: &[Line] = &[
    line_of(
        "debug",
        "auth",
        "token exchange sent client_secret={token}",
        &[("grant", "authorization_code")],
    ),
    line_of(
        "info",
        "auth",
        "session restored",
        &[("token", "{token}"), ("user", "{user}")],
    ),
    line_of(
        "warn",
        "auth",
        "sign-in failed for {user}",
        &[("password", "{token}"), ("ip", "{ip}")],
    ),
    line_of(
        "debug",
        "api",
        "upstream request with Authorization: Bearer {token}",
        &[],
    ),
    line_of(
        "debug",
        "config",
        "connecting to postgres://app:{token}@db.internal:5432/app",
        &[],
    ),
    line_of(
        "info",
        "config",
        "model key loaded",
        &[("api_key", "sk-{token}")],
    ),
];

/// Lines that a fault brings with it.
pub(super) const TROUBLES: &[(Fault, Line)] = &[
    (
        Fault::SlowDatabase,
        line_of("warn", "database", "query took {db} ms", &[("rows", "{n}")]),
    ),
    (
        Fault::SlowDatabase,
        line_of(
            "error",
            "database",
            "no connection free in 5 s, {pool} of 50 in use",
            &[],
        ),
    ),
    (
        Fault::SlowDatabase,
        line_of(
            "warn",
            "api",
            "request waited {ms} ms",
            &[("user", "{user}")],
        ),
    ),
    (
        Fault::ErrorBurst,
        line_of(
            "error",
            "api",
            "request {id} failed with 500 in {ms} ms",
            &[("user", "{user}")],
        ),
    ),
    (
        Fault::SocketDrops,
        line_of(
            "warn",
            "websocket",
            "client {id} dropped without a close frame",
            &[],
        ),
    ),
    (
        Fault::SocketDrops,
        line_of("warn", "websocket", "{n} clients are reconnecting", &[]),
    ),
    (
        Fault::ConnectionsFull,
        line_of(
            "error",
            "websocket",
            "1000 of 1000 connections in use, upgrade refused",
            &[("ip", "{ip}")],
        ),
    ),
    (
        Fault::MemoryPressure,
        line_of(
            "warn",
            "runtime",
            "collecting garbage took {ms} ms, heap at {memory} %",
            &[],
        ),
    ),
    (
        Fault::DiskFilling,
        line_of("warn", "runtime", "volume /data is 88 % full", &[]),
    ),
    (
        Fault::SlowAi,
        line_of(
            "warn",
            "ai",
            "model answered after more than 2 s, attempt {n}",
            &[],
        ),
    ),
    (
        Fault::OauthMisconfigured,
        line_of(
            "error",
            "oauth",
            "redirect_uri_mismatch: http://localhost:3000/api/gmail/oauth/callback",
            &[("user", "{user}")],
        ),
    ),
    (
        Fault::OriginRefused,
        line_of(
            "error",
            "websocket",
            "origin https://donna.example.com is not in ALLOWED_ORIGINS",
            &[("ip", "{ip}")],
        ),
    ),
    (
        Fault::MissingComponent,
        line_of("warn", "health", "a component did not report in time", &[]),
    ),
    (
        Fault::Unhealthy200,
        line_of(
            "error",
            "health",
            "name 'time' is not defined",
            &[("file", "backend/api/health.py")],
        ),
    ),
    (
        Fault::Maintenance,
        line_of(
            "info",
            "runtime",
            "maintenance: migration step {n} done",
            &[],
        ),
    ),
];
