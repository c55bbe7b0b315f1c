use super::PersonState;
use crate::Timestamp;

/// Why the store did not carry an act out. Decided within the act's own transaction, under the lock that all such acts
/// take: whoever comes at the same time is seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refused {
    /// There is no such person or request.
    Absent,
    /// Who acts has lost `people.edit`, or their account, since the request began.
    NoLonger,
    /// Somebody changed the person after the form was opened. `by`: their name.
    Overtaken { by: Option<String>, at: Timestamp },
    /// Nobody who may edit people would be left.
    LastOne,
    /// Nobody gives rights to themselves.
    OwnRights,
    /// Nobody makes a link for themselves.
    OwnLink,
    /// Somebody has this log-in name.
    LoginTaken,
    /// Grant `row` (from 1) names an environment or source that there is not, or a source of another environment.
    NoSuchPlace { row: usize },
    /// What the person is does not allow it.
    State(PersonState),
    /// The person has asked for this role, and nobody has answered yet.
    AskedAlready { at: Timestamp },
    /// Somebody has answered in between.
    Answered { by: Option<String>, at: Timestamp },
}
