//! The kinds of problems, each with its meaning: the documentation is made of this list.

/// One kind of problem. A code is never given another meaning.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Kind {
    pub code: &'static str,
    pub status: u16,
    pub title: &'static str,
    pub meaning: &'static str,
}

macro_rules! kinds {
    ($($name:ident = $status:literal $code:literal, $title:literal: $meaning:literal;)+) => {
        $(pub const $name: Kind = Kind { code: $code, status: $status, title: $title, meaning: $meaning };)+
        /// All of them, by status.
        pub const KINDS: &[Kind] = &[$($name),+];
    };
}

kinds! {
    INVALID = 400 "invalid", "The request can't be carried out as it is":
        "A parameter or the body is unknown, missing or wrong; detail names it.";
    NO_TOKEN = 401 "no_token", "No valid token":
        "The Authorization header is missing, or its token is unknown, expired or revoked, or its person was deactivated.";
    NOT_ALLOWED = 403 "not_allowed", "Not allowed":
        "The token lacks a permission: needs names it, roles those that have it.";
    SESSIONS_ONLY = 403 "sessions_only", "Not for tokens":
        "Only a person who signed in to the console may do this.";
    NOT_FOUND = 404 "not_found", "Not found":
        "There is nothing at this address, or nothing that the token may see.";
    WRONG_METHOD = 405 "wrong_method", "Wrong method":
        "The address is there, and takes other methods: Allow names them.";
    CONFLICT = 409 "conflict", "Conflict":
        "Something else happened in between, or is in the way.";
    TOO_LARGE = 413 "too_large", "Too large":
        "The body is larger than this server takes.";
    NOT_JSON = 415 "not_json", "Not JSON":
        "A body must say Content-Type: application/json.";
    WRONG_HOST = 421 "wrong_host", "Wrong host":
        "Weir is not known by the name in Host.";
    TOO_MANY = 429 "too_many", "Too many requests":
        "Too many at once with one token, or too many wrong tokens from one address: Retry-After says how long to wait.";
    INTERNAL = 500 "internal", "Weir failed":
        "A defect; the server's log has it under request_id.";
    UNAVAILABLE = 503 "unavailable", "Unavailable":
        "The database is away or the server is starting: Retry-After says when to try again.";
    TIMED_OUT = 504 "timed_out", "Took too long":
        "The answer did not begin within the server's limit: ask for less, or again later.";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_unique_and_in_order() {
        assert!(KINDS.is_sorted_by_key(|k| k.status));
        for (i, kind) in KINDS.iter().enumerate() {
            assert!(KINDS[..i].iter().all(|k| k.code != kind.code), "{}", kind.code);
        }
    }
}
