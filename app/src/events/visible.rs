//! Text from outside, made harmless to read. Markup is escaped by Leptos; what is left are characters
//! that draw nothing, or that redraw their neighbours: controls, direction overrides, zero-width marks.
//! They become visible marks, so that two keys that differ look different (Unicode UAX #9, UTR #36).

use leptos::prelude::*;

/// A run of text that is safe as it is, or the name of one character that is not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece {
    Plain(String),
    Mark(String),
}

/// How much white space may act: in a line none but the space, in a block also tab and line feed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Space {
    Line,
    Block,
}

/// The mark that stands for a character which must not be drawn as itself.
fn mark(c: char, space: Space) -> Option<String> {
    let code = u32::from(c);
    match c {
        '\n' | '\t' if space == Space::Block => None,
        // Unicode has a picture for each ASCII control: ␀ ␉ ␊ ␛ …
        '\0'..='\x1f' => char::from_u32(0x2400 + code).map(String::from),
        '\x7f' => Some("␡".into()),
        '\u{80}'..='\u{9f}'
        | '\u{ad}'
        | '\u{61c}'
        | '\u{115f}'
        | '\u{1160}'
        | '\u{3164}'
        | '\u{ffa0}'
        | '\u{180e}'
        | '\u{200b}'..='\u{200c}'
        | '\u{200e}'..='\u{200f}'
        | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}'
        | '\u{feff}'
        | '\u{fff9}'..='\u{fffb}'
        | '\u{e0000}'..='\u{e007f}' => Some(format!("U+{code:04X}")),
        _ => None,
    }
}

/// True for characters that a zero-width joiner may join without hiding anything (emoji).
fn joins(c: char) -> bool {
    matches!(c, '\u{2600}'..='\u{27bf}' | '\u{fe0f}' | '\u{1f000}'..='\u{1faff}')
}

/// Splits `text` into what may be drawn and what must be named. Clean text is one piece.
pub fn pieces(text: &str, space: Space) -> Vec<Piece> {
    let (mut out, mut plain, mut before) = (Vec::new(), String::new(), ' ');
    for c in text.chars() {
        let mark = match c {
            '\u{200d}' if !joins(before) => Some("U+200D".into()),
            _ => mark(c, space),
        };
        before = c;
        match mark {
            None => plain.push(c),
            Some(name) => {
                if !plain.is_empty() {
                    out.push(Piece::Plain(std::mem::take(&mut plain)));
                }
                out.push(Piece::Mark(name));
            }
        }
    }
    if !plain.is_empty() {
        out.push(Piece::Plain(plain));
    }
    out
}

/// The same as plain text, for titles and labels: marks stand in brackets.
pub fn plain(text: &str) -> String {
    pieces(text, Space::Line)
        .into_iter()
        .map(|p| match p {
            Piece::Plain(t) => t,
            Piece::Mark(m) if m.starts_with("U+") => format!("[{m}]"),
            Piece::Mark(m) => m,
        })
        .collect()
}

/// A text out of the address, as fields and links may carry it on: a control character becomes U+FFFD, as it does
/// in the names that are stored. HTML knows no NUL, and a field drops line ends. A key must stay what it is:
/// [`weir_domain::events::key_line`] is for that.
pub fn carried(text: &str) -> String {
    text.replace(char::is_control, "\u{fffd}")
}

fn drawn(text: &str, space: Space) -> AnyView {
    let parts = pieces(text, space);
    match parts.as_slice() {
        [] => ().into_any(),
        [Piece::Plain(t)] => t.clone().into_any(),
        _ => parts
            .into_iter()
            .map(|p| match p {
                Piece::Plain(t) => t.into_any(),
                Piece::Mark(m) => view! { <span class="ctl">{m}</span> }.into_any(),
            })
            .collect_view()
            .into_any(),
    }
}

/// One line of foreign text. `<bdi>` keeps right-to-left text from reordering what stands beside it.
pub fn line(text: &str) -> AnyView {
    let inner = drawn(text, Space::Line);
    view! { <bdi>{inner}</bdi> }.into_any()
}

/// Foreign text that keeps its tabs and line feeds; for use inside a `<pre>`.
pub fn block(text: &str) -> AnyView {
    drawn(text, Space::Block)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str, space: Space) -> String {
        pieces(text, space)
            .into_iter()
            .map(|p| match p {
                Piece::Plain(t) => t,
                Piece::Mark(m) => format!("<{m}>"),
            })
            .collect()
    }

    #[test]
    fn clean_text_stays_one_piece() {
        for text in ["ord-4711", "Straße 7, 東京", "שלום", "<script>alert(1)</script>", "👩\u{200d}🚀"] {
            assert_eq!(pieces(text, Space::Line), [Piece::Plain(text.into())], "{text:?}");
        }
        assert!(pieces("", Space::Line).is_empty());
    }

    #[test]
    fn what_draws_nothing_or_too_much_is_named() {
        for (text, want) in [
            ("a\0b", "a<␀>b"),
            ("a\nb\t", "a<␊>b<␉>"),
            ("\x1b[31mred", "<␛>[31mred"),
            ("\x7f", "<␡>"),
            ("\u{9b}", "<U+009B>"),
            ("invoice\u{202e}fdp.exe", "invoice<U+202E>fdp.exe"),
            ("\u{2066}x\u{2069}", "<U+2066>x<U+2069>"),
            ("ord\u{200b}-1", "ord<U+200B>-1"),
            ("a\u{200d}b", "a<U+200D>b"),
            ("\u{feff}{}", "<U+FEFF>{}"),
            ("a\u{2028}b", "a<U+2028>b"),
            ("\u{e0041}", "<U+E0041>"),
        ] {
            assert_eq!(shown(text, Space::Line), want, "{text:?}");
        }
    }

    #[test]
    fn a_block_keeps_its_lines_and_nothing_else() {
        assert_eq!(shown("{\r\n\t\"a\": 1\n}", Space::Block), "{<␍>\n\t\"a\": 1\n}");
        assert_eq!(shown("a\u{202e}\nb", Space::Block), "a<U+202E>\nb");
    }

    #[test]
    fn titles_are_plain_text() {
        assert_eq!(plain("a\u{202e}b\0"), "a[U+202E]b␀");
    }

    #[test]
    fn what_a_field_carries_on_has_no_controls() {
        assert_eq!(carried("a\0b\r\n\u{9b}"), "a\u{fffd}b\u{fffd}\u{fffd}\u{fffd}");
        assert_eq!(carried("Straße <b>"), "Straße <b>");
    }

    #[test]
    fn hostile_text_reaches_html_escaped_and_marked() {
        let html = line("<img src=x onerror=alert(1)>\u{202e}").to_html();
        assert!(!html.contains("<img"), "{html}");
        assert!(html.contains("&lt;img"), "{html}");
        assert!(html.contains("U+202E") && !html.contains('\u{202e}'), "{html}");
    }
}
