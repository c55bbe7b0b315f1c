//! An expression as it is evaluated: names are resolved, patterns compiled, functions known.

use crate::functions::Function;
use regex::Regex;

#[derive(Debug)]
pub(crate) enum Node {
    Null,
    Bool(bool),
    Int(i64),
    UInt(u64),
    Double(f64),
    Text(String),
    Bytes(Vec<u8>),
    /// The name of a type, as `type(x)` gives it.
    Type(&'static str),
    /// A variable of a macro, by its place among those that are open.
    Local(usize),
    Field(Field),
    /// Of the payload's outermost object.
    Member(String),
    Select(Box<Node>, String),
    Has(Box<Node>, String),
    Index(Box<[Node; 2]>),
    List(Vec<Node>),
    Map(Vec<(Node, Node)>),
    /// `&&`, all in one.
    All(Vec<Node>),
    /// `||`
    Any(Vec<Node>),
    Not(Box<Node>),
    /// True unless it is false: what fails lets a macro go on.
    NotFalse(Box<Node>),
    Negate(Box<Node>),
    If(Box<[Node; 3]>),
    Binary(Binary, Box<[Node; 2]>),
    Call(Function, Vec<Node>),
    Matches(Box<Node>, Regex),
    Loop(Box<Loop>),
}

/// `all`, `exists`, `exists_one`, `map` and `filter`. Its two variables stand side by side, the result first.
#[derive(Debug)]
pub(crate) struct Loop {
    pub(crate) over: Node,
    pub(crate) init: Node,
    pub(crate) while_true: Node,
    pub(crate) step: Step,
    pub(crate) result: Node,
    pub(crate) at: usize,
}

#[derive(Debug)]
pub(crate) enum Step {
    Becomes(Node),
    /// To the list that is the result, where the condition holds.
    Append(Option<Node>, Node),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Binary {
    Equal,
    NotEqual,
    Less,
    AtMost,
    Greater,
    AtLeast,
    Add,
    Subtract,
    Multiply,
    Divide,
    Remainder,
    In,
}

/// What stands beside the payload, and the payload.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Field {
    Type,
    Channel,
    Source,
    Environment,
    Key,
    Headers,
    Time,
    Captured,
    Partition,
    Offset,
    Size,
    Payload,
}
