use weir_domain::{Timestamp, access::Role};

const HOUR: i64 = 3_600;
const DAY: i64 = 24 * HOUR;

/// When a token ends, in words: "in 29 days", "3 hours ago".
pub(super) fn relative(at: Timestamp, now: Timestamp) -> String {
    let seconds = at.micros_since(now) / 1_000_000;
    let length = match seconds.abs() {
        s if s < HOUR => counted(s / 60, "minute"),
        s if s < 2 * DAY => counted(s / HOUR, "hour"),
        s => counted(s / DAY, "day"),
    };
    if seconds < 0 { format!("{length} ago") } else { format!("in {length}") }
}

fn counted(n: i64, what: &str) -> String {
    if n == 1 { format!("1 {what}") } else { format!("{n} {what}s") }
}

/// What a role lets a program do.
pub(super) const fn of(role: Role) -> &'static str {
    match role {
        Role::Viewer => "sees that events exist, their type, time and size; sources and figures",
        Role::Operator => "as viewer; pauses and resumes sources",
        Role::Support => "as viewer; sees keys, headers and payloads",
        Role::Approver => "approves replays",
        Role::Architect => "as viewer; sees keys and headers",
        Role::Auditor => "sees the audit",
        Role::Admin => "rules people and sources, and sees no payload",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ends_in_words() {
        let now = Timestamp(1_795_357_928_214_123);
        for (seconds, want) in [
            (90 * DAY, "in 90 days"),
            (90 * DAY - 1, "in 89 days"),
            (2 * DAY - 1, "in 47 hours"),
            (HOUR, "in 1 hour"),
            (61, "in 1 minute"),
            (0, "in 0 minutes"),
            (-30, "0 minutes ago"),
            (-3 * DAY, "3 days ago"),
        ] {
            assert_eq!(relative(now.plus_secs(seconds), now), want, "{seconds}");
        }
    }
}
