//! Log lines. Some hold secrets, because real ones do: the gateway must redact them before they reach a disk.

use rand::Rng;
use rand_chacha::ChaCha8Rng;
use serde_json::{Map, Value, json};

use super::fill::fill;
use crate::fault::Fault;
use crate::product::Product;
use crate::world::Scene;

/// A kind of line; texts have the blanks of [`fill`].
struct Line {
    level: &'static str,
    service: &'static str,
    message: &'static str,
    fields: &'static [(&'static str, &'static str)],
}

const fn line_of(
    level: &'static str,
    service: &'static str,
    message: &'static str,
    fields: &'static [(&'static str, &'static str)],
) -> Line {
    Line {
        level,
        service,
        message,
        fields,
    }
}

/// One in this many lines holds a secret.
const SECRET_EVERY: u32 = 30;

/// The line of this second.
pub(super) fn line(scene: &Scene, at: &Value, rng: &mut ChaCha8Rng) -> Value {
    let line = choose(scene, rng);
    let fields: Map<String, Value> = line
        .fields
        .iter()
        .map(|(name, text)| ((*name).to_owned(), json!(fill(text, scene, rng))))
        .collect();
    json!({
        "at": at,
        "level": line.level,
        "service": line.service,
        "message": fill(line.message, scene, rng),
        "fields": fields,
    })
}

fn choose(scene: &Scene, rng: &mut ChaCha8Rng) -> &'static Line {
    if rng.random_ratio(1, SECRET_EVERY) {
        return pick(SECRETS, rng);
    }
    let troubles: Vec<&'static Line> = TROUBLES
        .iter()
        .filter(|(fault, _)| scene.has(*fault))
        .map(|(_, line)| line)
        .collect();
    if !troubles.is_empty() && rng.random_bool(0.5) {
        return troubles[rng.random_range(0..troubles.len())];
    }
    pick(calm(scene.product), rng)
}

fn pick(lines: &'static [Line], rng: &mut ChaCha8Rng) -> &'static Line {
    &lines[rng.random_range(0..lines.len())]
}

const fn calm(product: Product) -> &'static [Line] {
    match product {
        Product::Donna => DONNA,
        Product::Pourtrait => POURTRAIT,
        Product::Chatpdd => CHATPDD,
        Product::UniversalAssistant => UNIVERSAL_ASSISTANT,
        Product::Deedpro => DEEDPRO,
    }
}

const DONNA: &[Line] = &[
    line_of(
        "info",
        "websocket",
        "client {id} joined the grid",
        &[("origin", "https://donna.example.com")],
    ),
    line_of(
        "info",
        "websocket",
        "cleanup closed {n} idle connections",
        &[],
    ),
    line_of(
        "info",
        "backend",
        "POST /donna/campaigns 201 in {ms} ms",
        &[("user", "{user}")],
    ),
    line_of(
        "info",
        "backend",
        "GET /donna/contacts 200 in {ms} ms",
        &[("user", "{user}")],
    ),
    line_of(
        "debug",
        "backend",
        "CORS preflight from https://donna.example.com allowed",
        &[],
    ),
    line_of(
        "info",
        "email",
        "handed over {n} messages of campaign {id}",
        &[],
    ),
    line_of(
        "info",
        "frontend",
        "GET /grid 200 in {ms} ms",
        &[("ip", "{ip}")],
    ),
    line_of(
        "warn",
        "email",
        "mailbox of a recipient is full, will try again in 15 min",
        &[("message_id", "{id}")],
    ),
];

const POURTRAIT: &[Line] = &[
    line_of(
        "info",
        "api",
        "POST /api/wines 201 in {ms} ms",
        &[("user", "{user}")],
    ),
    line_of(
        "info",
        "api",
        "GET /api/recommendations 200 in {ms} ms",
        &[("user", "{user}")],
    ),
    line_of(
        "info",
        "ai",
        "recommendation made from {n} wines",
        &[("model_ms", "{ms}")],
    ),
    line_of(
        "info",
        "images",
        "label {id} resized to 3 widths",
        &[("format", "avif")],
    ),
    line_of("info", "cron", "backup verified", &[("backup", "{id}")]),
    line_of(
        "debug",
        "database",
        "row level security checked for {user}",
        &[],
    ),
    line_of(
        "info",
        "email",
        "drinking window notice sent",
        &[("user", "{user}")],
    ),
    line_of("warn", "images", "label {id} has no readable text", &[]),
];

const CHATPDD: &[Line] = &[
    line_of(
        "info",
        "api",
        "GET /api/projects 200 in {ms} ms",
        &[("user", "{user}")],
    ),
    line_of(
        "info",
        "api",
        "POST /api/files 201 in {ms} ms",
        &[("user", "{user}"), ("bytes", "48211")],
    ),
    line_of("info", "collaboration", "{user} joined workspace {id}", &[]),
    line_of("info", "websocket", "room {id} has {n} members", &[]),
    line_of(
        "debug",
        "redis",
        "team members of {id} cached for 10 min",
        &[],
    ),
    line_of(
        "info",
        "database",
        "query project_members took {db} ms",
        &[("rows", "{n}")],
    ),
    line_of(
        "info",
        "collaboration",
        "invitation accepted",
        &[("user", "{user}")],
    ),
    line_of(
        "warn",
        "websocket",
        "client {id} reconnected after {n} s",
        &[],
    ),
];

const UNIVERSAL_ASSISTANT: &[Line] = &[
    line_of(
        "info",
        "api",
        "POST /api/chat 200 in {ms} ms",
        &[("type", "request_response"), ("user", "{user}")],
    ),
    line_of(
        "info",
        "app",
        "conversation {id} opened",
        &[("type", "user_action"), ("user", "{user}")],
    ),
    line_of(
        "info",
        "app",
        "service worker updated",
        &[("type", "system_event")],
    ),
    line_of(
        "info",
        "api",
        "heap at {memory} %",
        &[("type", "performance")],
    ),
    line_of(
        "info",
        "auth",
        "session renewed",
        &[("type", "security"), ("user", "{user}")],
    ),
    line_of(
        "info",
        "speech",
        "{n} s of speech read out",
        &[("type", "system_event")],
    ),
    line_of(
        "debug",
        "log-store",
        "{n} lines written",
        &[("type", "system_event")],
    ),
    line_of(
        "warn",
        "speech",
        "audio device was reset",
        &[("type", "system_event"), ("recovered", "true")],
    ),
];

const DEEDPRO: &[Line] = &[
    line_of(
        "info",
        "wizard",
        "step grantor saved in {ms} ms",
        &[("user", "{user}")],
    ),
    line_of(
        "info",
        "documents",
        "grant deed {id} rendered",
        &[("pages", "{n}")],
    ),
    line_of(
        "info",
        "openai",
        "suggestion for parcel {id} made",
        &[("cost_usd", "0.0041")],
    ),
    line_of(
        "info",
        "titlepoint",
        "chain of title for {id} has {n} entries",
        &[],
    ),
    line_of(
        "info",
        "api",
        "GET /api/documents 200 in {ms} ms",
        &[("ip", "{ip}")],
    ),
    line_of(
        "debug",
        "limits",
        "{n} of 100 requests this minute",
        &[("ip", "{ip}")],
    ),
    line_of("info", "database", "wizard_states updated in {db} ms", &[]),
    line_of("warn", "openai", "daily cost at 61.20 of 100.00", &[]),
];

const SECRETS: &[Line] = &[
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
const TROUBLES: &[(Fault, Line)] = &[
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
