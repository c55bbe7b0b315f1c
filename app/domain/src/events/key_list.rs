//! A list of keys, as tickets and tables hold it.

use super::query::{key_bytes, key_line};
use crate::{
    CaseError,
    search::{Comparison, Expr, Field, Node, Op, Query, Span, Text},
};
use std::collections::HashSet;

/// Different keys of one list, at most.
pub const MOST_KEYS: usize = 10_000;
/// Up to so many are found by an index, however much is stored; for more all of it is read.
pub const FEW_KEYS: usize = 100;
/// Bytes of one of them, at most. What is longer is no key that anybody pasted, but a text without separators.
pub const LONGEST_LISTED: usize = 4096;
/// Bytes of a query that one can link to, sign in to and pass on.
const LONGEST_LINKED: usize = 4096;
/// Comparisons of such a query.
const MOST_LINKED: usize = crate::search::MOST_TERMS;

/// Different keys in the order they were given, each as a filter takes it: text, or `hex:…`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct KeyList {
    keys: Vec<String>,
    doubles: usize,
}

/// Why a list can't be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum KeyListError {
    #[error("The list holds no key.")]
    Empty,
    #[error("The list holds {0} different keys; at most {MOST_KEYS} are looked for at once.")]
    TooMany(usize),
    /// Its number, from 1, and its length.
    #[error("The key number {number} is {bytes} bytes long; a key of a list has at most {LONGEST_LISTED}.")]
    TooLong { number: usize, bytes: usize },
}

impl KeyListError {
    pub const fn what_to_do(self) -> &'static str {
        match self {
            Self::Empty => "Give at least one key; a line, comma, semicolon or tab ends each.",
            Self::TooMany(_) => "Take some out, and look for them in a second list.",
            Self::TooLong { .. } => "Check what separates the keys: a line, comma, semicolon or tab ends each.",
        }
    }
}

impl From<KeyListError> for CaseError {
    fn from(error: KeyListError) -> Self {
        Self::Invalid { what: error.to_string(), what_to_do: error.what_to_do().into() }
    }
}

impl KeyList {
    /// From what somebody pasted: a line end, comma, semicolon or tab ends a key, the white space around it is dropped,
    /// and nothing is no key.
    ///
    /// # Errors
    /// When there is none, or more than a list may hold.
    pub fn read(text: &str) -> Result<Self, KeyListError> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let parts = text.split(['\n', '\r', ',', ';', '\t']).map(str::trim);
        Self::new(parts.filter(|part| !part.is_empty()).map(str::to_owned))
    }

    /// From keys that are told apart already: taken exactly, an empty one too.
    ///
    /// # Errors
    /// As [`Self::read`].
    pub fn new(given: impl IntoIterator<Item = String>) -> Result<Self, KeyListError> {
        let (mut keys, mut seen, mut doubles, mut beyond) = (Vec::new(), HashSet::new(), 0, 0);
        for (i, key) in given.into_iter().enumerate() {
            if key.len() > LONGEST_LISTED {
                return Err(KeyListError::TooLong { number: i + 1, bytes: key.len() });
            }
            // Two ways of writing the same bytes are one key.
            if !seen.insert(key_bytes(&key)) {
                doubles += 1;
            } else if keys.len() < MOST_KEYS {
                keys.push(key);
            } else {
                beyond += 1;
            }
        }
        match (keys.len(), beyond) {
            (0, _) => Err(KeyListError::Empty),
            (_, 0) => Ok(Self { keys, doubles }),
            (kept, beyond) => Err(KeyListError::TooMany(kept + beyond)),
        }
    }

    pub fn keys(&self) -> &[String] {
        &self.keys
    }

    /// Keys that stood there before and count once.
    pub const fn doubles(&self) -> usize {
        self.doubles
    }

    /// What each stands for.
    pub fn bytes(&self) -> Vec<Vec<u8>> {
        self.keys.iter().map(|key| key_bytes(key)).collect()
    }
}

/// The query for events with any of these keys; `None` where there is none, or it would be too long for a link.
pub fn any_of_keys<'k>(keys: impl IntoIterator<Item = &'k str>) -> Option<String> {
    let span = Span::new(0, 0);
    let one = |key: &str| Node {
        span,
        expr: Expr::Compare(Comparison {
            field: Field::Key,
            field_span: span,
            op: Op::Matches,
            op_span: span,
            value: Text::word(&key_line(key.to_owned())),
            value_span: span,
        }),
    };
    let (mut nodes, mut least) = (Vec::new(), 0);
    for key in keys {
        least += key.len();
        if least > LONGEST_LINKED || nodes.len() == MOST_LINKED {
            return None;
        }
        nodes.push(one(key));
    }
    let root = match nodes.len() {
        0 => return None,
        1 => nodes.pop(),
        _ => Some(Node { span, expr: Expr::Or(nodes) }),
    };
    let text = Query { root }.to_string();
    (text.len() <= LONGEST_LINKED).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::{collection::vec, prelude::*};

    fn read(text: &str) -> Vec<String> {
        KeyList::read(text).map(|list| list.keys).unwrap_or_default()
    }

    #[test]
    fn what_tickets_and_tables_hold() {
        assert_eq!(read("ord-1\nord-2\r\n\n  ord-3  \r\n"), ["ord-1", "ord-2", "ord-3"]);
        assert_eq!(read("\u{feff}ord-1,ord-2; ord-3\tord-4,,;\t"), ["ord-1", "ord-2", "ord-3", "ord-4"]);
        assert_eq!(read("two words\nStraße"), ["two words", "Straße"]);
        let list = KeyList::read("b,a,b,hex:61,a").unwrap();
        assert_eq!((list.keys(), list.doubles()), (["b".to_owned(), "a".to_owned()].as_slice(), 3));
        assert_eq!(list.bytes(), [b"b", b"a"]);
        for nothing in ["", " \n\t,;", "\u{feff}"] {
            assert_eq!(KeyList::read(nothing), Err(KeyListError::Empty), "{nothing:?}");
        }
        // What comes apart already is taken as it is.
        let exact = KeyList::new(["".to_owned(), " a,b ".to_owned()]).unwrap();
        assert_eq!(exact.bytes(), [b"".to_vec(), b" a,b ".to_vec()]);
    }

    #[test]
    fn a_list_has_bounds_that_it_names() {
        let many = |n: usize| (0..n).map(|i| format!("ord-{i}")).collect::<Vec<_>>().join("\n");
        let full = KeyList::read(&format!("{}\n{}", many(MOST_KEYS), many(50))).unwrap();
        assert_eq!((full.keys().len(), full.doubles()), (MOST_KEYS, 50));
        assert_eq!(KeyList::read(&many(MOST_KEYS + 3)), Err(KeyListError::TooMany(MOST_KEYS + 3)));
        let long = format!("a\n{}", "x".repeat(LONGEST_LISTED + 1));
        assert_eq!(KeyList::read(&long), Err(KeyListError::TooLong { number: 2, bytes: LONGEST_LISTED + 1 }));
        for error in [KeyListError::Empty, KeyListError::TooMany(10_001), KeyListError::TooLong { number: 1, bytes: 2 }]
        {
            assert!(error.to_string().ends_with('.') && !error.what_to_do().is_empty());
        }
    }

    #[test]
    fn a_query_too_long_for_a_link_is_none() {
        assert_eq!(any_of_keys([]), None);
        assert_eq!(any_of_keys(["ord-1"]).as_deref(), Some("key:ord-1"));
        assert_eq!(any_of_keys(["ord-1", "a b"]).as_deref(), Some(r"key:ord-1 OR key:a\ b"));
        assert_eq!(any_of_keys(["a\n"]).as_deref(), Some("key:hex:610a"));
        let keys: Vec<_> = (0..1000).map(|i| format!("ord-{i}")).collect();
        assert_eq!(any_of_keys(keys.iter().map(String::as_str)), None);
        assert!(any_of_keys(keys.iter().take(200).map(String::as_str)).is_some());
    }

    proptest! {
        #[test]
        fn whatever_is_pasted_comes_apart_in_order_and_once(
            keys in vec("[a-zA-Z0-9:_. é*\"()\\\\-]{1,12}", 1..40),
            between in vec(prop_oneof![Just("\n"), Just("\r\n"), Just(","), Just(";"), Just("\t"), Just(" \n ")], 40)
        ) {
            let text: String = keys.iter().zip(&between).map(|(key, end)| format!("{key}{end}")).collect();
            let (mut want, mut doubles) = (Vec::<String>::new(), 0);
            for key in keys.iter().map(|k| k.trim()).filter(|k| !k.is_empty()) {
                if want.iter().any(|k| key_bytes(k) == key_bytes(key)) {
                    doubles += 1;
                } else {
                    want.push(key.to_owned());
                }
            }
            match KeyList::read(&text) {
                Ok(list) => prop_assert_eq!((list.keys(), list.doubles()), (want.as_slice(), doubles)),
                Err(error) => prop_assert!(want.is_empty() && error == KeyListError::Empty),
            }
        }

        #[test]
        fn no_text_breaks_it(text in any::<String>()) {
            if let Ok(list) = KeyList::read(&text) {
                let clean = |k: &String| !k.is_empty() && k.trim() == k && !k.contains(['\n', '\r', ',', ';', '\t']);
                prop_assert!(list.keys().iter().all(clean));
                prop_assert_eq!(KeyList::read(&list.keys().join("\n")).map(|l| l.keys), Ok(list.keys));
            }
        }

        #[test]
        fn the_query_of_keys_means_these_keys(keys in vec("[^\\p{Cc}]{1,12}", 1..8)) {
            let list = KeyList::new(keys).unwrap();
            let text = any_of_keys(list.keys().iter().map(String::as_str)).unwrap();
            let query = Query::parse(&text).unwrap();
            let asked: HashSet<_> = query.keys().into_iter().collect();
            let want: HashSet<_> = list.bytes().into_iter().collect();
            prop_assert_eq!(asked, want, "{}", text);
        }
    }
}
