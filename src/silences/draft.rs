//! What is being written about a silence, and whether it can be sent. Pure.

use watchfloor_wire::incident::Incident;
use watchfloor_wire::problem::FieldProblem;
use watchfloor_wire::session::Role;
use watchfloor_wire::silence::request::SilenceRequest;
use watchfloor_wire::silence::{MatchField, MatchOperator, Matcher, SilenceKind};
use watchfloor_wire::time::{HOUR_MS, UnixMs};

use super::weekly::Weekly;
use super::when::Lasts;
use crate::ui::instant_of;

/// The form as it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Draft {
    pub(super) kind: SilenceKind,
    pub(super) matchers: Vec<Matcher>,
    /// When it begins, as the browser's field writes it; empty for now.
    pub(super) starts: String,
    pub(super) lasts: Lasts,
    /// For [`Lasts::Until`].
    pub(super) until: String,
    /// How it comes back; `None` when it does not. Only maintenance does.
    pub(super) weekly: Option<Weekly>,
    pub(super) reason: String,
    /// Whether everything is meant, where the conditions leave nothing out.
    pub(super) everything: bool,
}

impl Draft {
    /// How it comes back, where that is asked for and possible.
    pub(super) fn series(&self) -> Option<&Weekly> {
        let comes_back = self.kind == SilenceKind::Maintenance;
        self.weekly.as_ref().filter(|_| comes_back)
    }

    /// An untouched form; of an incident it begins with what that is about.
    pub(super) fn new(about: Option<&Incident>) -> Self {
        Self {
            kind: SilenceKind::Silence,
            matchers: vec![about.map_or_else(
                || Matcher::new(MatchField::Product, MatchOperator::Is, ""),
                matcher_of,
            )],
            starts: String::new(),
            lasts: Lasts::For(HOUR_MS),
            until: String::new(),
            weekly: None,
            reason: String::new(),
            everything: false,
        }
    }
}

fn matcher_of(incident: &Incident) -> Matcher {
    let is = MatchOperator::Is;
    match &incident.check {
        Some(check) => Matcher::new(MatchField::Check, is, check.as_str()),
        None => Matcher::new(MatchField::Product, is, incident.product.as_str()),
    }
}

/// When it would end; the field problem when that cannot be said.
pub(super) fn ends_at(draft: &Draft, now: UnixMs) -> Result<UnixMs, FieldProblem> {
    if let Some(weekly) = draft.series() {
        return weekly.ends_at();
    }
    let begins_at = instant_of(&draft.starts).map_or(now, |at| at.max(now));
    draft.lasts.end(begins_at, &draft.until)
}

/// The request that the form stands for.
///
/// # Errors
/// Everything that is wrong with it, for who is signed in.
pub(super) fn validate(
    draft: &Draft,
    role: Role,
    now: UnixMs,
) -> Result<SilenceRequest, Vec<FieldProblem>> {
    let mut problems = Vec::new();
    let starts_at = instant_of(&draft.starts);
    if starts_at.is_none() && !draft.starts.trim().is_empty() {
        let text = "Enter a day and a time in UTC, or leave it empty for now.";
        problems.push(FieldProblem::new("starts_at", text));
    }
    // The span stands in for an end that is missing, so that the other fields are judged too.
    let expires_at = ends_at(draft, now).unwrap_or_else(|problem| {
        problems.push(problem);
        starts_at.unwrap_or(now).plus_ms(HOUR_MS)
    });
    let request = SilenceRequest {
        kind: draft.kind,
        matchers: draft.matchers.iter().map(trimmed).collect(),
        starts_at,
        expires_at,
        reason: draft.reason.trim().to_owned(),
        recurrence: draft.series().map(Weekly::recurrence),
        everything: draft.everything,
    };
    problems.extend(request.problems(now));
    if request.matchers.is_empty() && !draft.everything {
        let text = "This mutes everything. Add a condition, or say that everything is meant.";
        problems.push(FieldProblem::new("everything", text));
    }
    if let (true, Some(text)) = (problems.is_empty(), request.role_problem(role, now)) {
        problems.push(FieldProblem::new("expires_at", text));
    }
    if problems.is_empty() {
        Ok(request)
    } else {
        Err(problems)
    }
}

/// The condition as it is sent: blanks around what was typed are no part of it.
pub(super) fn trimmed(it: &Matcher) -> Matcher {
    Matcher {
        label: it.label.as_ref().map(|name| name.trim().to_owned()),
        ..Matcher::new(it.field, it.operator, it.value.trim())
    }
}

/// Another field for a condition. A label begins without a name, and only it has one.
pub(super) fn choose_field(it: &mut Matcher, field: MatchField) {
    it.field = field;
    it.label = (field == MatchField::Label).then(String::new);
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use watchfloor_wire::time::DAY_MS;

    use super::*;

    const NOW: UnixMs = UnixMs(1_795_761_000_000);

    fn incident() -> Incident {
        let golden = include_str!("../../crates/wire/golden/entity.incident.json");
        serde_json::from_str(golden).unwrap()
    }

    fn draft() -> Draft {
        let mut it = Draft::new(Some(&incident()));
        it.reason = "moving".to_owned();
        it
    }

    fn fields(it: &Draft, role: Role) -> Vec<String> {
        let problems = validate(it, role, NOW).err().unwrap_or_default();
        problems.into_iter().map(|it| it.field).collect()
    }

    #[test]
    fn a_form_of_an_incident_begins_with_what_it_is_about() {
        let about = incident();
        let request = validate(&draft(), Role::Operator, NOW).unwrap();
        let named = about.check.map_or(about.product.0, |it| it.0);
        assert_eq!(request.matchers[0].value, named);
        assert_eq!(request.expires_at, NOW.plus_ms(HOUR_MS));
    }

    #[test]
    fn an_untouched_form_says_what_is_missing() {
        let it = Draft::new(None);
        assert_eq!(fields(&it, Role::Operator), ["matchers.0.value", "reason"]);
    }

    #[test]
    fn everything_must_be_meant() {
        let mut it = draft();
        it.matchers.clear();
        assert_eq!(fields(&it, Role::Operator), ["everything"]);
        it.everything = true;
        assert!(fields(&it, Role::Operator).is_empty());
    }

    #[test]
    fn wrong_times_are_told_where_they_stand() {
        let mut it = draft();
        it.starts = "soon".to_owned();
        it.lasts = Lasts::Until;
        assert_eq!(fields(&it, Role::Operator), ["starts_at", "expires_at"]);
        it.starts = String::new();
        it.until = crate::ui::field_text(NOW.plus_ms(2 * DAY_MS));
        assert_eq!(fields(&it, Role::Operator), ["expires_at"]);
        assert!(fields(&it, Role::Admin).is_empty());
    }

    #[test]
    fn a_series_is_maintenance_for_admins_and_says_what_is_missing() {
        let mut it = draft();
        it.weekly = Some(Weekly::new("UTC".to_owned(), NOW));
        assert_eq!(validate(&it, Role::Admin, NOW).unwrap().recurrence, None);
        it.kind = SilenceKind::Maintenance;
        let request = validate(&it, Role::Admin, NOW).unwrap();
        assert_eq!(request.recurrence.map(|it| it.at).as_deref(), Some("02:00"));
        assert_eq!(request.expires_at, NOW.plus_ms(90 * DAY_MS));
        assert_eq!(fields(&it, Role::Operator), ["expires_at"]);
        if let Some(weekly) = &mut it.weekly {
            weekly.days.clear();
            weekly.at = String::new();
            weekly.until = String::new();
        }
        assert_eq!(
            fields(&it, Role::Admin),
            ["expires_at", "recurrence.days", "recurrence.at"]
        );
    }

    #[test]
    fn blanks_around_a_value_are_not_sent() {
        let mut it = draft();
        it.matchers[0].value = " shop.api ".to_owned();
        it.matchers
            .push(Matcher::of_label(" team ", MatchOperator::Is, " core "));
        let request = validate(&it, Role::Operator, NOW).unwrap();
        assert_eq!(request.matchers[0].value, "shop.api");
        assert_eq!(request.matchers[1].to_string(), "label team is core");
    }

    #[test]
    fn a_label_is_named_and_no_other_field_is() {
        let mut it = draft();
        let matcher = &mut it.matchers[0];
        choose_field(matcher, MatchField::Label);
        assert_eq!(fields(&it, Role::Operator), ["matchers.0.label"]);
        it.matchers[0].label = Some("team".to_owned());
        assert!(fields(&it, Role::Operator).is_empty());
        choose_field(&mut it.matchers[0], MatchField::Rule);
        assert_eq!(it.matchers[0].label, None);
        assert!(fields(&it, Role::Operator).is_empty());
    }
}
