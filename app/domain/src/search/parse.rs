//! From the text to the query. One pass; depth, length and number of terms are bounded.

use super::{Comparison, Expr, Node, Query, QueryError, Span, Text, condition::Condition, term::Cursor};

/// Longest text of a query, in bytes.
pub const LONGEST: usize = 64 * 1024;
/// Deepest nesting of brackets and `NOT`.
pub const DEEPEST: usize = 64;
/// Most words and comparisons.
pub const MOST_TERMS: usize = 1024;

impl Query {
    /// Reads a query; an empty text is every event.
    pub fn parse(text: &str) -> Result<Self, QueryError> {
        if text.len() > LONGEST {
            let from = text.floor_char_boundary(LONGEST);
            return Err(QueryError::new(
                text,
                Span::new(from, text.len()),
                format!("the end: a query has at most {LONGEST} bytes"),
            )
            .todo("Many keys are looked for by a list."));
        }
        let mut parser = Parser { at: Cursor::new(text), terms: 0 };
        parser.at.space();
        if parser.at.is_end() {
            return Ok(Self { root: None });
        }
        let root = parser.any(0)?;
        // Only a bracket ends the outermost list before the text does.
        if let Some(span) = parser.at.here(")") {
            return Err(parser
                .at
                .error(span, "a word, a comparison or the end")
                .todo("No bracket is open here.")
                .write(""));
        }
        Ok(Self { root: Some(root) })
    }
}

impl std::str::FromStr for Query {
    type Err = QueryError;
    fn from_str(text: &str) -> Result<Self, QueryError> {
        Self::parse(text)
    }
}

struct Parser<'a> {
    at: Cursor<'a>,
    terms: usize,
}

impl Parser<'_> {
    fn any(&mut self, depth: usize) -> Result<Node, QueryError> {
        let mut nodes = vec![self.all(depth)?];
        while self.at.keyword("OR").is_some() {
            nodes.push(self.all(depth)?);
        }
        Ok(Node::any(nodes))
    }

    fn all(&mut self, depth: usize) -> Result<Node, QueryError> {
        let mut nodes = vec![self.not(depth)?];
        loop {
            let and = self.at.keyword("AND").is_some();
            let ends = self.at.is_end() || self.at.here(")").is_some() || self.at.is_keyword("OR");
            if ends && !and {
                return Ok(Node::all(nodes));
            }
            nodes.push(self.not(depth)?);
        }
    }

    fn not(&mut self, depth: usize) -> Result<Node, QueryError> {
        let Some(span) = self.at.keyword("NOT").or_else(|| self.at.minus()) else { return self.one(depth) };
        self.deeper(depth, span)?;
        let inner = self.not(depth + 1)?;
        Ok(Node { span: Span::new(span.start, inner.span.end), expr: Expr::Not(Box::new(inner)) })
    }

    fn deeper(&self, depth: usize, span: Span) -> Result<(), QueryError> {
        if depth < DEEPEST {
            return Ok(());
        }
        Err(self
            .at
            .error(span, format!("nothing nested here: brackets and NOT go at most {DEEPEST} deep"))
            .todo("Leave out brackets that change nothing."))
    }

    fn one(&mut self, depth: usize) -> Result<Node, QueryError> {
        if let Some(open) = self.at.eat("(") {
            self.deeper(depth, open)?;
            self.at.space();
            if let Some(close) = self.at.here(")") {
                return Err(self.at.error(close, "a word or a comparison in the brackets"));
            }
            let mut inner = self.any(depth + 1)?;
            let Some(close) = self.at.eat(")") else {
                let end = self.at.error_here("`)`");
                return Err(end
                    .todo(format!("The bracket at character {} is still open.", self.at.character(open.start) + 1))
                    .write(")"));
            };
            self.at.space();
            inner.span = Span::new(open.start, close.end);
            return Ok(inner);
        }
        self.term()
    }

    fn term(&mut self) -> Result<Node, QueryError> {
        if let Some(keyword) = ["AND", "OR"].iter().find(|k| self.at.is_keyword(k)) {
            let span = Span::new(self.at.at(), self.at.at() + keyword.len());
            let error = self.at.error(span, format!("a word or a comparison before `{keyword}`"));
            return Err(error.todo(format!("If the word itself is meant, write \"{keyword}\".")));
        }
        if self.at.is_end() || self.at.here(")").is_some() {
            return Err(self.at.error_here("a word or a comparison"));
        }
        let start = self.at.at();
        let node = match self.at.field()? {
            Some((field, field_span)) => {
                let (op, op_span) = self.at.op(field_span)?;
                let (value, value_span) = self.at.value(&field, field_span, op, op_span)?;
                let c = Comparison { field, field_span, op, op_span, value, value_span };
                self.check(&c)?;
                Expr::Compare(c)
            }
            None => Expr::Free(self.free()?),
        };
        let span = Span::new(start, self.at.at());
        self.terms += 1;
        if self.terms > MOST_TERMS {
            let error = self.at.error(span, format!("the end: a query has at most {MOST_TERMS} words and comparisons"));
            return Err(error.todo("Many keys are looked for by a list."));
        }
        self.at.space();
        Ok(Node { span, ..Node::of(node) })
    }

    fn free(&mut self) -> Result<Text, QueryError> {
        let (text, span) = self.at.free()?;
        let mixed = text.parts().iter().any(|p| p.contains(super::text::ends_a_gap));
        if text.literal().is_none() && mixed {
            let error = self.at.error(span, "a wildcard in a word without white space and quotes");
            return Err(
                error.todo("A phrase is looked for letter by letter; write its words one by one to use wildcards.")
            );
        }
        Ok(text)
    }

    fn check(&self, c: &Comparison) -> Result<(), QueryError> {
        let Err(problem) = Condition::of(c) else { return Ok(()) };
        let mut error = self.at.error(if problem.of_op { c.op_span } else { c.value_span }, problem.expected);
        error.what_to_do = problem.what_to_do;
        error.write = problem.write;
        Err(error)
    }
}
