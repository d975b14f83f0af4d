//! The request that a form for many incidents stands for. Pure.

use watchfloor_wire::action::{AcknowledgeRequest, NoteRequest};
use watchfloor_wire::bulk::{BulkAction, BulkItem, BulkRequest};
use watchfloor_wire::incident::LeaseScope;
use watchfloor_wire::permits::Action;
use watchfloor_wire::problem::FieldProblem;

/// Of how many the channels are told that they are acknowledged, unless somebody chooses.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Told {
    /// Whose products tell them.
    by_policy: usize,
    /// Who could be told at all.
    can: usize,
}

impl Told {
    /// Counts what the policies of the incidents say, by [`AcknowledgePolicy::tells`].
    ///
    /// [`AcknowledgePolicy::tells`]: watchfloor_wire::lease::AcknowledgePolicy::tells
    pub(super) fn count(policies: impl Iterator<Item = Option<bool>>) -> Self {
        policies.flatten().fold(Self::default(), |all, tells| Self {
            by_policy: all.by_policy + usize::from(tells),
            can: all.can + 1,
        })
    }

    /// Whether there is anything to choose.
    pub(super) const fn is_possible(self) -> bool {
        self.can > 0
    }

    /// What comes of not choosing.
    pub(super) fn words(self) -> String {
        match self.by_policy {
            0 => "Their products tell no channel.".to_owned(),
            all if all == self.can => "Their products tell the channels.".to_owned(),
            some => format!("Their products tell the channels of {some}."),
        }
    }
}

/// What is written for all of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct BulkDraft {
    pub(super) note: String,
    /// For how long they are acknowledged, in milliseconds.
    pub(super) lease_ms: i64,
    /// Whether the channels are told that they are acknowledged; `None` leaves it to each one's product.
    pub(super) notify: Option<bool>,
}

/// The request that the form stands for.
///
/// # Errors
/// Everything that is wrong with it.
pub(super) fn validate(
    action: Action,
    items: Vec<BulkItem>,
    draft: &BulkDraft,
) -> Result<BulkRequest, Vec<FieldProblem>> {
    let note = draft.note.trim().to_owned();
    let action = match action {
        Action::Acknowledge => BulkAction::Acknowledge(AcknowledgeRequest {
            note,
            lease_ms: draft.lease_ms,
            scope: LeaseScope::Severity,
            offer_to: None,
            notify: draft.notify,
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

    fn draft(note: &str, notify: Option<bool>) -> BulkDraft {
        BulkDraft {
            note: note.to_owned(),
            lease_ms: HOUR_MS,
            notify,
        }
    }

    #[test]
    fn many_need_one_note_and_undo_needs_none() {
        let validate = |action, items, note: &str| validate(action, items, &draft(note, None));
        let none = validate(Action::Acknowledge, items(2), " ");
        assert_eq!(
            none.map_err(|it| it[0].field.clone()),
            Err("note".to_owned())
        );
        assert!(validate(Action::Acknowledge, items(2), "looking").is_ok());
        assert!(validate(Action::Resolve, items(2), "").is_err());
        assert!(validate(Action::Undo, items(2), "").is_ok());
    }

    #[test]
    fn whether_the_channels_are_told_is_sent_as_it_was_chosen() {
        for notify in [None, Some(true), Some(false)] {
            let request = validate(Action::Acknowledge, items(2), &draft("looking", notify));
            let Ok(BulkRequest {
                action: BulkAction::Acknowledge(body),
                ..
            }) = request
            else {
                panic!("not sent: {request:?}")
            };
            assert_eq!(body.notify, notify);
        }
    }

    #[test]
    fn what_comes_of_not_choosing_is_said() {
        for (policies, words) in [
            (&[None, None][..], None),
            (
                &[Some(false), None],
                Some("Their products tell no channel."),
            ),
            (
                &[Some(true), Some(true), None],
                Some("Their products tell the channels."),
            ),
            (
                &[Some(true), Some(false)],
                Some("Their products tell the channels of 1."),
            ),
        ] {
            let told = Told::count(policies.iter().copied());
            let said = told.is_possible().then(|| told.words());
            assert_eq!(said.as_deref(), words, "{policies:?}");
        }
    }
}
