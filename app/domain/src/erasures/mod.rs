//! Erasure (decision 4): a subject's key, headers and payload are taken out of every stored event that holds it. One
//! person asks, an engine counts, a second person approves, the engine erases. Identity and position stay, with who asked,
//! who approved, when and why.

mod port;
mod request;
mod subject;

pub use port::{
    By, Decided, Decision, Eraser, ErasureRefused, Erasures, KeptSubject, NewErasure, SubjectVault, Walk, Walked,
};
pub use request::{
    Counted, DAYS_OPEN, ErasedBy, Erasure, ErasureDetail, ErasurePage, ErasureState, LONGEST_REASON, LONGEST_WORD,
    MOST_OPEN, MOST_SHOWN,
};
pub use subject::{LONGEST_SUBJECT, LONGEST_VALUE, MOST_EVENTS, SHORTEST_VALUE, Subject, SubjectKind, event_ids};
