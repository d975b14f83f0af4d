//! What an action's body says, checked: form, lengths, and that the person whom it names may act.

use serde::de::DeserializeOwned;
use watchfloor_wire::action::{
    AcknowledgeRequest, AssignRequest, LinkRequest, MergeRequest, NoteRequest, RenewRequest,
    ReviewRequest, note_problems,
};
use watchfloor_wire::permits::Action;
use watchfloor_wire::problem::FieldProblem;

use super::Api;
use super::failure::Failure;
use super::policy::ACTORS;
use crate::auth::AuthError;
use crate::engine::{ActionBody, Recipient};

/// Reads the body of an action that `account` asks for.
///
/// # Errors
/// A 400 that names the fields, or a 503 when accounts cannot be read.
pub async fn read(
    api: &Api,
    kind: Action,
    account: &str,
    json: &str,
) -> Result<ActionBody, Failure> {
    Ok(match kind {
        Action::Acknowledge => acknowledge(api, account, parse(json)?).await?,
        Action::Undo => ActionBody::Undo(note(json, false)?),
        Action::Renew => {
            let body: RenewRequest = parse(json)?;
            check(body.problems())?;
            ActionBody::Renew(body)
        }
        Action::Release => ActionBody::Release(note(json, false)?),
        Action::HandOver => {
            let body: AssignRequest = parse(json)?;
            check(note_problems(&body.note, false))?;
            ActionBody::HandOver {
                to: somebody_else(api, "account", account, &body.account).await?,
                note: body.note,
            }
        }
        Action::Accept => ActionBody::Accept(note(json, false)?),
        Action::Decline => ActionBody::Decline(note(json, false)?),
        Action::Withdraw => ActionBody::Withdraw(note(json, false)?),
        Action::Comment => ActionBody::Comment(note(json, true)?),
        Action::Assign => {
            let body: AssignRequest = parse(json)?;
            check(note_problems(&body.note, false))?;
            let to = recipient(api, "account", &body.account).await?;
            ActionBody::Assign {
                account: to.account,
                name: to.name,
                note: body.note,
            }
        }
        Action::Escalate => ActionBody::Escalate(note(json, false)?),
        Action::Resolve => ActionBody::Resolve(note(json, true)?),
        Action::Merge => {
            let body: MergeRequest = parse(json)?;
            check(note_problems(&body.note, false))?;
            ActionBody::Merge(body)
        }
        Action::Link => {
            let body: LinkRequest = parse(json)?;
            check(note_problems(&body.note, false))?;
            ActionBody::Link(body)
        }
        Action::Review => {
            let body: ReviewRequest = parse(json)?;
            check(body.problems())?;
            ActionBody::Review(body)
        }
    })
}

async fn acknowledge(
    api: &Api,
    account: &str,
    body: AcknowledgeRequest,
) -> Result<ActionBody, Failure> {
    check(body.problems())?;
    Ok(match body.offer_to.clone() {
        // Who acknowledges for themselves offers it to nobody.
        Some(to) if to != account => {
            let to = recipient(api, "offer_to", &to).await?;
            ActionBody::AcknowledgeFor(body, to)
        }
        _ => ActionBody::Acknowledge(body),
    })
}

fn parse<T: DeserializeOwned>(json: &str) -> Result<T, Failure> {
    serde_json::from_str(json)
        .map_err(|error| Failure::invalid(format!("The body is not what is expected: {error}.")))
}

fn note(json: &str, needed: bool) -> Result<NoteRequest, Failure> {
    let body: NoteRequest = parse(json)?;
    check(note_problems(&body.note, needed))?;
    Ok(body)
}

/// Refuses what has problems.
///
/// # Errors
/// A 400 that names them.
pub fn check(problems: Vec<FieldProblem>) -> Result<(), Failure> {
    if problems.is_empty() {
        Ok(())
    } else {
        Err(Failure::fields(problems))
    }
}

async fn somebody_else(
    api: &Api,
    field: &'static str,
    asking: &str,
    wanted: &str,
) -> Result<Recipient, Failure> {
    if asking == wanted {
        let text = "You have it yourself. Name somebody else.";
        return Err(Failure::fields(vec![FieldProblem::new(field, text)]));
    }
    recipient(api, field, wanted).await
}

async fn recipient(api: &Api, field: &'static str, wanted: &str) -> Result<Recipient, Failure> {
    let name = wanted.to_owned();
    let account = api.auth().off_thread(move |auth| auth.account(&name)).await;
    match account {
        Ok(account) if ACTORS.contains(&account.role) && !account.disabled => Ok(Recipient {
            account: account.name,
            name: account.display_name,
        }),
        Ok(_) | Err(AuthError::NoSuchAccount(_)) => Err(Failure::fields(vec![FieldProblem::new(
            field,
            "Name an account with the operator or admin role.",
        )])),
        Err(error) => Err(Failure::unavailable("Accounts could not be read", &error)),
    }
}
