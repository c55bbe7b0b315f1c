use crate::{EnvironmentId, SourceId};
use serde::{Deserialize, Serialize};

/// Where a person's permissions hold. `None` means any. A person without a grant sees no channel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Grant {
    pub environment: Option<EnvironmentId>,
    pub source: Option<SourceId>,
    /// `*` stands for any run of characters; `*` alone for every channel.
    pub channel_pattern: String,
}

impl Grant {
    pub fn everything() -> Self {
        Self { environment: None, source: None, channel_pattern: "*".into() }
    }
    pub fn covers(&self, environment: EnvironmentId, source: SourceId, channel: &str) -> bool {
        self.environment.is_none_or(|e| e == environment)
            && self.source.is_none_or(|s| s == source)
            && channel_pattern_matches(&self.channel_pattern, channel)
    }
}

/// `*` matches any run of characters, all else itself. Linear in `pattern.len() * text.len()`.
pub fn channel_pattern_matches(pattern: &str, text: &str) -> bool {
    let (p, t) = (pattern.as_bytes(), text.as_bytes());
    let (mut i, mut j, mut star, mut mark) = (0, 0, None, 0);
    while j < t.len() {
        if i < p.len() && p[i] == b'*' {
            star = Some(i);
            mark = j;
            i += 1;
        } else if i < p.len() && p[i] == t[j] {
            i += 1;
            j += 1;
        } else if let Some(s) = star {
            i = s + 1;
            mark += 1;
            j = mark;
        } else {
            return false;
        }
    }
    p[i..].iter().all(|&c| c == b'*')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns() {
        for (p, t, want) in [
            ("*", "", true),
            ("*", "order.placed", true),
            ("order.*", "order.placed", true),
            ("order.*", "orders", false),
            ("*.dlt", "a.b.dlt", true),
            ("a*b*c", "aXbYbZc", true),
            ("a*b*c", "aXbYbZ", false),
            ("order.placed", "order.placed", true),
            ("order.placed", "order.placed2", false),
            ("", "", true),
            ("", "x", false),
        ] {
            assert_eq!(channel_pattern_matches(p, t), want, "{p:?} on {t:?}");
        }
    }
}
