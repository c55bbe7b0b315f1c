use crate::{Timestamp, TokenId, access::Role};

/// A token as its person sees it in the list. The secret was shown once and is nowhere any more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenShown {
    pub id: TokenId,
    pub name: String,
    /// As chosen when it was made; what it may today is what its person has of them.
    pub roles: Vec<Role>,
    pub made: Timestamp,
    pub expires: Timestamp,
    /// To the minute; `None`: never.
    pub last_used: Option<Timestamp>,
}
