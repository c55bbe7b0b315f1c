use weir_broker::{Discovered, Discovery};
use weir_domain::access::channel_pattern_matches;

/// Names of left-out channels shown at most; the total is exact.
pub const LEFT_OUT_SHOWN: usize = 200;

/// Which channels of a source are captured: an allow-list (decision 14).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    patterns: Vec<String>,
    include_internal: bool,
}

/// What no pattern includes. The broker's own channels are not counted unless asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LeftOut {
    /// In the order of their names, at most [`LEFT_OUT_SHOWN`].
    pub names: Vec<String>,
    pub total: u32,
}

impl Policy {
    pub fn new(patterns: Vec<String>, include_internal: bool) -> Self {
        Self { patterns, include_internal }
    }

    pub fn includes(&self, channel: &str, internal: bool) -> bool {
        (self.include_internal || !internal) && self.patterns.iter().any(|p| channel_pattern_matches(p, channel))
    }

    /// What is to be captured, and what is left out.
    pub fn split(&self, discovery: Discovery) -> (Vec<Discovered>, LeftOut) {
        let (wanted, rest): (Vec<_>, Vec<_>) =
            discovery.channels.into_iter().partition(|c| self.includes(&c.channel, c.internal));
        let mut names: Vec<_> =
            rest.into_iter().filter(|c| self.include_internal || !c.internal).map(|c| c.channel).collect();
        names.sort_unstable();
        let total = u32::try_from(names.len()).unwrap_or(u32::MAX);
        names.truncate(LEFT_OUT_SHOWN);
        (wanted, LeftOut { names, total })
    }

    /// For [`weir_domain::capture::TapCatalog::set_begun`]; [`Policy::from_text`] reads it.
    pub fn to_text(&self) -> String {
        let mut text = String::from(if self.include_internal { "internal" } else { "" });
        for pattern in &self.patterns {
            text.push('\n');
            // A channel's name holds no line break on any broker; a pattern with one matches nothing.
            text.push_str(&pattern.replace('\n', " "));
        }
        text
    }

    pub fn from_text(text: &str) -> Self {
        let mut lines = text.split('\n');
        let include_internal = lines.next() == Some("internal");
        Self { patterns: lines.map(str::to_owned).collect(), include_internal }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use weir_domain::capture::Incarnation;

    fn discovery(names: &[&str]) -> Discovery {
        let channel = |n: &&str| Discovered {
            channel: (*n).into(),
            internal: n.starts_with("__"),
            incarnation: Incarnation(vec![]),
            partitions: vec![],
        };
        Discovery { channels: names.iter().map(channel).collect() }
    }

    fn names(channels: &[Discovered]) -> Vec<&str> {
        channels.iter().map(|c| c.channel.as_str()).collect()
    }

    #[test]
    fn an_allow_list_and_what_it_leaves_out() {
        let all = ["order.placed", "user.made", "__consumer_offsets", "audit"];
        let (wanted, out) = Policy::new(vec!["order.*".into(), "user.*".into()], false).split(discovery(&all));
        assert_eq!(names(&wanted), ["order.placed", "user.made"]);
        assert_eq!(out, LeftOut { names: vec!["audit".into()], total: 1 });
        let (wanted, _) = Policy::new(vec!["*".into()], false).split(discovery(&all));
        assert_eq!(names(&wanted), ["order.placed", "user.made", "audit"]);
        let (wanted, out) = Policy::new(vec!["__*".into()], true).split(discovery(&all));
        assert_eq!((names(&wanted), out.total), (vec!["__consumer_offsets"], 3));
        let (wanted, out) = Policy::new(vec![], false).split(discovery(&all));
        assert_eq!((wanted.len(), out.total), (0, 3));
    }

    #[test]
    fn many_left_out_are_counted_and_some_are_named() {
        let all: Vec<String> = (0..1000).map(|i| format!("t{i:04}")).collect();
        let all: Vec<&str> = all.iter().map(String::as_str).collect();
        let (_, out) = Policy::new(vec![], false).split(discovery(&all));
        assert_eq!((out.names.len(), out.total), (LEFT_OUT_SHOWN, 1000));
        assert_eq!(out.names[199], "t0199");
    }

    proptest! {
        #[test]
        fn a_policy_survives_its_own_text(patterns in proptest::collection::vec("[a-z.*]{0,8}", 0..5), internal: bool) {
            let policy = Policy::new(patterns, internal);
            prop_assert_eq!(Policy::from_text(&policy.to_text()), policy);
        }
    }
}
