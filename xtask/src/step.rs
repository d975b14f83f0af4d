//! Steps that people wait for: a header before, the time taken after.

use std::io::Write as _;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};

/// Runs one step between a header and its duration. An error names the step.
///
/// # Errors
/// Whatever the work returns.
pub fn step<T>(title: &str, work: impl FnOnce() -> Result<T>) -> Result<T> {
    let started_at = Instant::now();
    println!("\n== {title}");
    flush();
    let result = work();
    let verdict = if result.is_ok() { "done" } else { "FAILED" };
    println!("== {title}: {verdict} in {}", seconds(started_at.elapsed()));
    flush();
    result.with_context(|| format!("the step “{title}” failed"))
}

/// Says something about the step that is running.
pub fn note(words: impl AsRef<str>) {
    println!("   {}", words.as_ref());
    flush();
}

/// A duration for people: `0.42 s`, `3 min 05 s`.
pub fn seconds(took: Duration) -> String {
    if took.as_secs() >= 60 {
        format!("{} min {:02} s", took.as_secs() / 60, took.as_secs() % 60)
    } else {
        format!("{:.2} s", took.as_secs_f64())
    }
}

// Children write to the same terminal or pipe; without this their lines overtake ours.
fn flush() {
    // A closed pipe is the reader's wish, not a failure of the step.
    let _ = std::io::stdout().flush();
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    #[test]
    fn durations_change_their_form_at_a_minute() {
        assert_eq!(super::seconds(Duration::from_millis(59_990)), "59.99 s");
        assert_eq!(super::seconds(Duration::from_secs(60)), "1 min 00 s");
        assert_eq!(super::seconds(Duration::from_secs(185)), "3 min 05 s");
    }
}
