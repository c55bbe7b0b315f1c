//! Expressions of CEL (the Common Expression Language) over events, for what the query bar's own language can't say.
//!
//! `cel` reads the text and expands its macros; what an expression may read, cost and say is decided here: it is compiled
//! once ([`read`]), bounded in length and depth, and judges each event in bounded steps, without I/O, over values that are
//! borrowed from the event.
//!
//! # What it reads
//!
//! `type`, `channel`, `source`, `environment` (texts), `key` (text; bytes where it is no text; null), `headers` (by name,
//! in any case: a text, or a list where a name stands more than once), `time`, `captured` (timestamps), `partition`,
//! `offset` or `position`, `size` (ints), `payload` (an object or list as paths of the query language read it, else a
//! text or bytes; null is a tombstone). Each also as a field of `event`. Any other name is a member of the payload.
//!
//! # Bounds
//!
//! [`LONGEST`] bytes, [`DEEPEST`] levels, [`DEEPEST_LOOPS`] macros in one another, [`MOST_STEPS`] steps an event and
//! [`MOST_STEPS_IN_ALL`] for one call; patterns of `matches` are literals, compiled once, and take linear time.

mod compile;
mod evaluate;
mod functions;
mod mistake;
mod node;
mod offered;
mod operators;
mod times;
mod value;

pub use compile::{DEEPEST, DEEPEST_LOOPS, FIELDS};
pub use evaluate::{MOST_STEPS, MOST_STEPS_IN_ALL};
pub use offered::{CALLABLE, Callable, Written};

use compile::Compiled;
use evaluate::{Frame, Stop};
use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};
use value::Value;
use weir_domain::search::{
    CEL_MARK, Expr, Expression, Formula, Needs, Node, Query, QueryError, Searched, Span, Verdict,
};

/// Longest expression, in bytes.
pub const LONGEST: usize = 4096;

/// Brackets in one another, before anything is read.
const DEEPEST_BRACKETS: usize = 32;
/// What the parser may need; it is given it for that long only.
const STACK: usize = 64 << 20;

/// A text of the query bar that begins with `cel:`, as a query.
///
/// # Errors
/// Where it is no expression, or a larger one than is judged.
pub fn read(text: &str) -> Result<Query, QueryError> {
    let Some(source) = Query::cel(text) else { return Query::parse(text) };
    let base = text.len() - source.len();
    if source.len() > LONGEST {
        let from = text.floor_char_boundary(base + LONGEST);
        return Err(QueryError::new(
            text,
            Span::new(from, text.len()),
            format!("the end: an expression has at most {LONGEST} bytes"),
        ));
    }
    if source.trim().is_empty() {
        let end = Span::new(text.len(), text.len());
        return Err(QueryError::new(text, end, "an expression, as in cel: data.amount > 900"));
    }
    if let Some(at) = too_deep(source) {
        let bracket = Span::new(base + at, base + at + 1);
        return Err(QueryError::new(
            text,
            bracket,
            format!("nothing nested here: brackets go at most {DEEPEST_BRACKETS} deep"),
        )
        .todo("Leave out brackets that change nothing."));
    }
    let compiled = on_a_stack_of_its_own(text, source)?;
    let Compiled { node, needs, places, keys, fulfilled } = compiled;
    let formula = Cel { text: format!("{CEL_MARK}{source}"), node, needs, places, keys, steps: AtomicU64::new(0) };
    let mut all = fulfilled;
    all.push(Node::of(Expr::Formula(Formula::new(Arc::new(formula)))));
    Ok(Query { root: Some(Node::all(all)) })
}

/// Parsers of generated code go deep; whatever they do, the caller's thread stands.
fn on_a_stack_of_its_own(text: &str, source: &str) -> Result<Compiled, QueryError> {
    std::thread::scope(|scope| {
        let reader =
            std::thread::Builder::new().stack_size(STACK).spawn_scoped(scope, || compile::compile(text, source));
        reader.ok().and_then(|reader| reader.join().ok())
    })
    .unwrap_or_else(|| {
        Err(QueryError::new(text, Span::new(text.len() - source.len(), text.len()), "an expression that can be read"))
    })
}

/// The bracket that goes too deep. What looks like a text is passed over; the parser has a limit of its own.
fn too_deep(source: &str) -> Option<usize> {
    let (mut open, mut quote, mut escaped) = (0_usize, None, false);
    for (at, b) in source.bytes().enumerate() {
        match (quote, b) {
            (Some(_), _) if escaped => escaped = false,
            (Some(_), b'\\') => escaped = true,
            (Some(q), _) if q == b => quote = None,
            (Some(_), _) => {}
            (None, b'"' | b'\'') => quote = Some(b),
            (None, b'(' | b'[' | b'{') => {
                open += 1;
                if open > DEEPEST_BRACKETS {
                    return Some(at);
                }
            }
            (None, b')' | b']' | b'}') => open = open.saturating_sub(1),
            _ => {}
        }
    }
    None
}

/// An expression that was read, and what judging by it has cost so far.
#[derive(Debug)]
struct Cel {
    text: String,
    node: node::Node,
    needs: Needs,
    places: bool,
    keys: Vec<Vec<u8>>,
    steps: AtomicU64,
}

impl Expression for Cel {
    fn text(&self) -> &str {
        &self.text
    }

    fn names(&self) -> Needs {
        self.needs
    }

    fn asks_places(&self) -> bool {
        self.places
    }

    fn keys(&self) -> Vec<Vec<u8>> {
        self.keys.clone()
    }

    fn judge(&self, event: &Searched<'_>) -> Option<Verdict> {
        if self.steps.load(Ordering::Relaxed) > MOST_STEPS_IN_ALL {
            return Some(Verdict::Unknown);
        }
        let payload = evaluate::Payload::default();
        let mut frame = Frame::new(event, &payload);
        let verdict = match frame.value(&self.node) {
            Ok(Value::Bool(matches)) => Some(Verdict::of(matches)),
            // What is not there, or hidden, is no fault of the expression.
            Err(Stop::Absent) => Some(Verdict::Unknown),
            Ok(_) | Err(Stop::Failed | Stop::TooMuch) => None,
        };
        self.steps.fetch_add(frame.cost(), Ordering::Relaxed);
        verdict
    }

    fn given_up(&self) -> Option<String> {
        (self.steps.load(Ordering::Relaxed) > MOST_STEPS_IN_ALL).then(|| {
            format!(
                "The expression takes too long: {} million steps did not do for the events of one call.",
                MOST_STEPS_IN_ALL / 1_000_000
            )
        })
    }
}
