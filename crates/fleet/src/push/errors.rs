//! Error events: few at rest, many of one kind under a fault.

use rand::Rng;
use rand_chacha::ChaCha8Rng;
use serde_json::{Value, json};

use super::fill::fill;
use crate::fault::Fault;
use crate::product::Product;
use crate::world::Scene;

/// A kind of error.
struct Oops {
    error_type: &'static str,
    service: &'static str,
    message: &'static str,
    category: &'static str,
    boundary: &'static str,
    stack: &'static [&'static str],
}

/// One event.
pub(super) fn event(scene: &Scene, at: &Value, rng: &mut ChaCha8Rng) -> Value {
    let oops = choose(scene, rng);
    json!({
        "at": at,
        "service": oops.service,
        "error_type": oops.error_type,
        "message": fill(oops.message, scene, rng),
        "stack": oops.stack,
        "category": oops.category,
        "boundary": oops.boundary,
        "version": format!("v{}", scene.version),
        "fields": { "user": fill("{user}", scene, rng), "request_id": fill("{id}", scene, rng) },
    })
}

fn choose(scene: &Scene, rng: &mut ChaCha8Rng) -> &'static Oops {
    if scene.has(Fault::SlowDatabase) && rng.random_bool(0.9) {
        return &POOL;
    }
    if scene.has(Fault::ErrorBurst) && rng.random_bool(0.85) {
        return &burst(scene.product)[0];
    }
    let calm = burst(scene.product);
    &calm[rng.random_range(1..calm.len())]
}

static POOL: Oops = Oops {
    error_type: "PoolTimeout",
    service: "database",
    message: "no connection free after 5000 ms ({pool} of 50 in use)",
    category: "database",
    boundary: "critical",
    stack: &[
        "acquire (server/db/pool.ts:88)",
        "withConnection (server/db/query.ts:31)",
        "handle (server/api/route.ts:140)",
        "processTicksAndRejections (node:internal/process/task_queues:95)",
    ],
};

/// The product's errors; the first is what a burst is made of.
const fn burst(product: Product) -> &'static [Oops] {
    match product {
        Product::Donna => DONNA,
        Product::Pourtrait => POURTRAIT,
        Product::Chatpdd => CHATPDD,
        Product::UniversalAssistant => UNIVERSAL_ASSISTANT,
        Product::Deedpro => DEEDPRO,
    }
}

static DONNA: &[Oops] = &[
    Oops {
        error_type: "TypeError",
        service: "backend",
        message: "Cannot read properties of undefined (reading 'accessToken') for {user}",
        category: "authentication",
        boundary: "page",
        stack: &[
            "sendCampaign (gmail/send.ts:57)",
            "POST (api/campaigns/route.ts:22)",
        ],
    },
    Oops {
        error_type: "FetchError",
        service: "frontend",
        message: "request to /donna/contacts failed, reason: socket hang up ({id})",
        category: "network",
        boundary: "component",
        stack: &[
            "loadContacts (grid/contacts.ts:19)",
            "Grid (grid/index.tsx:64)",
        ],
    },
    Oops {
        error_type: "SmtpError",
        service: "email",
        message: "421 service not available, message {id} kept",
        category: "network",
        boundary: "component",
        stack: &["deliver (mail/queue.php:112)"],
    },
];

static POURTRAIT: &[Oops] = &[
    Oops {
        error_type: "VisionError",
        service: "images",
        message: "label {id} could not be read: quota exceeded",
        category: "external",
        boundary: "page",
        stack: &[
            "readLabel (lib/vision.ts:41)",
            "POST (app/api/labels/route.ts:30)",
        ],
    },
    Oops {
        error_type: "ValidationError",
        service: "api",
        message: "vintage {n} is before 1800",
        category: "validation",
        boundary: "component",
        stack: &[
            "parseWine (lib/wine.ts:77)",
            "POST (app/api/wines/route.ts:18)",
        ],
    },
    Oops {
        error_type: "TimeoutError",
        service: "ai",
        message: "no recommendation within 8000 ms for {user}",
        category: "network",
        boundary: "component",
        stack: &[
            "recommend (lib/ai.ts:96)",
            "GET (app/api/recommendations/route.ts:12)",
        ],
    },
];

static CHATPDD: &[Oops] = &[
    Oops {
        error_type: "PrismaClientKnownRequestError",
        service: "api",
        message: "transaction {id} timed out while inviting {n} members",
        category: "database",
        boundary: "critical",
        stack: &[
            "inviteTeam (services/teams.ts:133)",
            "POST (api/teams/route.ts:48)",
        ],
    },
    Oops {
        error_type: "ReplyError",
        service: "redis",
        message: "MOVED {n} presence:{id}",
        category: "network",
        boundary: "component",
        stack: &["touch (services/presence.ts:29)"],
    },
    Oops {
        error_type: "UploadError",
        service: "api",
        message: "file {id} is larger than 25 MB",
        category: "validation",
        boundary: "component",
        stack: &[
            "store (services/files.ts:61)",
            "POST (api/files/route.ts:20)",
        ],
    },
];

static UNIVERSAL_ASSISTANT: &[Oops] = &[
    Oops {
        error_type: "StreamError",
        service: "api",
        message: "answer {id} ended after {n} tokens",
        category: "network",
        boundary: "page",
        stack: &["readStream (lib/llm.ts:118)", "Chat (app/chat/page.tsx:90)"],
    },
    Oops {
        error_type: "TokenExpired",
        service: "auth",
        message: "session of {user} expired, renewed",
        category: "authentication",
        boundary: "component",
        stack: &["verify (lib/auth.ts:44)"],
    },
    Oops {
        error_type: "AudioContextError",
        service: "speech",
        message: "device {id} was lost, reset",
        category: "audio",
        boundary: "component",
        stack: &[
            "play (lib/audio.ts:71)",
            "Speaker (components/speaker.tsx:35)",
        ],
    },
];

static DEEDPRO: &[Oops] = &[
    Oops {
        error_type: "KeyError",
        service: "wizard",
        message: "'legal_description' in parcel {id}",
        category: "data",
        boundary: "page",
        stack: &[
            "backend/wizard/steps.py:214 in render",
            "backend/api/wizard.py:58 in post_step",
        ],
    },
    Oops {
        error_type: "RateLimitExceeded",
        service: "limits",
        message: "100 per 1 minute for {ip}",
        category: "limits",
        boundary: "component",
        stack: &["backend/security/limits.py:31 in check"],
    },
    Oops {
        error_type: "TitlePointError",
        service: "titlepoint",
        message: "502 for parcel {id}",
        category: "external",
        boundary: "component",
        stack: &[
            "backend/services/titlepoint.py:77 in chain",
            "backend/api/title.py:24 in get_chain",
        ],
    },
];
