//! The addresses in a page's markup. Text, comments and scripts are nobody's addresses and stay as they are, whatever
//! they look like.

use bytes::Bytes;

use super::Root;

/// Attributes that hold one address.
const ADDRESSES: [&[u8]; 4] = [b"href", b"src", b"action", b"formaction"];
/// Elements in which there is no markup up to their end tag.
const RAW: [&[u8]; 4] = [b"script", b"style", b"textarea", b"title"];

/// Reads a page piece by piece, and writes it with the root in front of its own addresses.
pub struct Markup {
    root: Root,
    place: Place,
    /// Name of the element whose tag is being read.
    element: Vec<u8>,
    /// Name of the attribute, and its value where it is an address.
    name: Vec<u8>,
    value: Vec<u8>,
}

/// Where the reader stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Text,
    /// After `<`.
    Opened,
    ElementName,
    /// After `</`, `<!` or `<?`, up to `>`.
    Other,
    /// Bytes of `<!--` seen; then hyphens in a row.
    CommentBegin(u8),
    Comment(u8),
    /// In a tag, between attributes.
    Tag,
    Name,
    /// After `=`.
    Equals,
    Quoted(u8),
    Bare,
    /// In [`RAW`]: how many bytes of its end tag have been seen.
    Raw(usize),
}

impl Markup {
    pub fn new(root: Root) -> Self {
        Self { root, place: Place::Text, element: Vec::new(), name: Vec::new(), value: Vec::new() }
    }

    pub fn piece(&mut self, piece: &[u8]) -> Bytes {
        let mut out = Vec::with_capacity(piece.len() + piece.len() / 32);
        for byte in piece {
            self.byte(*byte, &mut out);
        }
        out.into()
    }

    /// What was held back of a page that ends within an address.
    pub fn end(&mut self) -> Bytes {
        std::mem::take(&mut self.value).into()
    }

    fn byte(&mut self, byte: u8, out: &mut Vec<u8>) {
        let is_address = ADDRESSES.iter().any(|a| self.name.eq_ignore_ascii_case(a));
        self.place = match self.place {
            Place::Quoted(quote) if byte == quote => {
                self.write_value(out);
                Place::Tag
            }
            Place::Bare if byte.is_ascii_whitespace() => {
                self.write_value(out);
                Place::Tag
            }
            Place::Bare if byte == b'>' => {
                self.write_value(out);
                self.after_tag()
            }
            Place::Equals if !byte.is_ascii_whitespace() && !b"\"'>".contains(&byte) => {
                self.hold_or_write(is_address, byte, out);
                self.place = Place::Bare;
                return;
            }
            Place::Quoted(_) | Place::Bare => {
                self.hold_or_write(is_address, byte, out);
                return;
            }
            place => self.outside_values(place, byte),
        };
        out.push(byte);
    }

    fn outside_values(&mut self, place: Place, byte: u8) -> Place {
        match (place, byte) {
            (Place::Text, b'<') => Place::Opened,
            (Place::Opened, b'!') => Place::CommentBegin(2),
            (Place::Opened, byte) if byte.is_ascii_alphabetic() => {
                self.element = vec![byte.to_ascii_lowercase()];
                Place::ElementName
            }
            (Place::Opened, b'/' | b'?') => Place::Other,
            (Place::Opened, b'<') => Place::Opened,
            (Place::Opened, _) | (Place::Other, b'>') => Place::Text,
            (Place::CommentBegin(3), b'-') => Place::Comment(2),
            (Place::CommentBegin(2), b'-') => Place::CommentBegin(3),
            (Place::CommentBegin(_), b'>') => Place::Text,
            (Place::CommentBegin(_), _) => Place::Other,
            (Place::Comment(hyphens), b'>') if hyphens >= 2 => Place::Text,
            (Place::Comment(hyphens), b'-') => Place::Comment(hyphens.saturating_add(1)),
            (Place::Comment(_), _) => Place::Comment(0),
            (Place::ElementName | Place::Tag | Place::Name | Place::Equals, b'>') => self.after_tag(),
            (Place::ElementName, byte) if byte.is_ascii_whitespace() || byte == b'/' => Place::Tag,
            (Place::ElementName, byte) => {
                self.element.push(byte.to_ascii_lowercase());
                Place::ElementName
            }
            (Place::Tag, byte) if byte.is_ascii_whitespace() || byte == b'/' => Place::Tag,
            (Place::Tag, b'=') if !self.name.is_empty() => Place::Equals,
            (Place::Tag, byte) => {
                self.name = vec![byte];
                Place::Name
            }
            (Place::Name, b'=') => Place::Equals,
            (Place::Name, byte) if byte.is_ascii_whitespace() || byte == b'/' => Place::Tag,
            (Place::Name, byte) => {
                self.name.push(byte);
                Place::Name
            }
            (Place::Equals, b'"' | b'\'') => Place::Quoted(byte),
            (Place::Raw(seen), byte) => self.raw(seen, byte),
            (place, _) => place,
        }
    }

    fn after_tag(&mut self) -> Place {
        self.name.clear();
        if RAW.contains(&self.element.as_slice()) { Place::Raw(0) } else { Place::Text }
    }

    /// `</script` ends a script, whatever stands in it.
    fn raw(&self, seen: usize, byte: u8) -> Place {
        let wanted = match seen {
            0 => Some(b'<'),
            1 => Some(b'/'),
            n => self.element.get(n - 2).copied(),
        };
        match wanted {
            Some(wanted) if byte.to_ascii_lowercase() == wanted => Place::Raw(seen + 1),
            None if byte.is_ascii_whitespace() || byte == b'/' => Place::Other,
            None if byte == b'>' => Place::Text,
            _ if byte == b'<' => Place::Raw(1),
            _ => Place::Raw(0),
        }
    }

    fn hold_or_write(&mut self, hold: bool, byte: u8, out: &mut Vec<u8>) {
        if hold { self.value.push(byte) } else { out.push(byte) }
    }

    fn write_value(&mut self, out: &mut Vec<u8>) {
        let value = std::mem::take(&mut self.value);
        self.name.clear();
        // An address that is not text is not ours.
        if std::str::from_utf8(&value).is_ok_and(|value| self.root.must_be_put_on(value)) {
            out.extend_from_slice(self.root.as_str().as_bytes());
        }
        out.extend_from_slice(&value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn put(page: &str) -> String {
        let mut markup = Markup::new(Root::new("/w"));
        let mut out = markup.piece(page.as_bytes()).to_vec();
        out.extend(markup.end());
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn addresses_get_the_root() {
        for (page, want) in [
            ("<a href=\"/events\">", "<a href=\"/w/events\">"),
            ("<A class=x HREF='/'>", "<A class=x HREF='/w/'>"),
            ("<form method=post action=/sign-out>", "<form method=post action=/w/sign-out>"),
            ("<a\nhref = \"/a?b=1&amp;c=/d\"/>", "<a\nhref = \"/w/a?b=1&amp;c=/d\"/>"),
            ("<!DOCTYPE html><!><!--x--><a href=\"/\">", "<!DOCTYPE html><!><!--x--><a href=\"/w/\">"),
            ("<!----><a href=\"/\">", "<!----><a href=\"/w/\">"),
            ("<script src=\"/s\">1</script><a href=\"/\">", "<script src=\"/w/s\">1</script><a href=\"/w/\">"),
            ("<title>a</title><img src=\"/i\">", "<title>a</title><img src=\"/w/i\">"),
            ("a < b <a href=\"/\">", "a < b <a href=\"/w/\">"),
            ("<button hidden formaction=\"/x\">", "<button hidden formaction=\"/w/x\">"),
        ] {
            assert_eq!(put(page), want);
        }
    }

    #[test]
    fn nothing_else_does() {
        for page in [
            "<a href=\"#main\"><a href=\"?page=2\"><a href=\"//x/\"><a href=\"https://x/\"><a href=\"\"><a href>",
            "<a href=\"/w/events\"><a href=\"/w\">",
            "<input value=\"/events\" data-href=\"/x\" title='<a href=\"/x\">'>",
            "say &lt;a href=\"/x\"&gt; href=\"/x\"",
            "<!-- <a href=\"/x\"> -- > --><!--><!--->",
            "<script>let a = '<a href=\"/x\">'; // </scrip <a href=\"/x\"></script>",
            "<textarea><a href=\"/x\"></textarea ><style>a[href=\"/x\"]{}</style>",
            "<p>half a tag <a href=\"/x",
        ] {
            assert_eq!(put(page), page);
        }
    }

    proptest! {
        #[test]
        fn pieces_make_no_difference(
            words in proptest::collection::vec(prop_oneof![
                Just("<a href=\"/x\">"), Just("<!-- "), Just("-->"), Just("<script>"), Just("</script>"), Just("<"),
                Just("\""), Just("'"), Just(" href=/y"), Just(">"), Just("/"), Just("="), Just("text"), Just("<form action='/z'>"),
            ], 0..30),
            at in any::<prop::sample::Index>(),
        ) {
            let page = words.concat();
            let at = at.index(page.len() + 1);
            let mut markup = Markup::new(Root::new("/w"));
            let mut out = markup.piece(&page.as_bytes()[..at]).to_vec();
            out.extend(markup.piece(&page.as_bytes()[at..]));
            out.extend(markup.end());
            prop_assert_eq!(String::from_utf8(out.clone()).unwrap(), put(&page));
            // Nothing is lost: without the root it is what it was, but for roots that stood there before.
            prop_assert!(out.len() >= page.len());
        }
    }
}
