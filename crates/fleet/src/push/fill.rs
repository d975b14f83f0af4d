//! Fills the blanks of a line.

use rand::Rng;
use rand_chacha::ChaCha8Rng;

use crate::model::Signal;
use crate::world::Scene;

const TOKEN_LETTERS: &[u8] = b"ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnpqrstuvwxyz23456789";

/// Fills `{user}`, `{id}`, `{n}`, `{ip}`, `{token}` by chance, and `{ms}`, `{db}`, `{pool}`, `{memory}`
/// from the product's state.
pub(super) fn fill(template: &str, scene: &Scene, rng: &mut ChaCha8Rng) -> String {
    let mut text = String::with_capacity(template.len() + 16);
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        text.push_str(before);
        let Some((name, tail)) = after.split_once('}') else {
            text.push('{');
            rest = after;
            continue;
        };
        text.push_str(&blank(name, scene, rng));
        rest = tail;
    }
    text.push_str(rest);
    text
}

fn blank(name: &str, scene: &Scene, rng: &mut ChaCha8Rng) -> String {
    match name {
        "user" => format!("u_{}", rng.random_range(1_000..9_999)),
        "id" => format!("{:08x}", rng.random::<u32>()),
        "n" => rng.random_range(2..40).to_string(),
        // From the block that is set aside for documentation.
        "ip" => format!("203.0.113.{}", rng.random_range(1..255)),
        "token" => token(rng),
        "ms" => {
            let spread: f64 = rng.random_range(0.5..1.7);
            format!("{:.0}", scene.get(Signal::LatencyAvg) * spread)
        }
        "db" => format!("{:.0}", scene.get(Signal::Database)),
        "pool" => format!("{:.0}", scene.get(Signal::DatabaseConnections)),
        "memory" => format!("{:.0}", scene.get(Signal::Memory) * 100.0),
        other => format!("{{{other}}}"),
    }
}

/// Looks like a secret, so that redaction has something to find; opens nothing.
fn token(rng: &mut ChaCha8Rng) -> String {
    (0..32)
        .map(|_| char::from(TOKEN_LETTERS[rng.random_range(0..TOKEN_LETTERS.len())]))
        .collect()
}
