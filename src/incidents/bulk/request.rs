//! The request that a form for many incidents stands for. Pure.

use watchfloor_wire::action::{AcknowledgeRequest, NoteRequest};
use watchfloor_wire::bulk::{BulkAction, BulkItem, BulkRequest};
use watchfloor_wire::incident::LeaseScope;
use watchfloor_wire::permits::Action;
use watchfloor_wire::problem::FieldProblem;

/// The request that the form stands for.
///
/// # Errors
/// Everything that is wrong with it.
pub(super) fn validate(
    action: Action,
    items: Vec<BulkItem>,
    note: &str,
    lease_ms: i64,
) -> Result<BulkRequest, Vec<FieldProblem>> {
    let note = note.trim().to_owned();
    let action = match action {
        Action::Acknowledge => BulkAction::Acknowledge(AcknowledgeRequest {
            note,
            lease_ms,
            scope: LeaseScope::Severity,
            offer_to: None,
            notify: None,
        }),
        Action::Undo => BulkAction::Undo(NoteRequest { note }),
        _ => BulkAction::Resolve(NoteRequest { note }),
    };
    let request = BulkRequest { items, action };
    let mut problems = request.problems();
    // Among many there is always one whose product asks for a note.
    if let BulkAction::Acknowledge(body) = &request.action {
        problems = body.problems_for(true);
    }
    if problems.is_empty() {
        Ok(request)
    } else {
        Err(problems)
    }
}

#[cfg(test)]
mod tests {
    use watchfloor_wire::id::IncidentId;
    use watchfloor_wire::time::HOUR_MS;

    use super::*;

    fn items(count: u64) -> Vec<BulkItem> {
        (0..count)
            .map(|id| BulkItem {
                id: IncidentId(id),
                version: id + 1,
            })
            .collect()
    }

    #[test]
    fn many_need_one_note_and_undo_needs_none() {
        let none = validate(Action::Acknowledge, items(2), " ", HOUR_MS);
        assert_eq!(
            none.map_err(|it| it[0].field.clone()),
            Err("note".to_owned())
        );
        assert!(validate(Action::Acknowledge, items(2), "looking", HOUR_MS).is_ok());
        assert!(validate(Action::Resolve, items(2), "", HOUR_MS).is_err());
        assert!(validate(Action::Undo, items(2), "", HOUR_MS).is_ok());
    }
}
