//! The outbox in memory: the same answers as SQLite's.

use std::cmp::Reverse;

use watchfloor_wire::notification::NotificationState;

use crate::notify::outbox::{MAX_ROWS, Notification, OutboxChange, OutboxQuery};
use crate::store::StoreError;

/// Carries the changes out, all or none.
pub(super) fn write(
    outbox: &mut Vec<Notification>,
    changes: &[OutboxChange],
) -> Result<(), StoreError> {
    let mut after = outbox.clone();
    for change in changes {
        match change {
            OutboxChange::Add(row) => {
                if !after.iter().any(|it| it.id == row.id) {
                    after.push(row.clone());
                }
            }
            OutboxChange::Move { from, row } => {
                let there = after
                    .iter_mut()
                    .find(|it| it.id == row.id && it.state == *from);
                let there = there.ok_or_else(|| StoreError::Moved { id: row.id.clone() })?;
                there.clone_from(row);
            }
        }
    }
    *outbox = after;
    Ok(())
}

/// See [`Store::notifications`](crate::store::Store::notifications).
pub(super) fn read(outbox: &[Notification], query: &OutboxQuery) -> Vec<Notification> {
    use NotificationState::{Dead, Delivered, Sending, Waiting};
    // With its place, by which rows of the same time are ordered.
    let all = outbox.iter().enumerate();
    let mut found: Vec<(usize, &Notification)> = match query {
        OutboxQuery::One(id) => all.filter(|(_, it)| it.id == *id).collect(),
        OutboxQuery::Waiting { channel } => all
            .filter(|(_, it)| it.state == Waiting && it.channel == *channel)
            .collect(),
        OutboxQuery::Of(incident) => all
            .filter(|(_, it)| it.settled_at.is_none() && it.incident() == Some(*incident))
            .collect(),
        OutboxQuery::Members(digest) => all
            .filter(|(_, it)| it.digest.as_ref() == Some(digest))
            .collect(),
        OutboxQuery::Unsettled => all
            .filter(|(_, it)| matches!(it.state, Waiting | Sending))
            .collect(),
        OutboxQuery::Dead(since) => all
            .filter(|(_, it)| it.state == Dead && it.settled_at >= Some(*since))
            .collect(),
        OutboxQuery::Recent => all.collect(),
        OutboxQuery::LastDelivered(channel) => all
            .filter(|(_, it)| it.state == Delivered && it.channel == *channel)
            .collect(),
        OutboxQuery::LastFailed(channel) => all
            .filter(|(_, it)| it.failed_at.is_some() && it.channel == *channel)
            .collect(),
    };
    let mut limit = MAX_ROWS;
    match query {
        OutboxQuery::Waiting { .. } => found.sort_by_key(|(place, it)| (it.next_at, *place)),
        OutboxQuery::Dead(_) => found.sort_by_key(|(place, it)| Reverse((it.settled_at, *place))),
        OutboxQuery::Recent => found.reverse(),
        OutboxQuery::LastDelivered(_) => {
            found.sort_by_key(|(place, it)| Reverse((it.settled_at, *place)));
            limit = 1;
        }
        OutboxQuery::LastFailed(_) => {
            found.sort_by_key(|(place, it)| Reverse((it.failed_at, *place)));
            limit = 1;
        }
        OutboxQuery::One(_)
        | OutboxQuery::Of(_)
        | OutboxQuery::Members(_)
        | OutboxQuery::Unsettled => {}
    }
    found
        .into_iter()
        .take(limit)
        .map(|(_, it)| it.clone())
        .collect()
}
