//! How wide a text is on a terminal, and making it fit. Producers write what they like into keys and types: what would
//! steer the terminal is taken out.

/// Columns that a character takes: Unicode's wide ones (UAX 11) two, marks that stand over the one before none.
fn columns(c: char) -> usize {
    match u32::from(c) {
        0x300..=0x36f | 0x200b..=0x200f | 0x20d0..=0x20ff | 0xfe00..=0xfe0f => 0,
        0x1100..=0x115f
        | 0x2e80..=0xa4cf
        | 0xac00..=0xd7a3
        | 0xf900..=0xfaff
        | 0xfe30..=0xfe6f
        | 0xff00..=0xff60
        | 0xffe0..=0xffe6
        | 0x1f300..=0x1f64f
        | 0x1f680..=0x1f6ff
        | 0x1f900..=0x1faff
        | 0x20000..=0x3fffd => 2,
        _ => 1,
    }
}

pub fn width(text: &str) -> usize {
    text.chars().map(columns).sum()
}

fn steers(c: char) -> bool {
    c.is_control() || matches!(u32::from(c), 0x202a..=0x202e | 0x2066..=0x2069 | 0x2028 | 0x2029)
}

/// A text on one line that moves no cursor and changes no colour: control and direction marks become U+FFFD.
pub fn plain(text: &str) -> String {
    text.chars().map(|c| if steers(c) { '\u{fffd}' } else { c }).collect()
}

/// The same of several lines, which keep their ends and tabs.
pub fn plain_lines(text: &str) -> String {
    let mut letters = text.chars().peekable();
    let mut out = String::with_capacity(text.len());
    while let Some(c) = letters.next() {
        let ends = matches!(c, '\n' | '\t') || (c == '\r' && letters.peek() == Some(&'\n'));
        out.push(if steers(c) && !ends { '\u{fffd}' } else { c });
    }
    out
}

/// The text itself, or as much of it as fits with `…`.
pub fn cut(text: &str, most: usize) -> String {
    if width(text) <= most {
        return text.to_owned();
    }
    let mut taken = 0;
    let mut out = String::new();
    for c in text.chars() {
        if taken + columns(c) >= most {
            break;
        }
        taken += columns(c);
        out.push(c);
    }
    out.push('…');
    out
}

/// Words on lines of at most `most` columns; each after the first begins with `indent`.
pub fn wrapped(text: &str, most: usize, indent: &str) -> String {
    let mut lines: Vec<String> = Vec::new();
    for paragraph in text.split('\n') {
        let mut line = if lines.is_empty() { String::new() } else { indent.to_owned() };
        let mut empty = true;
        for word in paragraph.split(' ') {
            if !empty && width(&line) + 1 + width(word) > most {
                lines.push(std::mem::replace(&mut line, indent.to_owned()));
                empty = true;
            }
            if !empty {
                line.push(' ');
            }
            line.push_str(word);
            empty = false;
        }
        lines.push(line);
    }
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_steers_a_terminal_is_taken_out() {
        assert_eq!(plain_lines("a,\"\x1b[2J\rb\"\r\nc\td\n"), "a,\"\u{fffd}[2J\u{fffd}b\"\r\nc\td\n");
        assert_eq!(plain("a\x1b[31mb\x07\n\u{9b}2J\u{202e}c"), "a\u{fffd}[31mb\u{fffd}\u{fffd}\u{fffd}2J\u{fffd}c");
        assert_eq!(plain("Straße 東京"), "Straße 東京");
    }

    #[test]
    fn texts_fit() {
        for (text, most, want) in
            [("order.placed", 12, "order.placed"), ("order.placed", 6, "order…"), ("東京都", 5, "東京…"), ("", 3, "")]
        {
            assert_eq!(cut(text, most), want);
            assert!(width(&cut(text, most)) <= most);
        }
        assert_eq!(wrapped("one two three", 8, "  "), "one two\n  three");
        assert_eq!(wrapped("a-word-that-is-too-long b", 8, ""), "a-word-that-is-too-long\nb");
    }
}
