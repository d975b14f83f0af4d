//! What each product logs while nothing is wrong.

use super::{Line, line_of};
use crate::product::Product;

/// The lines of a product.
pub(super) const fn calm(product: Product) -> &'static [Line] {
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
