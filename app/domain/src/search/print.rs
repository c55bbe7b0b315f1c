//! The canonical text of a query: read again, it is the same query.

use super::{Comparison, Expr, Field, Node, Path, Pattern, Query, Step, Text, fields};
use std::fmt::{self, Display, Formatter, Write as _};

impl Display for Query {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        self.root.as_ref().map_or(Ok(()), |root| root.fmt(f))
    }
}

impl Display for Node {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match &self.expr {
            Expr::And(all) => list(f, all, " ", |e| matches!(e, Expr::Or(_) | Expr::And(_))),
            Expr::Or(all) => list(f, all, " OR ", |e| matches!(e, Expr::Or(_))),
            Expr::Not(inner) => {
                f.write_str("NOT ")?;
                inner.within(f, matches!(inner.expr, Expr::And(_) | Expr::Or(_)))
            }
            Expr::Free(text) => text.write(f, false),
            Expr::Compare(c) => c.fmt(f),
            Expr::Formula(formula) => f.write_str(formula.text()),
        }
    }
}

impl Node {
    fn within(&self, f: &mut Formatter<'_>, brackets: bool) -> fmt::Result {
        if brackets { write!(f, "({self})") } else { self.fmt(f) }
    }
}

fn list(f: &mut Formatter<'_>, all: &[Node], between: &str, brackets: fn(&Expr) -> bool) -> fmt::Result {
    for (i, node) in all.iter().enumerate() {
        if i > 0 {
            f.write_str(between)?;
        }
        node.within(f, brackets(&node.expr))?;
    }
    Ok(())
}

impl Display for Comparison {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.field, self.op.as_str())?;
        self.value.write(f, true)
    }
}

impl Display for Field {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Path(path) => path.fmt(f),
            Self::Header(name) => {
                f.write_str("header.")?;
                if name.split('.').all(is_name) { f.write_str(name) } else { quoted(f, name) }
            }
            plain => f.write_str(fields::name(plain)),
        }
    }
}

impl Display for Path {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        // A member called like a field of the event, or no member at all, needs the word that says where paths begin.
        let own = matches!(self.0.first(), Some(Step::Member(name)) if !fields::is_taken(name));
        if !own {
            f.write_str(fields::PAYLOAD)?;
        }
        for (i, step) in self.0.iter().enumerate() {
            match step {
                Step::Member(name) => {
                    if i > 0 || !own {
                        f.write_char('.')?;
                    }
                    let bare = is_name(name) && (i > 0 || !own || !name.starts_with(|c: char| !begins_a_name(c)));
                    if bare { f.write_str(name)? } else { quoted(f, name)? }
                }
                Step::Element(n) => write!(f, "[{n}]")?,
                Step::Elements => f.write_str("[*]")?,
            }
        }
        Ok(())
    }
}

/// May stand in a field's name without quotes.
pub(super) fn in_a_name(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '-' | '$' | '@')
}

/// May begin a field: a digit or `-` would be taken for something else.
pub(super) fn begins_a_name(c: char) -> bool {
    c.is_alphabetic() || matches!(c, '_' | '$' | '@')
}

fn is_name(text: &str) -> bool {
    !text.is_empty() && text.chars().all(in_a_name)
}

fn quoted(f: &mut Formatter<'_>, text: &str) -> fmt::Result {
    f.write_char('"')?;
    for c in text.chars() {
        if matches!(c, '"' | '\\') {
            f.write_char('\\')?;
        }
        f.write_char(c)?;
    }
    f.write_char('"')
}

impl Text {
    fn write(&self, f: &mut Formatter<'_>, value: bool) -> fmt::Result {
        match self {
            Self::Bare(pattern) => pattern.write(f, value),
            Self::Quoted(text) => quoted(f, text),
        }
    }
}

impl Pattern {
    fn write(&self, f: &mut Formatter<'_>, value: bool) -> fmt::Result {
        let mut first = true;
        for (i, part) in self.parts().iter().enumerate() {
            if i > 0 {
                f.write_char('*')?;
                first = false;
            }
            for c in part.chars() {
                let special = match c {
                    '"' | '\\' | '(' | ')' | '*' => true,
                    ':' | '=' | '<' | '>' => !value || first,
                    '-' | '!' => !value && first,
                    '[' | '/' => value && first,
                    c => c.is_whitespace(),
                };
                if special {
                    f.write_char('\\')?;
                }
                f.write_char(c)?;
                first = false;
            }
        }
        Ok(())
    }
}
