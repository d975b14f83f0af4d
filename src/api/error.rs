//! Every failure of a request as one type with words.

use watchfloor_wire::problem::{FieldProblem, Problem};

/// Why a request has no answer that can be used.
#[derive(Clone, Debug, PartialEq)]
pub enum ApiError {
    /// The gateway could not be reached, or the connection broke.
    Network,
    /// No answer came in time.
    TimedOut,
    /// Nobody is signed in any more.
    SignedOut,
    /// The gateway refused, and says why.
    Refused(Box<Problem>),
    /// The gateway answered with something that is not of the expected shape.
    Unreadable {
        /// The HTTP status.
        status: u16,
        /// What was wrong with it.
        detail: String,
    },
}

impl ApiError {
    /// What happened and what to do, in a sentence or two.
    #[must_use]
    pub fn words(&self) -> String {
        match self {
            Self::Network => "No connection to the gateway.".to_owned(),
            Self::TimedOut => "The gateway did not answer in time.".to_owned(),
            Self::SignedOut => "The session has ended. Sign in again.".to_owned(),
            Self::Refused(problem) if problem.detail.is_empty() => format!("{}.", problem.title),
            Self::Refused(problem) => problem.detail.clone(),
            Self::Unreadable { status, .. } => {
                format!("The gateway's answer (status {status}) could not be read.")
            }
        }
    }

    /// Whether the request may have been carried out although no answer says so.
    #[must_use]
    pub fn leaves_outcome_open(&self) -> bool {
        match self {
            Self::Network | Self::TimedOut => true,
            Self::Unreadable { status, .. } => *status < 400 || *status >= 500,
            // A proxy answered, or the gateway broke down half-way: nothing is known of what was done.
            Self::Refused(problem) => matches!(problem.status, 500 | 502 | 504),
            Self::SignedOut => false,
        }
    }

    /// Whether the role of who is signed in does not allow it.
    #[must_use]
    pub fn is_forbidden(&self) -> bool {
        self.problem().is_some_and(|it| it.status == 403)
    }

    /// The problem as the gateway wrote it.
    #[must_use]
    pub fn problem(&self) -> Option<&Problem> {
        match self {
            Self::Refused(problem) => Some(problem),
            _ => None,
        }
    }

    /// What is wrong with one field of the request, when the gateway said so.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<&FieldProblem> {
        self.problem()?.errors.iter().find(|it| it.field == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(status: u16, detail: &str) -> ApiError {
        ApiError::Refused(Box::new(Problem {
            status,
            code: "x".to_owned(),
            title: "Not possible".to_owned(),
            detail: detail.to_owned(),
            errors: Vec::new(),
            current: None,
        }))
    }

    #[test]
    fn a_refusal_speaks_in_the_gateways_words() {
        assert_eq!(refused(409, "Somebody has it.").words(), "Somebody has it.");
        assert_eq!(refused(409, "").words(), "Not possible.");
    }

    #[test]
    fn only_missing_answers_leave_the_outcome_open() {
        assert!(ApiError::TimedOut.leaves_outcome_open());
        assert!(refused(504, "").leaves_outcome_open());
        assert!(!refused(409, "").leaves_outcome_open());
        assert!(!refused(503, "").leaves_outcome_open());
        assert!(!ApiError::SignedOut.leaves_outcome_open());
    }
}
