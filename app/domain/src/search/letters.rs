//! The letters of words and phrases, their backslashes read.

use super::{Pattern, QueryError, Span, error::cut, term::Cursor};

impl Cursor<'_> {
    pub(super) fn bare(&mut self, free: bool) -> Result<Pattern, QueryError> {
        let (start, mut parts) = (self.at, vec![String::new()]);
        while let Some(c) = self.peek().filter(|c| !ends_a_word(*c)) {
            let at = self.at;
            self.at += c.len_utf8();
            match c {
                '*' => parts.push(String::new()),
                ':' | '=' | '<' | '>' if free => {
                    let error = self.error(Span::new(at, self.at), format!("a field's name before `{c}`"));
                    let before = self.text.get(start..at).unwrap_or_default();
                    let what = match before.contains('*') {
                        true => "A field's name has no wildcards.".to_owned(),
                        false => format!(
                            "If the text itself is meant, write \"{}\".",
                            cut(&format!("{before}{}", self.run(at)))
                        ),
                    };
                    return Err(error.todo(what).write(format!("\\{c}")));
                }
                c => {
                    let c = if c == '\\' { self.escaped(at, false)? } else { c };
                    if let Some(last) = parts.last_mut() {
                        last.push(c);
                    }
                }
            }
        }
        Ok(Pattern::new(parts))
    }

    pub(super) fn quoted(&mut self) -> Result<String, QueryError> {
        let (start, mut out) = (self.at, String::new());
        self.at += 1;
        while let Some(c) = self.peek() {
            let at = self.at;
            self.at += c.len_utf8();
            match c {
                '"' => return Ok(out),
                '\\' => out.push(self.escaped(at, true)?),
                c => out.push(c),
            }
        }
        let error = self.error_here("a closing `\"`");
        Err(error.todo(format!("The quote at character {} is still open.", self.character(start) + 1)).write("\""))
    }

    /// What stands behind the backslash at `at`.
    fn escaped(&mut self, at: usize, quoted: bool) -> Result<char, QueryError> {
        let next = self.peek();
        self.at += next.map_or(0, char::len_utf8);
        match next {
            Some('n') if quoted => Ok('\n'),
            Some('r') if quoted => Ok('\r'),
            Some('t') if quoted => Ok('\t'),
            Some(c) if !c.is_alphanumeric() => Ok(c),
            _ => Err(self
                .error(Span::new(at, at + 1), "`\\\\` for a backslash")
                .todo("A backslash takes its meaning from the sign behind it; before letters and digits it is written twice.")
                .write("\\\\")),
        }
    }
}

/// White space, a bracket or a quote.
pub(super) fn ends_a_word(c: char) -> bool {
    c.is_whitespace() || matches!(c, '(' | ')' | '"')
}
