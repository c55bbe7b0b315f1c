//! From the parser's tree to the one that is evaluated; what is not known is told here, before any event is looked at.

use crate::{
    functions::{Call, Function},
    mistake::Place,
    node::{Binary, Field, Loop, Node, Step},
};
use cel::{
    IdedExpr,
    common::ast::{ComprehensionExpr, EntryExpr, Expr, LiteralValue, SourceInfo, operators},
    parser::Parser,
};
use regex::RegexBuilder;
use weir_domain::{
    events::HEX_MARK,
    search::{self, Comparison, Needs, Op, QueryError, Span, Text},
};

/// Deepest expression; `&&` and `||` count once for all that stands side by side.
pub const DEEPEST: usize = 64;
/// Macros in one another: each goes over all that the outer ones come to.
pub const DEEPEST_LOOPS: usize = 3;
/// The parser's own limit, above ours: what it counts is its rules.
const DEEPEST_RULES: u16 = 160;
/// Longest pattern, and what it may become.
const LONGEST_PATTERN: usize = 1024;
const LARGEST_PATTERN: usize = 1 << 20;

/// What stands beside an event's payload, and the payload, by name.
pub const FIELDS: &[(&str, &str)] = &[
    ("type", "the event's type"),
    ("channel", "the channel's name"),
    ("source", "the source's name"),
    ("environment", "the environment's name"),
    ("key", "the key: a text, bytes where it is none, or null"),
    ("headers", "headers by name, in any case"),
    ("time", "the event's time"),
    ("captured", "when it was captured"),
    ("partition", "the broker's number of the partition"),
    ("offset", "the position in the partition"),
    ("size", "bytes of key, headers and payload"),
    ("payload", "the payload as it reads; null is a tombstone"),
    ("event", "all of these, as in event.type"),
];

fn field(name: &str) -> Option<Field> {
    Some(match name {
        "type" => Field::Type,
        "channel" => Field::Channel,
        "source" => Field::Source,
        "environment" => Field::Environment,
        "key" => Field::Key,
        "headers" => Field::Headers,
        "time" => Field::Time,
        "captured" => Field::Captured,
        "partition" => Field::Partition,
        "offset" | "position" => Field::Offset,
        "size" => Field::Size,
        "payload" => Field::Payload,
        _ => return None,
    })
}

fn type_named(name: &str) -> Option<&'static str> {
    ["int", "uint", "double", "bool", "string", "bytes", "list", "map", "null_type"].into_iter().find(|t| *t == name)
}

pub(crate) struct Compiled {
    pub(crate) node: Node,
    pub(crate) needs: Needs,
    pub(crate) places: bool,
    pub(crate) keys: Vec<Vec<u8>>,
    /// What every match fulfils, in the query language's words.
    pub(crate) fulfilled: Vec<search::Node>,
}

pub(crate) fn compile(text: &str, source: &str) -> Result<Compiled, QueryError> {
    let place = Place { text, source };
    let parser = Parser::new().max_recursion_depth(DEEPEST_RULES);
    let (tree, info) = parser.parse_with_source_info(source).map_err(|errors| place.told(&errors))?;
    let mut compiler = Compiler {
        place,
        info,
        needs: Needs::default(),
        places: false,
        keys: Vec::new(),
        locals: Vec::new(),
        loops: 0,
    };
    let node = compiler.node(&tree, 0)?;
    if matches!(
        node,
        Node::Null
            | Node::Int(_)
            | Node::UInt(_)
            | Node::Double(_)
            | Node::Text(_)
            | Node::Bytes(_)
            | Node::List(_)
            | Node::Map(_)
    ) {
        return Err(compiler.at(&tree, "a condition, which is true or false, as in data.amount > 900"));
    }
    let fulfilled = fulfilled(&node);
    let Compiler { needs, places, keys, .. } = compiler;
    Ok(Compiled { node, needs, places, keys, fulfilled })
}

struct Compiler<'t> {
    place: Place<'t>,
    info: SourceInfo,
    needs: Needs,
    places: bool,
    keys: Vec<Vec<u8>>,
    /// Names of macros' variables; two for each macro that is open.
    locals: Vec<String>,
    loops: usize,
}

impl Compiler<'_> {
    fn at(&self, expr: &IdedExpr, expected: impl Into<String>) -> QueryError {
        let span = match self.info.offset_for(expr.id) {
            Some((start, stop)) => {
                let (start, stop) = (start as usize, stop as usize);
                self.place.span(start, (stop + 1).saturating_sub(start))
            }
            None => self.place.span(0, 0),
        };
        self.place.error(span, expected)
    }

    fn node(&mut self, expr: &IdedExpr, depth: usize) -> Result<Node, QueryError> {
        if depth > DEEPEST {
            let error = self.at(expr, format!("nothing nested here: an expression goes at most {DEEPEST} deep"));
            return Err(error.todo("Leave out brackets that change nothing."));
        }
        Ok(match &expr.expr {
            Expr::Literal(literal) => match literal {
                LiteralValue::Boolean(b) => Node::Bool(*b.inner()),
                LiteralValue::Bytes(b) => Node::Bytes(b.inner().to_vec()),
                LiteralValue::Double(n) => Node::Double(*n.inner()),
                LiteralValue::Int(n) => Node::Int(*n.inner()),
                LiteralValue::Null => Node::Null,
                LiteralValue::String(s) => Node::Text(s.inner().to_owned()),
                LiteralValue::UInt(n) => Node::UInt(*n.inner()),
            },
            Expr::Ident(name) => self.name(expr, name)?,
            Expr::Select(select) => {
                if let Expr::Ident(name) = &select.operand.expr
                    && name == "event"
                    && !self.locals.contains(name)
                {
                    return self.of_event(expr, &select.field, select.test);
                }
                let of = Box::new(self.node(&select.operand, depth + 1)?);
                match select.test {
                    true => Node::Has(of, select.field.clone()),
                    false => Node::Select(of, select.field.clone()),
                }
            }
            Expr::List(list) => {
                Node::List(list.elements.iter().map(|e| self.node(e, depth + 1)).collect::<Result<_, _>>()?)
            }
            Expr::Map(map) => {
                let mut entries = Vec::with_capacity(map.entries.len());
                for entry in &map.entries {
                    let EntryExpr::MapEntry(entry) = &entry.expr else {
                        return Err(self.at(expr, "keys and values, as in {\"a\": 1}"));
                    };
                    entries.push((self.node(&entry.key, depth + 1)?, self.node(&entry.value, depth + 1)?));
                }
                Node::Map(entries)
            }
            Expr::Struct(_) | Expr::Unspecified => {
                return Err(self.at(expr, "no message: there are lists, maps and values"));
            }
            Expr::Comprehension(of) => self.of_loop(expr, of, depth)?,
            Expr::Call(call) => {
                let mut arguments: Vec<&IdedExpr> = call.target.iter().map(|t| &**t).collect();
                arguments.extend(&call.args);
                match call.func_name.as_str() {
                    name @ (operators::LOGICAL_AND | operators::LOGICAL_OR) => {
                        let mut flat = Vec::new();
                        flatten(expr, name, &mut flat);
                        let nodes = flat.into_iter().map(|e| self.node(e, depth + 1)).collect::<Result<_, _>>()?;
                        if name == operators::LOGICAL_AND { Node::All(nodes) } else { Node::Any(nodes) }
                    }
                    name => match (operator(name), arguments.as_slice()) {
                        (Some(op), [a, b]) => {
                            let both = [self.node(a, depth + 1)?, self.node(b, depth + 1)?];
                            self.note_keys(op, &both);
                            Node::Binary(op, Box::new(both))
                        }
                        _ => self.call(expr, name, call.target.is_some(), &arguments, depth)?,
                    },
                }
            }
        })
    }

    fn call(
        &mut self,
        expr: &IdedExpr,
        name: &str,
        method: bool,
        arguments: &[&IdedExpr],
        depth: usize,
    ) -> Result<Node, QueryError> {
        match (name, arguments) {
            (operators::LOGICAL_NOT, [of]) => return Ok(Node::Not(Box::new(self.node(of, depth + 1)?))),
            (operators::NOT_STRICTLY_FALSE, [of]) => return Ok(Node::NotFalse(Box::new(self.node(of, depth + 1)?))),
            (operators::NEGATE, [of]) => return Ok(Node::Negate(Box::new(self.node(of, depth + 1)?))),
            (operators::INDEX, [of, key]) => {
                return Ok(Node::Index(Box::new([self.node(of, depth + 1)?, self.node(key, depth + 1)?])));
            }
            (operators::CONDITIONAL, [condition, then, otherwise]) => {
                let all =
                    [self.node(condition, depth + 1)?, self.node(then, depth + 1)?, self.node(otherwise, depth + 1)?];
                return Ok(Node::If(Box::new(all)));
            }
            ("matches", [of, pattern]) => {
                let Expr::Literal(LiteralValue::String(text)) = &pattern.expr else {
                    return Err(self.at(pattern, "a pattern in quotes: it is read once, not for each event"));
                };
                let text = text.inner();
                let regex = (text.len() <= LONGEST_PATTERN).then(|| {
                    RegexBuilder::new(text)
                        .size_limit(LARGEST_PATTERN)
                        .dfa_size_limit(LARGEST_PATTERN)
                        .nest_limit(50)
                        .build()
                });
                let Some(Ok(regex)) = regex else {
                    let error = self.at(pattern, "a pattern (RE2) that can be read and is not too large");
                    return Err(
                        error.todo("Patterns know no look-around and no references back; repeats are multiplied.")
                    );
                };
                return Ok(Node::Matches(Box::new(self.node(of, depth + 1)?), regex));
            }
            _ => {}
        }
        let Some((function, how, least, most)) = Function::named(name) else {
            let error = self.at(expr, format!("a function that is known, not {}", told(name)));
            return Err(error.todo(
                "There are size, contains, startsWith, endsWith, matches, lowerAscii, upperAscii, trim, int, uint, double, string, bool, bytes, type, timestamp, duration, getHours and its like, has, all, exists, exists_one, map and filter.",
            ));
        };
        let fits = match how {
            Call::Plain => !method,
            Call::Method => method,
            Call::Either => true,
        };
        if !fits || !(least..=most).contains(&arguments.len()) {
            let example = match how {
                Call::Plain | Call::Either => format!("one value in its brackets, as in {name}(data.amount)"),
                Call::Method if least == 2 => {
                    format!("a text before it and one in its brackets, as in type.{name}(\"order\")")
                }
                Call::Method => format!("a value before it, as in time.{name}()"),
            };
            return Err(self.at(expr, example));
        }
        let given = arguments.iter().map(|e| self.node(e, depth + 1)).collect::<Result<_, _>>()?;
        Ok(Node::Call(function, given))
    }

    fn name(&mut self, expr: &IdedExpr, name: &str) -> Result<Node, QueryError> {
        if let Some(slot) = self.locals.iter().rposition(|local| local == name) {
            return Ok(Node::Local(slot));
        }
        let name = name.strip_prefix('.').unwrap_or(name);
        if name == "event" {
            return Err(self.at(expr, "a field of the event, as in event.type"));
        }
        if let Some(field) = field(name) {
            return Ok(self.field(field));
        }
        if let Some(name) = type_named(name) {
            return Ok(Node::Type(name));
        }
        self.needs.payload = true;
        Ok(Node::Member(name.to_owned()))
    }

    fn of_event(&mut self, expr: &IdedExpr, name: &str, test: bool) -> Result<Node, QueryError> {
        match field(name) {
            // Every event has them.
            Some(_) if test => Ok(Node::Bool(true)),
            Some(field) => Ok(self.field(field)),
            None => {
                let names: Vec<_> = FIELDS.iter().map(|(name, _)| *name).filter(|n| *n != "event").collect();
                Err(self.at(expr, format!("a field of the event: {}", names.join(", "))))
            }
        }
    }

    fn field(&mut self, field: Field) -> Node {
        match field {
            Field::Key => self.needs.key = true,
            Field::Headers => self.needs.headers = true,
            Field::Payload => self.needs.payload = true,
            Field::Channel | Field::Source | Field::Environment => self.places = true,
            _ => {}
        }
        Node::Field(field)
    }

    fn of_loop(&mut self, expr: &IdedExpr, of: &ComprehensionExpr, depth: usize) -> Result<Node, QueryError> {
        if self.loops == DEEPEST_LOOPS {
            let error =
                self.at(expr, format!("no further macro: all, exists, map and filter go at most {DEEPEST_LOOPS} deep"));
            return Err(error.todo("Each goes over all that the outer ones come to."));
        }
        if of.iter_var2.is_some() {
            return Err(self.at(expr, "one name for each element"));
        }
        let over = self.node(&of.iter_range, depth + 1)?;
        let init = self.node(&of.accu_init, depth + 1)?;
        let at = self.locals.len();
        self.locals.extend([of.accu_var.clone(), of.iter_var.clone()]);
        self.loops += 1;
        let while_true = self.node(&of.loop_cond, depth + 1)?;
        let step = self.step(of, depth + 1)?;
        let result = self.node(&of.result, depth + 1)?;
        self.loops -= 1;
        self.locals.truncate(at);
        Ok(Node::Loop(Box::new(Loop { over, init, while_true, step, result, at })))
    }

    /// `map` and `filter` add to a list, which is no new list each time.
    fn step(&mut self, of: &ComprehensionExpr, depth: usize) -> Result<Step, QueryError> {
        let is_result = |e: &IdedExpr| matches!(&e.expr, Expr::Ident(name) if *name == of.accu_var);
        let added = |e: &IdedExpr| match &e.expr {
            Expr::Call(call) if call.func_name == operators::ADD => match call.args.as_slice() {
                [result, more] if is_result(result) => match &more.expr {
                    Expr::List(list) if list.elements.len() == 1 => list.elements.first().cloned(),
                    _ => None,
                },
                _ => None,
            },
            _ => None,
        };
        if let Some(element) = added(&of.loop_step) {
            return Ok(Step::Append(None, self.node(&element, depth)?));
        }
        if let Expr::Call(call) = &of.loop_step.expr
            && call.func_name == operators::CONDITIONAL
            && let [condition, then, otherwise] = call.args.as_slice()
            && is_result(otherwise)
            && let Some(element) = added(then)
        {
            let condition = self.node(condition, depth)?;
            return Ok(Step::Append(Some(condition), self.node(&element, depth)?));
        }
        Ok(Step::Becomes(self.node(&of.loop_step, depth)?))
    }

    /// Keys that are asked for by name: who looked for whom is to be known.
    fn note_keys(&mut self, op: Binary, both: &[Node; 2]) {
        let named: Vec<&Node> = match (op, both) {
            (Binary::Equal | Binary::NotEqual, [Node::Field(Field::Key), other] | [other, Node::Field(Field::Key)]) => {
                vec![other]
            }
            (Binary::In, [Node::Field(Field::Key), Node::List(all)]) => all.iter().collect(),
            _ => return,
        };
        self.keys.extend(named.into_iter().filter_map(|node| match node {
            Node::Text(text) => Some(text.as_bytes().to_vec()),
            Node::Bytes(bytes) => Some(bytes.clone()),
            _ => None,
        }));
    }
}

/// All that stands side by side between `&&`, or between `||`.
fn flatten<'e>(expr: &'e IdedExpr, name: &str, flat: &mut Vec<&'e IdedExpr>) {
    let mut left = vec![expr];
    while let Some(expr) = left.pop() {
        match &expr.expr {
            Expr::Call(call) if call.func_name == name => left.extend(call.args.iter().rev()),
            _ => flat.push(expr),
        }
    }
}

fn operator(name: &str) -> Option<Binary> {
    Some(match name {
        operators::EQUALS => Binary::Equal,
        operators::NOT_EQUALS => Binary::NotEqual,
        operators::LESS => Binary::Less,
        operators::LESS_EQUALS => Binary::AtMost,
        operators::GREATER => Binary::Greater,
        operators::GREATER_EQUALS => Binary::AtLeast,
        operators::ADD => Binary::Add,
        operators::SUBSTRACT => Binary::Subtract,
        operators::MULTIPLY => Binary::Multiply,
        operators::DIVIDE => Binary::Divide,
        operators::MODULO => Binary::Remainder,
        operators::IN => Binary::In,
        _ => return None,
    })
}

/// A name that somebody wrote, as far as it is one.
fn told(name: &str) -> String {
    let mut chars = name.chars().filter(|c| c.is_alphanumeric() || *c == '_');
    let name: String = chars.by_ref().take(40).collect();
    format!("`{name}`")
}

/// Names and a key that every match has: the store goes by what it knows of them.
fn fulfilled(node: &Node) -> Vec<search::Node> {
    let all = match node {
        Node::All(nodes) => nodes.as_slice(),
        one => std::slice::from_ref(one),
    };
    all.iter().filter_map(equality).collect()
}

fn equality(node: &Node) -> Option<search::Node> {
    let Node::Binary(Binary::Equal, both) = node else { return None };
    let ([Node::Field(field), Node::Text(text)] | [Node::Text(text), Node::Field(field)]) = &**both else {
        return None;
    };
    let field = match field {
        Field::Type => search::Field::Type,
        Field::Channel => search::Field::Channel,
        Field::Source => search::Field::Source,
        Field::Environment => search::Field::Environment,
        // The query language reads it as bytes.
        Field::Key if !text.starts_with(HEX_MARK) => search::Field::Key,
        _ => return None,
    };
    let none = Span::default();
    Some(search::Node::of(search::Expr::Compare(Comparison {
        field,
        field_span: none,
        op: Op::Equal,
        op_span: none,
        value: Text::Quoted(text.clone()),
        value_span: none,
    })))
}
