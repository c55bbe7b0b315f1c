use super::text;
use tokio::sync::Semaphore;
use weir_decode::{Hints, Packing, TEXT_HEAD};
use weir_domain::{
    capture::Header,
    events::{Capped, JsonNode, PayloadShown, hex},
};

pub(super) const MOST_NODES: usize = 2000;
pub(super) const MOST_TEXT: usize = TEXT_HEAD;
pub(super) const MOST_HEX: usize = 4096;
/// Names and texts of the tree in all: two thousand long strings are no page either.
const TREE_BYTES: usize = 256 * 1024;
/// Larger ones, and packed ones, are read off the threads that serve requests.
const LARGE: usize = 64 * 1024;

/// Of those so many at once: unpacked, one may take some hundred megabytes.
static PLACES: Semaphore = Semaphore::const_new(2);

/// The payload in every reading that is possible, each bounded. `None` is a tombstone. Headers only guide the reading
/// and are not told: whoever may see the payload may see how it reads.
pub(super) async fn shown(headers: &[Header], payload: Option<Vec<u8>>) -> PayloadShown {
    let Some(bytes) = payload else { return PayloadShown::Null };
    let hints = Hints::of(headers);
    if bytes.len() <= LARGE && Packing::of(&bytes).is_none() && !hints.say_packed() {
        return read(&bytes, &hints);
    }
    let total = bytes.len() as u64;
    // Never closed.
    let _place = PLACES.acquire().await.ok();
    match tokio::task::spawn_blocking(move || read(&bytes, &hints)).await {
        Ok(shown) => shown,
        Err(_) => PayloadShown::Present {
            how: "Bytes".into(),
            tree: Vec::new(),
            tree_cut: false,
            problem: Some("Reading it failed; download it instead.".into()),
            text: None,
            text_as_sent: true,
            hex: String::new(),
            total,
        },
    }
}

fn read(bytes: &[u8], hints: &Hints) -> PayloadShown {
    let mut reading = weir_decode::read(bytes, hints, MOST_NODES);
    let fits = fitting(&reading.tree);
    let tree_cut = reading.tree_cut || fits < reading.tree.len();
    reading.tree.truncate(fits);
    let all = reading.text();
    let text = text::head(all, MOST_TEXT).map(|t| Capped {
        text: t.to_owned(),
        total: all.len() as u64,
        cut: t.len() < all.len(),
    });
    PayloadShown::Present {
        how: reading.how(),
        tree_cut,
        text,
        text_as_sent: reading.is_as_sent(),
        hex: hex(bytes.get(..MOST_HEX).unwrap_or(bytes)),
        total: bytes.len() as u64,
        problem: reading.problem,
        tree: reading.tree,
    }
}

/// How many values of the tree are a page.
fn fitting(tree: &[JsonNode]) -> usize {
    let mut left = TREE_BYTES;
    let too_much = tree.iter().position(|n| {
        let size = n.text.len() + n.name.as_ref().map_or(0, String::len);
        let fits = size <= left;
        left = left.saturating_sub(size);
        !fits
    });
    too_much.unwrap_or(tree.len())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    struct Got {
        how: String,
        nodes: usize,
        cut: bool,
        problem: Option<String>,
        text: Option<Capped>,
        hex: String,
        total: u64,
    }

    fn got(bytes: &[u8]) -> Got {
        match read(bytes, &Hints::default()) {
            PayloadShown::Present { how, tree, tree_cut, problem, text, hex, total, .. } => {
                Got { how, nodes: tree.len(), cut: tree_cut, problem, text, hex, total }
            }
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn says_what_it_can_and_why_not_the_rest() {
        let json = got(br#"{"id":1,"tags":["a",null]}"#);
        assert_eq!((json.how.as_str(), json.nodes, json.cut, json.problem), ("JSON", 5, false, None));
        let broken = got(b"{\"id\":1,\n\"x\" 2}");
        assert_eq!(broken.nodes, 0);
        assert_eq!(broken.problem.unwrap(), "It looks like JSON and is not: line 2, column 5: expected `:`.");
        assert_eq!(broken.text.unwrap().text, "{\"id\":1,\n\"x\" 2}");
        let plain = got(b"just words");
        assert_eq!((plain.nodes, plain.problem), (0, None), "never claimed to be JSON");
        let binary = got(&[0, 255, 16]);
        assert_eq!((binary.text, binary.hex.as_str(), binary.total), (None, "00ff10", 3));
        let latin1 = got(b"{\"name\":\"caf\xe9\"}");
        assert_eq!((latin1.nodes, latin1.text), (2, None));
        assert_eq!(latin1.problem.unwrap(), "Byte 13 is not UTF-8; such bytes are shown as \u{fffd}.");
        let empty = got(b"");
        assert_eq!((empty.nodes, empty.text.unwrap().total, empty.problem), (0, 0, None));
        assert_eq!(got(b"\xef\xbb\xbf[1]").nodes, 2, "a byte order mark is skipped");
    }

    #[tokio::test]
    async fn ten_megabytes_stay_a_page() {
        let text = format!("[{}\"x\"]", "\"é\",".repeat(2_500_000));
        let PayloadShown::Present { tree, tree_cut, text: Some(text), hex, total, .. } =
            shown(&[], Some(text.into_bytes())).await
        else {
            panic!("not shown");
        };
        assert_eq!((tree.len(), tree_cut, hex.len()), (MOST_NODES, true, 2 * MOST_HEX));
        assert!(text.cut && text.text.len() <= MOST_TEXT && text.total == total && total > 10_000_000);
        let long = format!("[{}\"\"]", format!("\"{}\",", "y".repeat(4096)).repeat(1500));
        let PayloadShown::Present { tree, tree_cut, .. } = shown(&[], Some(long.into_bytes())).await else {
            panic!("not shown");
        };
        assert!(tree_cut && tree.iter().map(|n| n.text.len()).sum::<usize>() <= TREE_BYTES);
        assert_eq!(shown(&[], None).await, PayloadShown::Null);
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
