//! What is being written about an override, and whether it can be sent. Pure.

use watchfloor_wire::on_call::OverrideRequest;
use watchfloor_wire::problem::FieldProblem;
use watchfloor_wire::time::{HOUR_MS, UnixMs};

use crate::ui::instant_of;

/// The form as it stands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Draft {
    pub(super) rotation: String,
    /// Empty while nobody is chosen.
    pub(super) person: String,
    /// When it begins, as the browser's field writes it; empty for now.
    pub(super) starts: String,
    /// When it ends, as the browser's field writes it; empty while it is not written.
    pub(super) ends: String,
    pub(super) reason: String,
}

/// The request that the form stands for.
///
/// # Errors
/// Everything that is wrong with it.
pub(super) fn validate(draft: &Draft, now: UnixMs) -> Result<OverrideRequest, Vec<FieldProblem>> {
    let mut problems = Vec::new();
    if draft.person.is_empty() {
        problems.push(FieldProblem::new("person", "Choose who takes the turn."));
    }
    let (starts_at, ends_at) = (instant_of(&draft.starts), instant_of(&draft.ends));
    if starts_at.is_none() && !draft.starts.trim().is_empty() {
        let text = "Enter a day and a time in UTC, or leave it empty for now.";
        problems.push(FieldProblem::new("starts_at", text));
    }
    if ends_at.is_none() {
        let text = "Enter a day and a time in UTC.";
        problems.push(FieldProblem::new("ends_at", text));
    }
    let begins = starts_at.unwrap_or(now);
    let request = OverrideRequest {
        rotation: draft.rotation.clone(),
        person: draft.person.clone(),
        starts_at,
        // A span stands in for an end that is missing, so that the other fields are judged too.
        ends_at: ends_at.unwrap_or(begins.max(now).plus_ms(HOUR_MS)),
        reason: draft.reason.trim().to_owned(),
    };
    problems.extend(request.problems(now));
    if problems.is_empty() {
        Ok(request)
    } else {
        Err(problems)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::field_text;

    const NOW: UnixMs = UnixMs(1_795_761_000_000);

    fn fields(draft: &Draft) -> Vec<String> {
        let problems = validate(draft, NOW).err().unwrap_or_default();
        problems.into_iter().map(|it| it.field).collect()
    }

    #[test]
    fn an_untouched_form_says_what_is_missing() {
        assert_eq!(fields(&Draft::default()), ["person", "ends_at"]);
    }

    #[test]
    fn a_form_that_is_right_begins_now_unless_it_says_when() {
        let mut it = Draft {
            rotation: "primary".to_owned(),
            person: "omar".to_owned(),
            ends: field_text(NOW.plus_ms(HOUR_MS)),
            reason: " dentist ".to_owned(),
            ..Draft::default()
        };
        let request = validate(&it, NOW);
        assert_eq!(request.as_ref().map(|it| it.reason.as_str()), Ok("dentist"));
        assert_eq!(request.map(|it| it.starts_at), Ok(None));
        it.starts = field_text(NOW.plus_ms(2 * HOUR_MS));
        assert_eq!(fields(&it), ["ends_at"]);
        it.starts = "soon".to_owned();
        assert_eq!(fields(&it), ["starts_at"]);
    }
}
