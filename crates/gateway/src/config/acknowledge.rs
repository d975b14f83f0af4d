//! What a product asks of those who acknowledge its incidents.

use serde::Deserialize;
use watchfloor_wire::lease::{AcknowledgePolicy, LeaseSpans, usual_spans};
use watchfloor_wire::notification::NotificationKind;
use watchfloor_wire::priority::Priority;

use super::product::{EscalationConfig, ProductConfig, ResponseConfig};

/// Whether an acknowledgement needs a note.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NoteRule {
    /// It does: whoever looks next should know what is being done.
    #[default]
    Required,
    /// It may have one.
    Optional,
}

impl NoteRule {
    /// Whether there must be one.
    #[must_use]
    pub const fn is_required(self) -> bool {
        matches!(self, Self::Required)
    }
}

impl ProductConfig {
    /// What the console's form needs to know; `None` when the product asks for the usual.
    #[must_use]
    pub fn acknowledge_policy(&self) -> Option<AcknowledgePolicy> {
        let policy = AcknowledgePolicy {
            note_required: self.acknowledge_note.is_required(),
            leases: [Priority::P0, Priority::P1, Priority::P2, Priority::P3]
                .into_iter()
                .filter_map(|priority| spans(priority, self.response_to(priority)?))
                .collect(),
            tells: self.told(|it| it.tells(NotificationKind::Acknowledged)),
            can_tell: self.told(|_| true),
        };
        (policy != AcknowledgePolicy::default()).then_some(policy)
    }
}

impl ProductConfig {
    /// The priorities for which there are channels at all, and for which `tells` holds.
    fn told(&self, tells: impl Fn(&ResponseConfig) -> bool) -> Vec<Priority> {
        let has_channels = |it: &ResponseConfig| {
            let of_step =
                |it: &EscalationConfig| it.channels.as_ref().is_some_and(|it| !it.is_empty());
            !it.channels.is_empty() || it.escalation.iter().any(of_step)
        };
        let all = [Priority::P0, Priority::P1, Priority::P2, Priority::P3].into_iter();
        let told = all.filter(|priority| {
            let response = self.response_to(*priority);
            response.is_some_and(|it| has_channels(it) && tells(it))
        });
        told.collect()
    }
}

/// The spans of a priority; `None` when they are the usual ones.
fn spans(priority: Priority, response: &ResponseConfig) -> Option<LeaseSpans> {
    let usual = usual_spans(priority);
    let default_ms = response.lease.map_or(usual.default_ms, |it| it.ms);
    let mut choices_ms = if response.lease_choices.is_empty() {
        usual.choices_ms.clone()
    } else {
        response.lease_choices.iter().map(|it| it.ms).collect()
    };
    choices_ms.push(default_ms);
    choices_ms.sort_unstable();
    choices_ms.dedup();
    let spans = LeaseSpans {
        priority,
        default_ms,
        choices_ms,
    };
    (spans != usual).then_some(spans)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;
    use watchfloor_wire::time::{HOUR_MS, MINUTE_MS};

    fn policy(text: &str) -> Option<AcknowledgePolicy> {
        let head = "id = \"shop\"\nname = \"Shop\"\n";
        let product: ProductConfig = toml::from_str(&format!("{head}{text}")).unwrap();
        product.acknowledge_policy()
    }

    #[test]
    fn a_product_that_says_nothing_asks_for_the_usual() {
        assert_eq!(policy("[response.P1]\nrespond_within = \"15m\"\n"), None);
        assert_eq!(policy("acknowledge_note = \"required\"\n"), None);
    }

    #[test]
    fn the_default_is_always_among_the_choices_and_the_shortest_stands_first() {
        let it = policy(
            "acknowledge_note = \"optional\"\n[response.P1]\nrespond_within = \"15m\"\nlease = \"45m\"\n\
             [response.P2]\nrespond_within = \"4h\"\nlease_choices = [\"1h\", \"10m\"]\n",
        )
        .unwrap();
        assert!(!it.note_required);
        let p1 = it.spans(Priority::P1);
        assert_eq!(p1.default_ms, 45 * MINUTE_MS);
        assert_eq!(
            p1.choices_ms,
            [30 * MINUTE_MS, 45 * MINUTE_MS, HOUR_MS, 2 * HOUR_MS]
        );
        let p2 = it.spans(Priority::P2);
        assert_eq!(p2.choices_ms, [10 * MINUTE_MS, HOUR_MS, 8 * HOUR_MS]);
        assert_eq!(it.spans(Priority::P3), usual_spans(Priority::P3));
    }

    #[test]
    fn channels_can_be_told_where_there_are_some_and_are_where_the_product_says_so() {
        let it = policy(
            "[response.P0]\nrespond_within = \"5m\"\nchannels = [\"slack\"]\ntell = [\"acknowledged\"]\n\
             [response.P1]\nrespond_within = \"15m\"\nchannels = [\"slack\"]\n\
             [response.P2]\nrespond_within = \"4h\"\n",
        )
        .unwrap();
        let told = [Priority::P0, Priority::P1, Priority::P2, Priority::P3]
            .map(|priority| it.tells(priority));
        assert_eq!(told, [Some(true), Some(false), None, None]);
    }
}
