//! What an order about a silence leaves behind: a row of the audit, and the answer that a retry gets again.

use watchfloor_wire::silence::Silence;
use watchfloor_wire::time::UnixMs;

use super::action::SilenceOrder;
use crate::change::{AuditRow, KeptAnswer};

/// A silence's row of the audit: what it mutes and until when, before and after.
pub(super) fn audit_row(
    silence: &Silence,
    before: Option<&Silence>,
    actor: &str,
    action: &str,
    note: &str,
    now: UnixMs,
) -> AuditRow {
    let state = |it: &Silence| {
        serde_json::json!({
            "version": it.version,
            "matchers": it.matchers.iter().map(ToString::to_string).collect::<Vec<_>>(),
            "starts_at": it.starts_at,
            "expires_at": it.expires_at,
            "ended_at": it.ended_at,
            "reason": it.reason,
        })
    };
    let detail = serde_json::json!({
        "before": before.map(state),
        "after": state(silence),
        "note": note,
    });
    AuditRow {
        at: now,
        actor: actor.to_owned(),
        action: action.to_owned(),
        subject: format!("silence/{}", silence.id.0),
        detail: detail.to_string(),
    }
}

/// The JSON of [`watchfloor_wire::silence::request::SilenceAnswer`], whose sequence number the store fills in.
pub(super) fn answer(
    silence: &Silence,
    replaced: Option<&Silence>,
    order: &SilenceOrder,
    now: UnixMs,
) -> KeptAnswer {
    // A silence is plain data and always has a JSON form; an empty object would be refused by every reader.
    let json = |it: &Silence| serde_json::to_string(it).unwrap_or_else(|_| "{}".to_owned());
    let replaced = replaced.map_or_else(String::new, |it| format!(",\"replaced\":{}", json(it)));
    let body = format!(
        "{{\"silence\":{}{replaced},\"seq\":{{{{SEQ}}}}}}",
        json(silence)
    );
    order.identity().answer(200, body, now)
}
