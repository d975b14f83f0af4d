//! How far the chain is proved, in words.

use leptos::prelude::*;
use watchfloor_wire::audit::AuditProof;
use watchfloor_wire::status::Status;
use watchfloor_wire::time::UnixMs;

use crate::ui::{Age, StatusIcon, date, format, second_of_day};

/// Up to which row the chain holds, since when that is known, or where it is broken.
#[component]
pub(super) fn Proof(
    /// What the gateway found.
    proof: AuditProof,
    /// The newest row's number.
    newest: u64,
) -> impl IntoView {
    let (status, words) = verdict(&proof, newest);
    let when = proof
        .verified_at
        .map(|at| view! { "Reached "<Age at=at/>". " });
    let since = proof.begun_at.map(begun);
    let role = if status == Status::Down {
        "alert"
    } else {
        "status"
    };
    view! {
        <div class="mon-audit-proof mon-card" role=role data-status=status.word()>
            <StatusIcon status=status/>
            <div>
                <p class="mon-audit-verdict">{words}</p>
                <p class="mon-meta">{when}{since}</p>
            </div>
        </div>
    }
}

/// What the walk found. A part that was not walked yet is unknown, and not well.
fn verdict(proof: &AuditProof, newest: u64) -> (Status, String) {
    let grouped = |row: u64| format::grouped(i64::try_from(row).unwrap_or(i64::MAX));
    let to = grouped(proof.verified_to);
    if let Some(broken) = &proof.broken {
        let row = grouped(broken.row);
        let words = format!("The chain is broken at row {row}: {}.", broken.why);
        return (Status::Down, words);
    }
    if proof.verified_to < newest {
        let words = format!("The chain is proved up to row {to} of {}.", grouped(newest));
        return (Status::Unknown, words);
    }
    if newest == 0 {
        return (
            Status::Unknown,
            "There are no rows to prove yet.".to_owned(),
        );
    }
    let words = format!("The chain holds up to row {to}, the newest.");
    (Status::Ok, words)
}

fn begun(at: UnixMs) -> String {
    format!(
        "The walk set out from row 1 on {}, {} UTC; what was changed behind it shows to the next, within six hours.",
        date(at),
        second_of_day(at)
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use watchfloor_wire::audit::AuditBreak;

    #[test]
    fn only_a_chain_that_was_walked_to_its_end_is_well() {
        let proof = |to: u64, broken: Option<u64>| AuditProof {
            verified_to: to,
            broken: broken.map(|row| AuditBreak {
                row,
                why: "it was changed".to_owned(),
            }),
            ..AuditProof::default()
        };
        for (proof, newest, expected) in [
            (proof(0, None), 0, Status::Unknown),
            (proof(6, None), 7, Status::Unknown),
            (proof(7, None), 7, Status::Ok),
            // A row came after the page was asked for.
            (proof(8, None), 7, Status::Ok),
            (proof(4, Some(5)), 7, Status::Down),
        ] {
            assert_eq!(verdict(&proof, newest).0, expected, "{proof:?}");
        }
    }
}
