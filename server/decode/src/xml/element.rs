//! The text as elements.

use crate::{Broken, DEEPEST};
use std::borrow::Cow;

/// Elements and attributes of a document: each takes memory that four bytes of text can ask for.
const MOST_PARTS: usize = 200_000;
/// Attributes of one element.
const MOST_ATTRIBUTES: usize = 1000;

const BLANK: [char; 4] = [' ', '\t', '\r', '\n'];

pub(super) struct Element<'a> {
    pub(super) name: &'a str,
    pub(super) attributes: Vec<(&'a str, Cow<'a, str>)>,
    pub(super) children: Vec<Element<'a>>,
    /// All of its own text, without the white space around.
    pub(super) text: Cow<'a, str>,
}

pub(super) fn document(text: &str) -> Result<Element<'_>, Broken> {
    let mut reader = Reader { text, at: 0, parts: 0 };
    reader.beside()?;
    let root = reader.element(1)?;
    reader.beside()?;
    if reader.rest().is_empty() { Ok(root) } else { Err(reader.fail("nothing may follow the element")) }
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
    parts: usize,
}

impl<'a> Reader<'a> {
    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn fail(&self, what: &'static str) -> Broken {
        Broken::in_text(self.text.as_bytes(), self.at, what)
    }

    fn takes(&mut self, word: &str) -> bool {
        let is_next = self.rest().starts_with(word);
        if is_next {
            self.at += word.len();
        }
        is_next
    }

    /// Takes what stands before the next `end` and that as well.
    fn up_to(&mut self, end: &str, else_says: &'static str) -> Result<&'a str, Broken> {
        let rest = self.rest();
        let length = rest.find(end).ok_or_else(|| self.fail(else_says))?;
        self.at += length + end.len();
        Ok(&rest[..length])
    }

    /// Tells whether there was any.
    fn space(&mut self) -> bool {
        let rest = self.rest();
        let space = rest.len() - rest.trim_start_matches(BLANK).len();
        self.at += space;
        space > 0
    }

    /// What may stand before and after the outermost element.
    fn beside(&mut self) -> Result<(), Broken> {
        loop {
            self.space();
            if self.rest().starts_with("<!DOCTYPE") {
                return Err(self.fail("a document type (DTD) is not read"));
            }
            if !self.passes_comment()? {
                return Ok(());
            }
        }
    }

    /// Takes a comment or a processing instruction, if one is next.
    fn passes_comment(&mut self) -> Result<bool, Broken> {
        let rest = self.rest();
        if let Some(comment) = rest.strip_prefix("<!--") {
            let length = comment.find("-->").ok_or_else(|| self.fail("the comment does not end"))?;
            self.at += "<!--".len() + length + "-->".len();
        } else if rest.starts_with("<?") {
            self.up_to("?>", "the instruction does not end")?;
        } else {
            return Ok(false);
        }
        Ok(true)
    }

    fn name(&mut self) -> Result<&'a str, Broken> {
        let rest = self.rest();
        let first = |c: char| c.is_alphabetic() || matches!(c, '_' | ':');
        let inner = |c: char| first(c) || c.is_numeric() || matches!(c, '-' | '.' | '\u{b7}' | '\u{300}'..='\u{36f}');
        if !rest.starts_with(first) {
            return Err(self.fail("expected a name"));
        }
        let name = &rest[..rest.find(|c| !inner(c)).unwrap_or(rest.len())];
        self.at += name.len();
        Ok(name)
    }

    fn counts(&mut self) -> Result<(), Broken> {
        self.parts += 1;
        if self.parts > MOST_PARTS { Err(self.fail("more than 200,000 elements and attributes")) } else { Ok(()) }
    }

    fn element(&mut self, depth: u16) -> Result<Element<'a>, Broken> {
        if depth > DEEPEST {
            return Err(self.fail("nested more than 64 deep"));
        }
        self.counts()?;
        if !self.rest().starts_with('<') {
            return Err(self.fail("expected an element"));
        }
        self.at += 1;
        let mut element = Element { name: self.name()?, attributes: vec![], children: vec![], text: Cow::Borrowed("") };
        if !self.attributes(&mut element)? {
            self.content(&mut element, depth)?;
        }
        Ok(element)
    }

    /// Up to the end of the tag; tells whether it ends the element too.
    fn attributes(&mut self, element: &mut Element<'a>) -> Result<bool, Broken> {
        loop {
            let space = self.space();
            if self.takes("/>") {
                return Ok(true);
            }
            if self.takes(">") {
                return Ok(false);
            }
            if self.rest().is_empty() {
                return Err(self.fail("the text ends inside a tag"));
            }
            if !space {
                return Err(self.fail("expected white space, `>` or `/>`"));
            }
            self.counts()?;
            let at = self.at;
            let name = self.name()?;
            if element.attributes.len() >= MOST_ATTRIBUTES {
                return Err(self.fail("more than 1,000 attributes"));
            }
            if element.attributes.iter().any(|(other, _)| *other == name) {
                return Err(Broken::in_text(self.text.as_bytes(), at, "the element has this attribute already"));
            }
            self.space();
            if !self.takes("=") {
                return Err(self.fail("expected `=`"));
            }
            self.space();
            let value = self.quoted()?;
            element.attributes.push((name, value));
        }
    }

    fn quoted(&mut self) -> Result<Cow<'a, str>, Broken> {
        let quote = match self.rest().as_bytes().first() {
            Some(b'"') => '"',
            Some(b'\'') => '\'',
            _ => return Err(self.fail("expected a quote")),
        };
        self.at += 1;
        let mut value = Cow::Borrowed("");
        loop {
            let rest = self.rest();
            let plain = &rest[..rest.find([quote, '<', '&']).unwrap_or(rest.len())];
            self.plain(plain)?;
            // Line ends in attributes are spaces (XML 1.0, 3.3.3).
            match plain.contains(['\n', '\r', '\t']) {
                true => value.to_mut().push_str(&plain.replace("\r\n", " ").replace(['\n', '\r', '\t'], " ")),
                false => joined(&mut value, plain),
            }
            match self.rest().as_bytes().first() {
                Some(b'&') => value.to_mut().push(self.reference()?),
                Some(b'<') => return Err(self.fail("`<` stands in an attribute")),
                Some(_) => {
                    self.at += 1;
                    return Ok(value);
                }
                None => return Err(self.fail("the text ends inside an attribute")),
            }
        }
    }

    /// Takes characters that stand for themselves.
    fn plain(&mut self, plain: &str) -> Result<(), Broken> {
        let control =
            |c: char| matches!(c, '\0'..='\u{8}' | '\u{b}' | '\u{c}' | '\u{e}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}');
        if let Some(at) = plain.find(control) {
            self.at += at;
            return Err(self.fail("a control character"));
        }
        self.at += plain.len();
        Ok(())
    }

    /// At `&`.
    fn reference(&mut self) -> Result<char, Broken> {
        const UNKNOWN: &str = "only &amp; &lt; &gt; &quot; &apos; and numbers are known here";
        /// Longer ones are none.
        const LONGEST: usize = 12;
        let rest = self.rest().as_bytes();
        let end = rest.iter().take(LONGEST).position(|b| *b == b';').ok_or_else(|| self.fail(UNKNOWN))?;
        let name = self.rest().get(1..end).ok_or_else(|| self.fail(UNKNOWN))?;
        let c = match name {
            "amp" => '&',
            "lt" => '<',
            "gt" => '>',
            "quot" => '"',
            "apos" => '\'',
            _ => {
                let number = match name.strip_prefix('#') {
                    Some(number) => match number.strip_prefix('x') {
                        Some(hex) if hex.bytes().all(|b| b.is_ascii_hexdigit()) => u32::from_str_radix(hex, 16).ok(),
                        None if number.bytes().all(|b| b.is_ascii_digit()) => number.parse().ok(),
                        _ => None,
                    },
                    None => return Err(self.fail(UNKNOWN)),
                };
                let fits = |c: &char| matches!(c, '\t' | '\n' | '\r' | ' '..='\u{fffd}' | '\u{10000}'..);
                number.and_then(char::from_u32).filter(fits).ok_or_else(|| self.fail("this number is no character"))?
            }
        };
        self.at += end + 1;
        Ok(c)
    }

    /// Up to the end of the element.
    fn content(&mut self, element: &mut Element<'a>, depth: u16) -> Result<(), Broken> {
        const CDATA: &str = "<![CDATA[";
        let mut text = Cow::Borrowed("");
        loop {
            let rest = self.rest();
            let plain = &rest[..rest.find(['<', '&']).unwrap_or(rest.len())];
            self.plain(plain)?;
            append(&mut text, plain);
            let rest = self.rest();
            if rest.starts_with('&') {
                text.to_mut().push(self.reference()?);
            } else if let Some(inner) = rest.strip_prefix(CDATA) {
                let length = inner.find("]]>").ok_or_else(|| self.fail("the CDATA section does not end"))?;
                self.at += CDATA.len();
                self.plain(&inner[..length])?;
                self.at += "]]>".len();
                append(&mut text, &inner[..length]);
            } else if self.takes("</") {
                return self.end(element, text);
            } else if rest.is_empty() {
                return Err(self.fail("the text ends inside an element"));
            } else if !self.passes_comment()? {
                element.children.push(self.element(depth + 1)?);
            }
        }
    }

    /// Behind `</`.
    fn end(&mut self, element: &mut Element<'a>, text: Cow<'a, str>) -> Result<(), Broken> {
        let at = self.at;
        if self.name()? != element.name {
            self.at = at;
            return Err(self.fail("this ends another element than the one that is open"));
        }
        self.space();
        if !self.takes(">") {
            return Err(self.fail("expected `>`"));
        }
        element.text = match text {
            Cow::Borrowed(text) => Cow::Borrowed(text.trim_matches(BLANK)),
            Cow::Owned(text) => Cow::Owned(text.trim_matches(BLANK).to_owned()),
        };
        Ok(())
    }
}

/// Line ends are `\n` (XML 1.0, 2.11).
fn append<'a>(text: &mut Cow<'a, str>, more: &'a str) {
    match more.contains('\r') {
        true => text.to_mut().push_str(&more.replace("\r\n", "\n").replace('\r', "\n")),
        false => joined(text, more),
    }
}

fn joined<'a>(text: &mut Cow<'a, str>, more: &'a str) {
    match text.is_empty() {
        true => *text = Cow::Borrowed(more),
        false => text.to_mut().push_str(more),
    }
}
