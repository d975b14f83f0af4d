//! Log lines. Some hold secrets, because real ones do: the gateway must redact them before they reach a disk.

mod calm;
mod troubled;

use rand::Rng;
use rand_chacha::ChaCha8Rng;
use serde_json::{Map, Value, json};

use super::fill::fill;
use crate::world::Scene;
use calm::calm;
use troubled::{SECRETS, TROUBLES};

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
