//! Conditions in another language than the query bar's own: who knows that language reads them, and puts what it read into
//! a [`Query`] beside what every match fulfils, so that they are narrowed, bounded and refused as any other query.

use super::{Needs, Query, Searched, Verdict};
use std::{fmt, sync::Arc};

/// What a text of the query bar begins with that is no query of its own language but an expression of CEL.
pub const CEL_MARK: &str = "cel:";

/// A condition that was read.
pub trait Expression: fmt::Debug + Send + Sync {
    /// As it is written, with its mark.
    fn text(&self) -> &str;
    /// The parts of events that it reads: whoever may not see one of them is refused by name.
    fn names(&self) -> Needs;
    /// Does it ask for names of channels, sources or environments?
    fn asks_places(&self) -> bool;
    /// The whole keys that it names.
    fn keys(&self) -> Vec<Vec<u8>>;
    /// `None`: it could not be told, though all that it reads is there.
    fn judge(&self, event: &Searched<'_>) -> Option<Verdict>;
    /// Why judging was given up, if it was: what it would cost. A sentence for who asked.
    fn given_up(&self) -> Option<String>;
}

/// A [`Expression`] as a part of a query. Two are the same where their texts are.
#[derive(Debug, Clone)]
pub struct Formula(Arc<dyn Expression>);

impl Formula {
    pub fn new(condition: Arc<dyn Expression>) -> Self {
        Self(condition)
    }
}

impl std::ops::Deref for Formula {
    type Target = dyn Expression;
    fn deref(&self) -> &Self::Target {
        &*self.0
    }
}

impl PartialEq for Formula {
    fn eq(&self, other: &Self) -> bool {
        self.text() == other.text()
    }
}

impl Eq for Formula {}

impl Query {
    /// The expression that a text of the query bar holds, without its mark; `None`: it is a query.
    pub fn cel(text: &str) -> Option<&str> {
        text.trim_start().strip_prefix(CEL_MARK)
    }

    /// The condition of another language that it holds.
    pub fn formula(&self) -> Option<&Formula> {
        let mut found = None;
        self.each(&mut |node| {
            if let super::Expr::Formula(formula) = &node.expr {
                found = Some(formula);
            }
        });
        found
    }
}
