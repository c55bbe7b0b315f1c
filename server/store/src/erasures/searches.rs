//! Saved searches, and links to searches, that name a subject: their queries hold what somebody typed.

use sqlx::PgConnection;
use uuid::Uuid;
use weir_domain::erasures::Subject;

/// Searches looked at in one go.
const AT_ONCE: i64 = 500;

/// Those whose query or name holds the subject.
pub(super) async fn naming(db: &mut PgConnection, subject: &Subject) -> sqlx::Result<Vec<Uuid>> {
    let Some(text) = text(subject) else { return Ok(Vec::new()) };
    let (mut found, mut after) = (Vec::new(), Uuid::nil());
    loop {
        let some = sqlx::query!(
            "select id, name, address from saved_search where id > $1 order by id limit $2",
            after,
            AT_ONCE
        )
        .fetch_all(&mut *db)
        .await?;
        found.extend(some.iter().filter(|s| holds(&s.address, &text) || holds_word(&s.name, &text)).map(|s| s.id));
        match some.last() {
            Some(last) if some.len() as i64 == AT_ONCE => after = last.id,
            _ => return Ok(found),
        }
    }
}

/// Short links to searches whose queries hold the subject.
pub(super) async fn links_naming(db: &mut PgConnection, subject: &Subject) -> sqlx::Result<Vec<String>> {
    let Some(text) = text(subject) else { return Ok(Vec::new()) };
    let (mut found, mut after) = (Vec::new(), String::new());
    loop {
        let some =
            sqlx::query!("select id, address from search_link where id > $1 order by id limit $2", after, AT_ONCE)
                .fetch_all(&mut *db)
                .await?;
        found.extend(some.iter().filter(|s| holds(&s.address, &text)).map(|s| s.id.clone()));
        match some.last() {
            Some(last) if some.len() as i64 == AT_ONCE => after.clone_from(&last.id),
            _ => return Ok(found),
        }
    }
}

/// As somebody would type it; `None`: nobody would.
fn text(subject: &Subject) -> Option<String> {
    match subject {
        Subject::Key(_) | Subject::Value(_) => Some(subject.shown().to_lowercase()),
        Subject::Events(_) => None,
    }
}

/// An address is percent-encoded, `+` stands for a space, and its query puts backslashes before marks.
fn holds(address: &str, text: &str) -> bool {
    let decoded = percent_decoded(&address.replace('+', " "));
    holds_word(&decoded, text) || holds_word(&decoded.replace('\\', ""), text)
}

fn percent_decoded(text: &str) -> String {
    let (mut out, mut rest) = (Vec::with_capacity(text.len()), text.as_bytes());
    while let Some((&b, behind)) = rest.split_first() {
        let digits = behind.get(..2).and_then(|d| std::str::from_utf8(d).ok());
        match digits.filter(|_| b == b'%').and_then(|d| u8::from_str_radix(d, 16).ok()) {
            Some(byte) => {
                out.push(byte);
                rest = behind.get(2..).unwrap_or_default();
            }
            None => {
                out.push(b);
                rest = behind;
            }
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

/// Does it stand there, and not inside a longer word? `text` is in lower case.
fn holds_word(within: &str, text: &str) -> bool {
    let within = within.to_lowercase();
    let ends_in_word = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
    within.match_indices(text).any(|(at, _)| {
        let (before, behind) =
            (within.get(..at).unwrap_or_default(), within.get(at + text.len()..).unwrap_or_default());
        let begins = ends_in_word(text.chars().next()) && ends_in_word(before.chars().next_back());
        let ends = ends_in_word(text.chars().next_back()) && ends_in_word(behind.chars().next());
        !begins && !ends
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_subject_is_found_however_the_address_writes_it() {
        for (address, text, there) in [
            ("q=key%3Aord-4711&from=-1h", "ord-4711", true),
            ("key=ord-4711", "ord-4711", true),
            ("q=key%3Aord-47112", "ord-4711", false),
            ("q=order-4711", "ord-4711", false),
            ("q=%22Ann+Lee%22", "ann lee", true),
            ("q=%22Ann%20%5C%22the%5C%22%20Lee%22", "ann \"the\" lee", true),
            ("q=Stra%C3%9Fe", "straße", true),
            ("from=2026-11-22", "4711", false),
        ] {
            assert_eq!(holds(address, text), there, "{address}");
        }
    }
}
