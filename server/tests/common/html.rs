//! A page's tags as a browser sees them: text in quotes, scripts and titles is no markup.

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tag {
    pub name: String,
    /// Names in lower case, values as written.
    pub attributes: Vec<(String, String)>,
}

/// All opening tags.
pub fn tags(page: &str) -> Vec<Tag> {
    let mut found = Vec::new();
    let mut rest = page;
    while let Some(at) = rest.find('<') {
        rest = &rest[at + 1..];
        if let Some(comment) = rest.strip_prefix("!--") {
            rest = comment.find("-->").map_or("", |end| &comment[end + 3..]);
            continue;
        }
        if !rest.starts_with(|c: char| c.is_ascii_alphabetic()) {
            continue;
        }
        let (tag, after) = tag(rest);
        rest = after;
        // Up to its end tag there is no markup in these.
        if ["script", "style", "title", "textarea"].contains(&tag.name.as_str()) {
            let end = rest.to_ascii_lowercase().find(&format!("</{}", tag.name));
            rest = end.map_or("", |end| &rest[end..]);
        }
        found.push(tag);
    }
    found
}

fn tag(text: &str) -> (Tag, &str) {
    let end = text.find(|c: char| c.is_ascii_whitespace() || c == '/' || c == '>').unwrap_or(text.len());
    let mut tag = Tag { name: text[..end].to_ascii_lowercase(), attributes: Vec::new() };
    let mut rest = &text[end..];
    loop {
        rest = rest.trim_start_matches(|c: char| c.is_ascii_whitespace() || c == '/');
        if rest.is_empty() || rest.starts_with('>') {
            return (tag, rest.strip_prefix('>').unwrap_or(rest));
        }
        let end = rest[1..].find(|c: char| c.is_ascii_whitespace() || "/>=".contains(c)).map_or(rest.len(), |e| e + 1);
        let name = rest[..end].to_ascii_lowercase();
        rest = rest[end..].trim_start();
        let mut value = "";
        if let Some(after) = rest.strip_prefix('=') {
            let after = after.trim_start();
            let quote = after.chars().next().filter(|c| *c == '"' || *c == '\'');
            (value, rest) = match quote {
                Some(quote) => after[1..].split_once(quote).unwrap_or((&after[1..], "")),
                None => {
                    after.split_at(after.find(|c: char| c.is_ascii_whitespace() || c == '>').unwrap_or(after.len()))
                }
            };
        }
        tag.attributes.push((name, value.to_owned()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_is_told_from_text() {
        let page = "<p title=\"<script>\">a < b</p><!-- <img> --><script nonce=x>\"<b>\"</SCRIPT><IMG src=x onerror='a(\">\")'>";
        let found: Vec<_> = tags(page).into_iter().map(|t| (t.name, t.attributes.len())).collect();
        assert_eq!(found, [("p".into(), 1), ("script".into(), 1), ("img".into(), 2)]);
    }
}
