//! XML 1.0, without what makes it dangerous: no document type (DTD), so no entities but the five that XML has by itself,
//! and nothing is ever fetched. UTF-8 only.
//!
//! As JSON, so that paths read alike: an element with nothing but text is that text, any other an object. Attributes are
//! `@name`, text beside them or beside elements is `#text`, elements of one name are an array in the place of the first.
//! Prefixes are part of the name. White space around a text is left out, comments and processing instructions too.

mod element;
mod written;

use crate::Broken;

pub(crate) fn read(bytes: &[u8]) -> Result<Vec<u8>, Broken> {
    let bytes = crate::formats::without_mark(bytes);
    let text = std::str::from_utf8(bytes).map_err(|e| {
        Broken::in_text(bytes, e.valid_up_to(), "this is not UTF-8, and XML in other encodings is not read")
    })?;
    written::json(&element::document(text)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cursor::tests::json_values;
    use proptest::prelude::*;
    use serde_json::{Value, json};

    fn got(xml: &str) -> Value {
        serde_json::from_slice(&read(xml.as_bytes()).unwrap()).unwrap()
    }

    #[test]
    fn paths_read_as_in_json() {
        for (xml, want) in [
            ("<a/>", json!({"a": ""})),
            ("<a>1</a>", json!({"a": "1"})),
            ("<a x='1'/>", json!({"a": {"@x": "1"}})),
            ("<a x = \"1\" y='&lt;\"'>t</a>", json!({"a": {"@x": "1", "@y": "<\"", "#text": "t"}})),
            ("<a><b>1</b><c/><b>2</b></a>", json!({"a": {"b": ["1", "2"], "c": ""}})),
            ("<a>\n  <b> 1\n2 </b>\n</a>", json!({"a": {"b": "1\n2"}})),
            ("<a>one <b>two</b> three</a>", json!({"a": {"b": "two", "#text": "one  three"}})),
            (
                "<?xml version=\"1.0\"?>\n<!-- <no> --><s:a xmlns:s=\"urn:s\"/>\n<!--end-->",
                json!({"s:a": {"@xmlns:s": "urn:s"}}),
            ),
            ("\u{feff}<a><![CDATA[<b>&amp;]]>&#65;&#x1F600;&apos;</a >", json!({"a": "<b>&amp;A😀'"})),
            ("<a><?php echo '<b>' ?>x</a>", json!({"a": "x"})),
            ("<a>x\r\ny</a>", json!({"a": "x\ny"})),
            ("<größe.-1>1</größe.-1>", json!({"größe.-1": "1"})),
        ] {
            assert_eq!(got(xml), want, "{xml}");
        }
        assert_eq!(read(b"<a><z/><b/><y/><b/></a>").unwrap(), br#"{"a":{"z":"","b":["",""],"y":""}}"#);
    }

    #[test]
    fn it_says_where_it_breaks() {
        for (xml, want) in [
            ("", "line 1, column 1: expected an element"),
            ("<a>", "line 1, column 4: the text ends inside an element"),
            ("<a>\n</b>", "line 2, column 3: this ends another element than the one that is open"),
            ("<a/><b/>", "line 1, column 5: nothing may follow the element"),
            ("<a x=1/>", "line 1, column 6: expected a quote"),
            ("<a x/>", "line 1, column 5: expected `=`"),
            ("<a x='1' x='2'/>", "line 1, column 10: the element has this attribute already"),
            ("<a x='1'y='2'/>", "line 1, column 9: expected white space, `>` or `/>`"),
            ("<a x='<'/>", "line 1, column 7: `<` stands in an attribute"),
            ("<a>&nbsp;</a>", "line 1, column 4: only &amp; &lt; &gt; &quot; &apos; and numbers are known here"),
            ("<a>&#0;</a>", "line 1, column 4: this number is no character"),
            ("<a>&#xD800;</a>", "line 1, column 4: this number is no character"),
            ("<a>& b</a>", "line 1, column 4: only &amp; &lt; &gt; &quot; &apos; and numbers are known here"),
            ("<a>\u{1}</a>", "line 1, column 4: a control character"),
            ("<a><!-- </a>", "line 1, column 4: the comment does not end"),
            ("<a><![CDATA[ </a>", "line 1, column 4: the CDATA section does not end"),
            ("<a 1='x'/>", "line 1, column 4: expected a name"),
            ("<!DOCTYPE html><html/>", "line 1, column 1: a document type (DTD) is not read"),
            (
                "<!DOCTYPE a [<!ENTITY b SYSTEM \"file:///etc/passwd\">]><a>&b;</a>",
                "line 1, column 1: a document type (DTD) is not read",
            ),
            ("<a><!ELEMENT b></a>", "line 1, column 5: expected a name"),
        ] {
            assert_eq!(read(xml.as_bytes()).unwrap_err().to_string(), want, "{xml}");
        }
        let latin1 = b"<?xml version='1.0' encoding='ISO-8859-1'?><a>\xe9</a>";
        assert!(read(latin1).unwrap_err().to_string().contains("not UTF-8"));
    }

    #[test]
    fn bombs_are_refused() {
        assert!(read("<a>".repeat(1_000_000).as_bytes()).unwrap_err().to_string().contains("64 deep"));
        let deepest = format!("{}{}", "<a>".repeat(64), "</a>".repeat(64));
        assert!(read(deepest.as_bytes()).is_ok());
        let many = format!("<a>{}</a>", "<b/>".repeat(300_000));
        assert!(read(many.as_bytes()).unwrap_err().to_string().contains("more than 200,000"));
        let wide = (0..20_000).map(|n| format!(" a{n}='1'")).collect::<String>();
        assert!(read(format!("<a{wide}/>").as_bytes()).unwrap_err().to_string().contains("more than 1,000 attributes"));
        let laughs = "<!DOCTYPE l [<!ENTITY a 'ha'><!ENTITY b '&a;&a;'>]><l>&b;</l>";
        assert!(read(laughs.as_bytes()).is_err());
    }

    /// Values as elements, the way they are read back; `None` for what XML can't say so.
    fn written(name: &str, value: &Value, out: &mut String) -> Option<Value> {
        let quoted = |text: &str| text.replace('&', "&amp;").replace('<', "&lt;").replace('\r', "&#13;");
        if let Value::Array(items) = value {
            let read: Vec<_> = items.iter().filter_map(|item| written(name, item, out)).collect();
            return match read.len() {
                0 => None,
                1 => read.into_iter().next(),
                _ => Some(Value::Array(
                    read.into_iter()
                        .flat_map(|v| match v {
                            Value::Array(items) => items,
                            other => vec![other],
                        })
                        .collect(),
                )),
            };
        }
        out.push_str(&format!("<{name}>"));
        let read = match value {
            Value::Object(members) => {
                let mut read = serde_json::Map::new();
                for (i, member) in members.values().enumerate() {
                    let name = format!("m{i}");
                    if let Some(value) = written(&name, member, out) {
                        read.insert(name, value);
                    }
                }
                if read.is_empty() { Value::from("") } else { Value::Object(read) }
            }
            other => {
                let text = other.as_str().map_or_else(|| other.to_string(), str::to_owned);
                let text: String =
                    text.chars().filter(|c| *c >= ' ' && !matches!(c, '\u{fffe}' | '\u{ffff}')).collect();
                out.push_str(&quoted(&text));
                Value::from(text.trim_matches([' ', '\t', '\r', '\n']))
            }
        };
        out.push_str(&format!("</{name}>"));
        Some(read)
    }

    proptest! {
        #[test]
        fn what_was_written_is_read(value in json_values()) {
            let mut xml = String::new();
            prop_assume!(!value.is_array());
            let want = written("root", &value, &mut xml).unwrap();
            prop_assert_eq!(&got(&xml), &json!({"root": want}), "{}", xml);
            for (end, _) in xml.char_indices() {
                prop_assert!(read(&xml.as_bytes()[..end]).is_err());
            }
        }

        #[test]
        fn whatever_comes_it_writes_json_or_says_why_not(xml in "(<a>|</a>|<b/>|<a |x='|'|>|/>|&|&lt;|&#|;|<!--|-->|<!\\[CDATA\\[|\\]\\]>|<\\?|\\?>|é|1| ){0,20}") {
            for xml in [xml.clone(), format!("<a>{xml}</a>")] {
                if let Ok(json) = read(xml.as_bytes()) {
                    weir_domain::events::json_tree(&json, usize::MAX).unwrap();
                }
            }
        }

        #[test]
        fn never_panics(bytes in prop::collection::vec(any::<u8>(), 0..100)) {
            let _ = read(&[b"<a>", &bytes[..]].concat());
        }
    }
}
