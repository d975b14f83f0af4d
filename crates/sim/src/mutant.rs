//! Mistakes that can be switched on, to prove that the simulation finds them.

/// One mistake, of the kind that the invariants forbid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mutant {
    /// The hub hears of changes before they are stored.
    PublishBeforeCommit,
    /// The store forgets its last transactions when the process dies, as a disk that lies about fsync.
    CommitsForgotten,
    /// An action is answered 200 although it could not be stored.
    AnswerBeforeCommit,
    /// A retry under the same key is carried out a second time.
    KeyForgotten,
    /// Coalesced frames miss a key.
    CoalescedKeyForgotten,
    /// A replica applies a frame that does not join.
    AppliedOverGap,
    /// A connection goes on although what its account may see has changed.
    RoleChangeIgnored,
    /// A connection goes on although its session was ended.
    RevocationIgnored,
    /// Acknowledging brings a resolved incident back.
    ResolvedComesBack,
    /// Escalation steps are taken while somebody has the incident.
    EscalatedWhileAcknowledged,
    /// The page shows the last status it was told, however old.
    AgeIgnored,
    /// The page takes whatever arrives for new.
    DelayIgnored,
    /// The network takes whatever the gateway writes, and keeps it.
    UnboundedSending,
}

impl Mutant {
    /// All of them.
    pub const ALL: [Self; 13] = [
        Self::PublishBeforeCommit,
        Self::CommitsForgotten,
        Self::AnswerBeforeCommit,
        Self::KeyForgotten,
        Self::CoalescedKeyForgotten,
        Self::AppliedOverGap,
        Self::RoleChangeIgnored,
        Self::RevocationIgnored,
        Self::ResolvedComesBack,
        Self::EscalatedWhileAcknowledged,
        Self::AgeIgnored,
        Self::DelayIgnored,
        Self::UnboundedSending,
    ];
}
