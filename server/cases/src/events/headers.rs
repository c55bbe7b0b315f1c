use super::text;
use weir_domain::{
    capture::{Header, HeaderType},
    events::{HeaderShown, PayloadView, hex},
};

/// Headers listed; the rest is only counted.
pub(super) const MOST_HEADERS: usize = 1000;
const LONGEST_NAME: usize = 512;
const LONGEST_VALUE: usize = 8 * 1024;
/// Bytes of names and values shown in all, so that a thousand large headers stay a page.
const BUDGET: usize = 256 * 1024;

/// In the broker's order, duplicates kept, null told from empty.
pub(super) fn shown(headers: &[Header]) -> Vec<HeaderShown> {
    let mut left = BUDGET;
    let lines = headers.iter().take(MOST_HEADERS).map(|h| {
        let (name, name_is_text) = text::name(&h.name, LONGEST_NAME.min(left));
        left = left.saturating_sub(name.len());
        let value = h.value.as_ref().map(|v| value(h.kind, v, LONGEST_VALUE.min(left)));
        left = left.saturating_sub(value.as_ref().map_or(0, size));
        HeaderShown { name, name_is_text, kind: h.kind, value }
    });
    lines.collect()
}

fn value(kind: HeaderType, bytes: &[u8], limit: usize) -> PayloadView {
    match kind {
        HeaderType::Bytes | HeaderType::Text => text::value(bytes, limit),
        // A field in AMQP encoding starts with a tag byte: as text it would mislead.
        HeaderType::Amqp => {
            let first = bytes.get(..limit / 2).unwrap_or(bytes);
            PayloadView::Binary { hex: hex(first), total: bytes.len() as u64, cut: first.len() < bytes.len() }
        }
    }
}

fn size(view: &PayloadView) -> usize {
    match view {
        PayloadView::Text { text, .. } => text.len(),
        PayloadView::Binary { hex, .. } => hex.len(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn header(name: &[u8], value: Option<&[u8]>) -> Header {
        Header { name: name.to_vec(), kind: HeaderType::Bytes, value: value.map(<[u8]>::to_vec) }
    }

    #[test]
    fn keeps_order_duplicates_null_and_empty() {
        let got = shown(&[header(b"a", Some(b"1")), header(b"a", None), header(b"\xff", Some(b""))]);
        let text = |t: &str| Some(PayloadView::Text { text: t.into(), total: t.len() as u64, cut: false });
        let want = [("a", true, text("1")), ("a", true, None), ("hex:ff", false, text(""))];
        let got: Vec<_> = got.into_iter().map(|h| (h.name, h.name_is_text, h.value)).collect();
        assert_eq!(got, want.map(|(n, t, v)| (n.to_owned(), t, v)));
    }

    #[test]
    fn ten_thousand_large_headers_stay_a_page() {
        let many = vec![header(&[b'n'; 2000], Some(&[b'v'; 20_000])); 10_000];
        let got = shown(&many);
        assert_eq!(got.len(), MOST_HEADERS);
        let bytes: usize = got.iter().map(|h| h.name.len() + h.value.as_ref().map_or(0, size)).sum();
        // Each cut name still carries its mark.
        assert!(bytes <= BUDGET + MOST_HEADERS * '…'.len_utf8(), "{bytes}");
        assert!(matches!(got.last().unwrap().value, Some(PayloadView::Text { cut: true, total: 20_000, .. })));
    }

    proptest! {
        #[test]
        fn never_panics(raw in prop::collection::vec((prop::collection::vec(any::<u8>(), 0..20), prop::option::of(prop::collection::vec(any::<u8>(), 0..40)), 0u8..3), 0..20)) {
            let headers: Vec<_> = raw.into_iter().map(|(name, value, kind)| Header {
                name, value, kind: [HeaderType::Bytes, HeaderType::Text, HeaderType::Amqp][usize::from(kind)],
            }).collect();
            prop_assert_eq!(shown(&headers).len(), headers.len());
        }
    }
}
