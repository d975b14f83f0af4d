//! What a page got and what it showed, noted inside the page at the instant it happened, so that neither this machine
//! being busy nor how often anybody asks plays a part.

use anyhow::{Context, Result, ensure};
use serde::Deserialize;
use serde_json::json;

use super::faults::Expected;
use super::{LIVE_WITHIN_S, STALE_WITHIN_S};
use crate::browser::Browser;

/// Runs before every page. All instants are milliseconds since 1970. A frame is any message of the feed, by socket or by
/// events, and the snapshot that comes before them.
const NOTE: &str = "
    const unix = () => performance.timeOrigin + performance.now();
    const watch = { frames: [], states: [] };
    window.__watch = watch;
    const frame = () => watch.frames.push(unix());
    for (const name of ['WebSocket', 'EventSource']) {
        const Original = window[name];
        window[name] = class extends Original {
            constructor(...args) {
                super(...args);
                this.addEventListener('message', frame);
            }
        };
    }
    const original = window.fetch;
    window.fetch = async (...args) => {
        const answer = await original(...args);
        if (answer.ok && answer.url.includes('/monitoring/dashboard')) frame();
        return answer;
    };
    let last = '';
    const look = () => {
        const app = document.querySelector('.mon-app')?.dataset.feed ?? 'none';
        const feed = document.querySelector('[data-feed-state]')?.dataset.feedState ?? 'none';
        if (`${app} ${feed}` === last) return;
        last = `${app} ${feed}`;
        watch.states.push([unix(), app === 'stale', feed]);
    };
    new MutationObserver(look).observe(document, {
        subtree: true, childList: true, attributeFilter: ['data-feed', 'data-feed-state'],
    });";

/// What a page noted. Instants are seconds since 1970.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Log {
    /// When frames came.
    pub frames: Vec<f64>,
    /// Each change of what the page showed.
    pub shown: Vec<Shown>,
}

/// What the page showed from an instant on.
#[derive(Clone, Debug, PartialEq)]
pub struct Shown {
    /// From when on, in seconds since 1970.
    pub at: f64,
    /// Whether the board was marked as not current.
    pub is_stale: bool,
    /// The feed's state.
    pub feed: String,
}

#[derive(Deserialize)]
struct Noted {
    frames: Vec<f64>,
    states: Vec<(f64, bool, String)>,
}

/// Lets the pages of the browser's current window take notes from the next one on.
///
/// # Errors
/// When the browser is gone.
pub async fn take_notes(browser: &Browser) -> Result<()> {
    browser
        .devtools(
            "Page.addScriptToEvaluateOnNewDocument",
            json!({"source": NOTE}),
        )
        .await
}

/// Reads the notes of the page in the current window.
///
/// # Errors
/// When it takes none.
pub async fn notes(browser: &Browser) -> Result<Log> {
    let noted = browser.script("return window.__watch").await?;
    let noted: Noted = serde_json::from_value(noted).context("the page takes no notes")?;
    Ok(Log {
        frames: noted.frames.into_iter().map(|ms| ms / 1_000.0).collect(),
        shown: noted
            .states
            .into_iter()
            .map(|(ms, is_stale, feed)| Shown {
                at: ms / 1_000.0,
                is_stale,
                feed,
            })
            .collect(),
    })
}

/// What came of one case.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Judgement {
    /// How long after the last frame it was shown that nothing is current, in seconds: the longest such span. `None`
    /// when frames never stopped for long enough.
    pub stale_after_s: Option<f64>,
    /// How long after healing the page was live, in seconds; 0 when it was live all along.
    pub live_after_s: f64,
}

/// The longer of two spans, of which either may not have been.
#[must_use]
pub fn longer(one: Option<f64>, other: Option<f64>) -> Option<f64> {
    one.into_iter().chain(other).reduce(f64::max)
}

impl Log {
    /// Whether the page is live at the end of the notes.
    #[must_use]
    pub fn is_live(&self) -> bool {
        self.shown
            .last()
            .is_some_and(|it| !it.is_stale && it.feed == "live")
    }

    /// Whether it has ever been shown since `from` that nothing is current.
    #[must_use]
    pub fn was_stale_since(&self, from: f64) -> bool {
        self.shown.iter().any(|it| it.is_stale && it.at >= from)
    }

    /// Judges what happened between the fault at `from`, its healing, and the notes' reading at `read_at`.
    ///
    /// # Errors
    /// With the promise that was broken.
    pub fn judge(
        &self,
        expected: Expected,
        from: f64,
        healed_at: f64,
        read_at: f64,
    ) -> Result<Judgement> {
        let stale_after_s = self.longest_until_stale(from, read_at)?;
        ensure!(
            expected == Expected::Honest || stale_after_s.is_some(),
            "no frame could come, and yet the page never said that it is not current: {self:?}"
        );
        let live_after_s = self
            .live_from(healed_at)
            .context("the page is not live again")?;
        ensure!(
            live_after_s <= LIVE_WITHIN_S,
            "the page was live {live_after_s:.1} s after healing, and {LIVE_WITHIN_S} s are promised"
        );
        Ok(Judgement {
            stale_after_s,
            live_after_s,
        })
    }

    /// For each silence that ends after `from`: how long it was until the page said so. The longest of them.
    fn longest_until_stale(&self, from: f64, read_at: f64) -> Result<Option<f64>> {
        let ends = self.frames.iter().skip(1).chain(std::iter::once(&read_at));
        let mut longest: Option<f64> = None;
        for (&began, &ended) in self.frames.iter().zip(ends) {
            if ended < from {
                continue;
            }
            let mut within = self
                .shown
                .iter()
                .filter(|it| it.at > began && it.at < ended);
            let said = within.clone().find(|it| it.is_stale);
            let after = said.map(|it| it.at - began);
            let due = began + STALE_WITHIN_S;
            ensure!(
                ended <= due
                    || (self.is_stale_at(due) && within.all(|it| it.is_stale || it.at <= due)),
                "no frame came for {:.1} s, and the page said so after {after:?} s: {self:?}",
                ended - began
            );
            longest = longer(longest, after);
        }
        Ok(longest)
    }

    fn is_stale_at(&self, at: f64) -> bool {
        let then = self.shown.iter().rfind(|it| it.at <= at);
        then.is_some_and(|it| it.is_stale)
    }

    /// How long after `healed_at` the page was live for good; 0 when it was so all along. `None` when it is not.
    fn live_from(&self, healed_at: f64) -> Option<f64> {
        let is_live = |it: &Shown| !it.is_stale && it.feed == "live";
        let last_not = self.shown.iter().rposition(|it| !is_live(it));
        let live = self.shown.get(last_not.map_or(0, |at| at + 1))?;
        Some((live.at - healed_at).max(0.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(at: f64, is_stale: bool, feed: &str) -> Shown {
        Shown {
            at,
            is_stale,
            feed: feed.to_owned(),
        }
    }

    /// Live until the last frame at 100, stale after `stale_after`, live again at 140.
    fn outage(stale_after: f64) -> Log {
        Log {
            frames: vec![90.0, 100.0, 140.0, 141.0],
            shown: vec![
                shown(80.0, false, "live"),
                shown(100.0 + stale_after, true, "not-live"),
                shown(140.0, false, "live"),
            ],
        }
    }

    #[test]
    fn a_promise_that_is_kept_is_measured_from_the_last_frame() {
        let judged = outage(25.1)
            .judge(Expected::Stale, 101.0, 135.0, 142.0)
            .expect("kept");
        assert!((judged.stale_after_s.expect("stale") - 25.1).abs() < 1e-6);
        assert!((judged.live_after_s - 5.0).abs() < 1e-6);
    }

    #[test]
    fn saying_so_late_or_never_or_coming_back_late_breaks_the_promise() {
        assert!(
            outage(25.9)
                .judge(Expected::Stale, 101.0, 135.0, 142.0)
                .is_ok()
        );
        assert!(
            outage(26.1)
                .judge(Expected::Stale, 101.0, 135.0, 142.0)
                .is_err()
        );
        assert!(
            outage(25.1)
                .judge(Expected::Stale, 101.0, 104.9, 142.0)
                .is_err()
        );
        let mut silent = outage(25.1);
        silent.shown.remove(1);
        assert!(silent.judge(Expected::Honest, 101.0, 135.0, 142.0).is_err());
        silent.shown.truncate(1);
        silent.frames = vec![90.0, 100.0];
        assert!(silent.judge(Expected::Honest, 101.0, 135.0, 142.0).is_err());
    }

    #[test]
    fn looking_current_again_without_a_frame_breaks_the_promise() {
        let mut flicker = outage(25.1);
        flicker.shown.insert(2, shown(130.0, false, "connecting"));
        assert!(flicker.judge(Expected::Stale, 101.0, 135.0, 142.0).is_err());
        // Being stale already is as good as becoming so.
        let mut still = outage(25.1);
        still.frames = vec![90.0, 100.0, 135.0, 170.0];
        still.shown[2].at = 170.0;
        assert!(still.judge(Expected::Stale, 101.0, 140.0, 171.0).is_ok());
    }

    #[test]
    fn a_page_that_heard_all_along_need_not_say_anything_unless_it_must() {
        let steady = Log {
            frames: (0..100).map(f64::from).collect(),
            shown: vec![shown(0.0, false, "live")],
        };
        let judged = steady
            .judge(Expected::Honest, 20.0, 60.0, 99.0)
            .expect("honest");
        assert_eq!((judged.stale_after_s, judged.live_after_s), (None, 0.0));
        assert!(steady.judge(Expected::Stale, 20.0, 60.0, 99.0).is_err());
    }
}
