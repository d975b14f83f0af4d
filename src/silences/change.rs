//! Another end or reason for a silence that goes on.

use leptos::ev;
use leptos::prelude::*;
use watchfloor_wire::problem::FieldProblem;
use watchfloor_wire::session::Role;
use watchfloor_wire::silence::Silence;
use watchfloor_wire::silence::request::{ChangeSilenceRequest, SilenceAnswer};
use watchfloor_wire::time::UnixMs;

use crate::api;
use crate::clock::use_clock;
use crate::sending::{Notice, Problems, Sender};
use crate::session::use_session;
use crate::store::use_stores;
use crate::ui::{Button, ButtonKind, Field, Moment, field_text, instant_of, use_toasts};

/// The change that the form stands for: what is as it was is left out.
///
/// # Errors
/// Everything that is wrong with it, for who is signed in.
fn validate(
    before: &Silence,
    until: &str,
    reason: &str,
    role: Role,
    now: UnixMs,
) -> Result<ChangeSilenceRequest, Vec<FieldProblem>> {
    let Some(at) = instant_of(until) else {
        let text = "Enter a day and a time in UTC.";
        return Err(vec![FieldProblem::new("expires_at", text)]);
    };
    let reason = reason.trim();
    let end = ends(before);
    // The field knows no seconds; what stands in it untouched is no change.
    let is_same = until == field_text(end);
    let request = ChangeSilenceRequest {
        expires_at: (!is_same).then_some(at),
        reason: (reason != before.reason).then(|| reason.to_owned()),
        ..ChangeSilenceRequest::default()
    };
    let mut problems = request.problems(before, now);
    let by_role = request.role_problem(before, role, now);
    problems.extend(by_role.map(|text| FieldProblem::new("expires_at", text)));
    if problems.is_empty() {
        Ok(request)
    } else {
        Err(problems)
    }
}

/// What is changed: the end of a silence, or of a series.
fn ends(silence: &Silence) -> UnixMs {
    let series = silence.recurrence.as_ref().and_then(|it| it.until);
    series.unwrap_or(silence.expires_at)
}

/// The form in the dialog. It keeps to the version that was seen when it was opened.
#[component]
pub(super) fn ChangeForm(
    /// The silence as it was seen.
    before: Silence,
    /// Runs when it was changed.
    on_done: Callback<()>,
) -> impl IntoView {
    let clock = use_clock();
    let session = use_session();
    let role = move || session.get().map_or(Role::Viewer, |it| it.role);
    let until = RwSignal::new(field_text(ends(&before)));
    let reason = RwSignal::new(before.reason.clone());
    let tried = RwSignal::new(false);
    let sender = Sender::new();
    let (stores, toasts) = (use_stores(), use_toasts());
    let before = StoredValue::new(before);
    let checked = move |now| {
        before.with_value(|before| {
            until.with(|until| reason.with(|reason| validate(before, until, reason, role(), now)))
        })
    };
    let problems = Problems::new(tried, sender, move || checked(clock.now()));
    let submit = move |event: ev::SubmitEvent| {
        event.prevent_default();
        tried.set(true);
        let Ok(request) = untrack(|| checked(clock.now_untracked())) else {
            return;
        };
        let (id, version) = before.with_value(|it| (it.id, it.version));
        sender.send(
            async move |key: String| api::change_silence(id, &request, version, &key).await,
            move |answer: SilenceAnswer| {
                stores.silence_answer(&answer);
                toasts.say(format!("{id} changed."));
                let _ = on_done.try_run(());
            },
        );
    };
    let (wrong_end, wrong_reason) = (problems.signal("expires_at"), problems.signal("reason"));
    view! {
        <form class="mon-form" novalidate on:submit=submit>
            <Moment control="change-until" label="Until" aside="UTC" value=until error=wrong_end/>
            <Field control="change-reason" label="Reason" aside="required" error=wrong_reason>
                <textarea
                    class="mon-textarea"
                    id="change-reason"
                    rows="2"
                    aria-describedby="change-reason-note"
                    aria-invalid=move || wrong_reason.get().map(|_| "true")
                    prop:value=move || reason.get()
                    on:input=move |event| reason.set(event_target_value(&event))
                ></textarea>
            </Field>
            <Notice state=sender.state/>
            <div class="mon-buttons">
                <Button kind=ButtonKind::Primary submit=true busy=sender.is_locked()>"Change"</Button>
            </div>
        </form>
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use watchfloor_wire::time::{DAY_MS, HOUR_MS};

    use super::*;

    fn silence() -> Silence {
        let golden = include_str!("../../crates/wire/golden/entity.silence.json");
        serde_json::from_str(golden).unwrap()
    }

    #[test]
    fn what_was_not_touched_is_not_sent() {
        let it = silence();
        let now = it.starts_at;
        let same = validate(
            &it,
            &field_text(it.expires_at),
            &it.reason,
            Role::Operator,
            now,
        )
        .unwrap();
        assert_eq!(same, ChangeSilenceRequest::default());
        let later = it.expires_at.plus_ms(HOUR_MS);
        let moved = validate(&it, &field_text(later), "other", Role::Operator, now).unwrap();
        assert_eq!(moved.reason.as_deref(), Some("other"));
        assert!(moved.expires_at.is_some() && moved.matchers.is_none());
    }

    #[test]
    fn the_same_limits_hold_as_for_a_new_one() {
        let it = silence();
        let now = it.starts_at;
        let field = |until: UnixMs, reason: &str, role| {
            let problems = validate(&it, &field_text(until), reason, role, now).err();
            problems
                .unwrap_or_default()
                .first()
                .map(|it| it.field.clone())
        };
        let far = now.plus_ms(2 * DAY_MS);
        assert_eq!(
            field(far, "r", Role::Operator).as_deref(),
            Some("expires_at")
        );
        assert_eq!(field(far, "r", Role::Admin), None);
        assert_eq!(
            field(now.plus_ms(-DAY_MS), "r", Role::Admin).as_deref(),
            Some("expires_at")
        );
        assert_eq!(
            field(it.expires_at, " ", Role::Admin).as_deref(),
            Some("reason")
        );
    }
}
