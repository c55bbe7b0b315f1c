//! What a query is once it is read. Where something stands in the text is no part of what it means: `==` compares
//! meanings only.

use super::{Formula, Span, Text};
use crate::access::{Permission, View};

/// What somebody looks for. Without a root it is every event.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Query {
    pub root: Option<Node>,
}

#[derive(Debug, Clone)]
pub struct Node {
    pub span: Span,
    pub expr: Expr,
}

impl PartialEq for Node {
    fn eq(&self, other: &Self) -> bool {
        self.expr == other.expr
    }
}

impl Eq for Node {}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Expr {
    /// Two or more, none of them an `And`.
    And(Vec<Node>),
    /// Two or more, none of them an `Or`.
    Or(Vec<Node>),
    Not(Box<Node>),
    /// A word or phrase, anywhere in key, headers and payload.
    Free(Text),
    Compare(Comparison),
    /// In another language; the parser makes none.
    Formula(Formula),
}

/// `field op value`.
#[derive(Debug, Clone)]
pub struct Comparison {
    pub field: Field,
    pub field_span: Span,
    pub op: Op,
    pub op_span: Span,
    pub value: Text,
    pub value_span: Span,
}

impl PartialEq for Comparison {
    fn eq(&self, other: &Self) -> bool {
        (&self.field, self.op, &self.value) == (&other.field, other.op, &other.value)
    }
}

impl Eq for Comparison {}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Op {
    /// `:`
    Matches,
    /// `=`
    Equal,
    /// `!=`
    NotEqual,
    /// `>`
    Above,
    /// `>=`
    AtLeast,
    /// `<`
    Below,
    /// `<=`
    AtMost,
}

impl Op {
    /// Those of two characters first, so that the first that fits is the right one.
    pub const ALL: &'static [Self] =
        &[Self::NotEqual, Self::AtLeast, Self::AtMost, Self::Matches, Self::Equal, Self::Above, Self::Below];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Matches => ":",
            Self::Equal => "=",
            Self::NotEqual => "!=",
            Self::Above => ">",
            Self::AtLeast => ">=",
            Self::Below => "<",
            Self::AtMost => "<=",
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Field {
    Type,
    Channel,
    Source,
    Environment,
    Key,
    /// The letters of a header's name; their case is no matter.
    Header(String),
    /// The broker's number of the partition.
    Partition,
    /// The position inside the partition.
    Offset,
    /// Bytes of key, headers and payload.
    Size,
    /// What events are sorted by: their own time, or else the time of capture.
    Time,
    Captured,
    /// The payload as a whole: only whether there is one.
    Payload,
    /// Somewhere inside a JSON payload.
    Path(Path),
}

/// At least one step.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Path(pub Vec<Step>);

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Step {
    /// Every member of this name. Arrays on the way are looked through.
    Member(String),
    /// This element of an array, from 0.
    Element(u32),
    /// Every element of an array: `[*]`.
    Elements,
}

/// The parts of an event that a query looks into, each of them a permission.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Needs {
    pub key: bool,
    pub headers: bool,
    pub payload: bool,
}

impl Needs {
    /// What a view shows of it.
    pub fn seen(self, view: &View) -> Self {
        Self {
            key: self.key && view.key(),
            headers: self.headers && view.headers(),
            payload: self.payload && view.payload(),
        }
    }

    /// And what it does not.
    pub fn unseen(self, view: &View) -> Self {
        let seen = self.seen(view);
        Self {
            key: self.key && !seen.key,
            headers: self.headers && !seen.headers,
            payload: self.payload && !seen.payload,
        }
    }

    pub const fn any(self) -> bool {
        self.key || self.headers || self.payload
    }

    /// Their names.
    pub fn parts(self) -> impl Iterator<Item = &'static str> {
        let each = [(self.key, "key"), (self.headers, "headers"), (self.payload, "payload")];
        each.into_iter().filter(|(needed, _)| *needed).map(|(_, part)| part)
    }

    pub fn permissions(self) -> impl Iterator<Item = Permission> {
        let each = [
            (self.key, Permission::EventsKey),
            (self.headers, Permission::EventsHeaders),
            (self.payload, Permission::EventsPayload),
        ];
        each.into_iter().filter(|(needed, _)| *needed).map(|(_, permission)| permission)
    }
}

impl Query {
    pub fn of(expr: Expr) -> Self {
        Self { root: Some(Node::of(expr)) }
    }

    /// Both must hold.
    pub fn and(self, other: Self) -> Self {
        match (self.root, other.root) {
            (Some(a), Some(b)) => Self { root: Some(Node::all(vec![a, b])) },
            (a, b) => Self { root: a.or(b) },
        }
    }

    /// What the query looks into. What of it may not be seen, or is not there, leaves events unknown.
    pub fn needs(&self) -> Needs {
        self.parts(true)
    }

    /// What its comparisons name: whoever may not see that is refused by name. Free words are not counted, for they
    /// look into what may be seen.
    pub fn names(&self) -> Needs {
        self.parts(false)
    }

    fn parts(&self, free: bool) -> Needs {
        let mut needs = Needs::default();
        self.each(&mut |node| match &node.expr {
            Expr::Free(text) if free && !text.is_any() => needs = Needs { key: true, headers: true, payload: true },
            Expr::Compare(c) => match c.field {
                Field::Key => needs.key = true,
                Field::Header(_) => needs.headers = true,
                Field::Payload | Field::Path(_) => needs.payload = true,
                _ => {}
            },
            Expr::Formula(formula) => {
                let of = formula.names();
                needs.key |= of.key;
                needs.headers |= of.headers;
                needs.payload |= of.payload;
            }
            _ => {}
        });
        needs
    }

    /// Every node, parents first.
    pub fn each<'a>(&'a self, f: &mut impl FnMut(&'a Node)) {
        let mut left: Vec<&Node> = self.root.iter().collect();
        while let Some(node) = left.pop() {
            f(node);
            match &node.expr {
                Expr::And(all) | Expr::Or(all) => left.extend(all.iter().rev()),
                Expr::Not(inner) => left.push(inner),
                Expr::Free(_) | Expr::Compare(_) | Expr::Formula(_) => {}
            }
        }
    }
}

impl Node {
    pub fn of(expr: Expr) -> Self {
        let expr = match expr {
            Expr::Free(text) => Expr::Free(text.free()),
            other => other,
        };
        Self { span: Span::default(), expr }
    }

    /// All of them; one alone is itself. At least one.
    pub fn all(nodes: Vec<Self>) -> Self {
        Self::joined(nodes, Expr::And, |e| if let Expr::And(all) = e { Ok(all) } else { Err(e) })
    }

    /// Any of them; one alone is itself. At least one.
    pub fn any(nodes: Vec<Self>) -> Self {
        Self::joined(nodes, Expr::Or, |e| if let Expr::Or(all) = e { Ok(all) } else { Err(e) })
    }

    fn joined(nodes: Vec<Self>, join: fn(Vec<Self>) -> Expr, split: fn(Expr) -> Result<Vec<Self>, Expr>) -> Self {
        let span = match (nodes.first(), nodes.last()) {
            (Some(a), Some(z)) => Span::new(a.span.start, z.span.end),
            _ => Span::default(),
        };
        let mut flat = Vec::with_capacity(nodes.len());
        for node in nodes {
            match split(node.expr) {
                Ok(inner) => flat.extend(inner),
                Err(expr) => flat.push(Self { span: node.span, expr }),
            }
        }
        match flat.pop() {
            Some(only) if flat.is_empty() => only,
            Some(last) => {
                flat.push(last);
                Self { span, expr: join(flat) }
            }
            None => Self { span, expr: join(flat) },
        }
    }
}
