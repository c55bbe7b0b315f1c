use weir_domain::access::{Role, people::GrantShown};

/// What a role may, in a line.
pub(crate) const fn may(role: Role) -> &'static str {
    match role {
        Role::Viewer => {
            "sees that events exist (channel, type, time, size), sources, lag, flows and failures; no key, header or payload"
        }
        Role::Operator => "what a viewer may; pauses sources, resets lag, edits monitors",
        Role::Support => {
            "what a viewer may; reads and searches keys, reads headers and payloads, exports them, works on failures and replays"
        }
        Role::Approver => "approves replays that somebody else drafted",
        Role::Architect => {
            "what a viewer may; reads and searches keys, reads headers, models flows, edits schemas and policies; no payload"
        }
        Role::Auditor => "reads the audit log",
        Role::Admin => "rules people, sources, capture and erasure, reads the audit log; no key, header or payload",
    }
}

/// Which channels a grant covers: "order.* of shop", "every channel in production".
pub(crate) fn grant_words(g: &GrantShown) -> String {
    let what = match g.grant.channel_pattern.as_str() {
        "*" => "every channel",
        pattern => pattern,
    };
    // A name is missing only where the place went away a moment ago.
    let name = |name: &Option<String>, id: i64| name.clone().unwrap_or_else(|| format!("#{id}"));
    let source = g.grant.source.map(|id| format!(" of {}", name(&g.source, id.0)));
    let environment = g.grant.environment.map(|id| format!(" in {}", name(&g.environment, id.0)));
    match (source, environment) {
        (None, None) => format!("{what} everywhere"),
        (source, environment) => format!("{what}{}{}", source.unwrap_or_default(), environment.unwrap_or_default()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use weir_domain::{EnvironmentId, SourceId, access::Grant};

    #[test]
    fn grants_in_words() {
        let shown = |environment: Option<&str>, source: Option<&str>, pattern: &str| GrantShown {
            grant: Grant {
                environment: environment.map(|_| EnvironmentId(1)),
                source: source.map(|_| SourceId(2)),
                channel_pattern: pattern.into(),
            },
            environment: environment.filter(|e| !e.is_empty()).map(str::to_owned),
            source: source.map(str::to_owned),
        };
        for (grant, want) in [
            (shown(None, None, "*"), "every channel everywhere"),
            (shown(None, None, "order.*"), "order.* everywhere"),
            (shown(Some("production"), None, "*"), "every channel in production"),
            (shown(None, Some("shop"), "order.*"), "order.* of shop"),
            (shown(Some("production"), Some("shop"), "*"), "every channel of shop in production"),
            (shown(Some(""), None, "*"), "every channel in #1"),
        ] {
            assert_eq!(grant_words(&grant), want);
        }
    }

    #[test]
    fn every_role_says_what_it_may() {
        let all: Vec<_> = Role::ALL.iter().map(|r| may(*r)).collect();
        assert!(all.iter().enumerate().all(|(i, w)| !w.is_empty() && !all[..i].contains(w)));
    }
}
