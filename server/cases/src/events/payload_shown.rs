use super::text;
use weir_domain::events::{Capped, JsonNode, PayloadShown, hex, json_tree};

pub(super) const MOST_NODES: usize = 2000;
pub(super) const MOST_TEXT: usize = 256 * 1024;
pub(super) const MOST_HEX: usize = 4096;
/// Names and texts of the tree in all: two thousand long strings are no page either.
const TREE_BYTES: usize = 256 * 1024;
/// Larger payloads are not read as JSON: it would cost more than a page is worth.
const LARGEST_JSON: usize = 16 * 1024 * 1024;
/// Larger ones are read off the threads that serve requests.
const LARGE: usize = 64 * 1024;

/// The payload in every reading that is possible, each bounded. `None` is a tombstone.
pub(super) async fn shown(payload: Option<Vec<u8>>) -> PayloadShown {
    match payload {
        None => PayloadShown::Null,
        Some(bytes) if bytes.len() <= LARGE => read(&bytes),
        Some(bytes) => match tokio::task::spawn_blocking(move || read(&bytes)).await {
            Ok(shown) => shown,
            Err(_) => PayloadShown::Present {
                tree: Vec::new(),
                tree_cut: false,
                problem: Some("Reading it failed; download it instead.".into()),
                text: None,
                hex: String::new(),
                total: 0,
            },
        },
    }
}

fn read(bytes: &[u8]) -> PayloadShown {
    let (tree, tree_cut, problem) = tree(bytes);
    let text = text::head(bytes, MOST_TEXT).map(|t| Capped {
        text: t.to_owned(),
        total: bytes.len() as u64,
        cut: t.len() < bytes.len(),
    });
    PayloadShown::Present {
        tree,
        tree_cut,
        problem,
        text,
        hex: hex(bytes.get(..MOST_HEX).unwrap_or(bytes)),
        total: bytes.len() as u64,
    }
}

fn tree(bytes: &[u8]) -> (Vec<JsonNode>, bool, Option<String>) {
    let json = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let looks_like_it = matches!(json.trim_ascii_start().first(), Some(b'{' | b'['));
    if json.len() > LARGEST_JSON {
        let problem = looks_like_it.then(|| "Larger than 16 MB: it is shown as text only.".to_owned());
        return (Vec::new(), false, problem);
    }
    match json_tree(json, MOST_NODES) {
        Ok((mut nodes, mut cut)) => {
            let mut left = TREE_BYTES;
            let fitting = nodes.iter().position(|n| {
                let size = n.text.len() + n.name.as_ref().map_or(0, String::len);
                let fits = size <= left;
                left = left.saturating_sub(size);
                !fits
            });
            if let Some(fitting) = fitting {
                nodes.truncate(fitting);
                cut = true;
            }
            (nodes, cut, not_utf8(json))
        }
        Err(why) => (Vec::new(), false, looks_like_it.then(|| why.to_string())),
    }
}

/// JSON must be UTF-8 (RFC 8259, 8.1). Where it is not, the tree shows U+FFFD and says so.
fn not_utf8(json: &[u8]) -> Option<String> {
    let at = std::str::from_utf8(json).err()?.valid_up_to();
    Some(format!("byte {} is not UTF-8; such bytes are shown as \u{fffd}", at + 1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    struct Got {
        nodes: usize,
        cut: bool,
        problem: Option<String>,
        text: Option<Capped>,
        hex: String,
        total: u64,
    }

    fn got(bytes: &[u8]) -> Got {
        match read(bytes) {
            PayloadShown::Present { tree, tree_cut, problem, text, hex, total } => {
                Got { nodes: tree.len(), cut: tree_cut, problem, text, hex, total }
            }
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn says_what_it_can_and_why_not_the_rest() {
        let json = got(br#"{"id":1,"tags":["a",null]}"#);
        assert_eq!((json.nodes, json.cut, json.problem), (5, false, None));
        let broken = got(b"{\"id\":1,\n\"x\" 2}");
        assert_eq!((broken.nodes, broken.problem.as_deref()), (0, Some("line 2, column 5: expected `:`")));
        assert_eq!(broken.text.unwrap().text, "{\"id\":1,\n\"x\" 2}");
        let plain = got(b"just words");
        assert_eq!((plain.nodes, plain.problem), (0, None), "never claimed to be JSON");
        let binary = got(&[0, 255, 16]);
        assert_eq!((binary.text, binary.hex.as_str(), binary.total), (None, "00ff10", 3));
        let latin1 = got(b"{\"name\":\"caf\xe9\"}");
        assert_eq!((latin1.nodes, latin1.text), (2, None));
        assert_eq!(latin1.problem.unwrap(), "byte 13 is not UTF-8; such bytes are shown as \u{fffd}");
        let empty = got(b"");
        assert_eq!((empty.nodes, empty.text.unwrap().total, empty.problem), (0, 0, None));
        assert_eq!(got(b"\xef\xbb\xbf[1]").nodes, 2, "a byte order mark is skipped");
    }

    #[tokio::test]
    async fn ten_megabytes_stay_a_page() {
        let text = format!("[{}\"x\"]", "\"é\",".repeat(2_500_000));
        let PayloadShown::Present { tree, tree_cut, text: Some(text), hex, total, .. } =
            shown(Some(text.into_bytes())).await
        else {
            panic!("not shown");
        };
        assert_eq!((tree.len(), tree_cut, hex.len()), (MOST_NODES, true, 2 * MOST_HEX));
        assert!(text.cut && text.text.len() <= MOST_TEXT && text.total == total && total > 10_000_000);
        let long = format!("[{}\"\"]", format!("\"{}\",", "y".repeat(4096)).repeat(1500));
        let PayloadShown::Present { tree, tree_cut, .. } = shown(Some(long.into_bytes())).await else {
            panic!("not shown");
        };
        assert!(tree_cut && tree.iter().map(|n| n.text.len()).sum::<usize>() <= TREE_BYTES);
        assert_eq!(shown(None).await, PayloadShown::Null);
    }

    proptest! {
        #[test]
        fn never_panics(bytes in prop::collection::vec(any::<u8>(), 0..6000)) {
            let got = got(&bytes);
            prop_assert!(got.hex.len() <= 2 * MOST_HEX && got.total == bytes.len() as u64);
        }

        #[test]
        fn shows_all_of_what_is_small_text(s in "\\PC{0,200}") {
            prop_assert_eq!(got(s.as_bytes()).text.unwrap().text, s);
        }
    }
}
