use crate::{CaseError, RuleId, access::channel_pattern_matches};
use serde::{Deserialize, Serialize};

/// Rules that may be kept, those that change what comes with Weir among them.
pub const MOST_RULES: u32 = 200;
/// Characters of a pattern.
const LONGEST: usize = 200;
/// A limit is at most a week.
const LONGEST_MIN: u32 = 7 * 24 * 60;

/// What a rule looks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RuleKind {
    /// Retention deletes unread events within so many minutes.
    LosesUnread,
    /// STOP or STALL for so many minutes.
    StandsStill,
    /// The oldest unread event is older than so many minutes, and lag grows.
    TimeLag,
    /// The source can't be reached, no tap reports of it, its tap is so many minutes behind, or its groups are not observed.
    Source,
}

impl RuleKind {
    pub const ALL: [Self; 4] = [Self::LosesUnread, Self::StandsStill, Self::TimeLag, Self::Source];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::LosesUnread => "loses_unread",
            Self::StandsStill => "stands_still",
            Self::TimeLag => "time_lag",
            Self::Source => "source",
        }
    }

    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|k| k.as_str() == word)
    }

    /// For a person.
    pub const fn name(self) -> &'static str {
        match self {
            Self::LosesUnread => "Loses unread data",
            Self::StandsStill => "Stands still",
            Self::TimeLag => "Falls behind",
            Self::Source => "Source is silent",
        }
    }

    /// What its limit means, after the number of minutes.
    pub const fn limit_means(self) -> &'static str {
        match self {
            Self::LosesUnread => "retention deletes unread events within this time",
            Self::StandsStill => "STOP or STALL for this long",
            Self::TimeLag => "the oldest unread event is older than this, and lag grows",
            Self::Source => "unreachable, without a report, its lag not observed, or its tap behind by this",
        }
    }

    const fn default_limit(self) -> (u32, Severity) {
        match self {
            Self::LosesUnread => (240, Severity::Page),
            Self::StandsStill => (10, Severity::Page),
            Self::TimeLag => (15, Severity::Notify),
            Self::Source => (5, Severity::Page),
        }
    }

    /// As it comes with Weir: on, everywhere.
    pub fn default_rule(self) -> Rule {
        let (limit_min, severity) = self.default_limit();
        Rule {
            id: RuleId(self.as_str().to_owned()),
            kind: self,
            scope: Scope::everything(),
            severity,
            on: true,
            limit_min,
            changed: false,
        }
    }

    pub const fn is_of_groups(self) -> bool {
        !matches!(self, Self::Source)
    }
}

/// How loudly somebody is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// When somebody looks next.
    Notify,
    /// Now, whatever the hour.
    Page,
}

impl Severity {
    pub const ALL: [Self; 2] = [Self::Page, Self::Notify];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Page => "page",
            Self::Notify => "notify",
        }
    }

    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|s| s.as_str() == word)
    }
}

/// Where something holds, by names; `*` stands for any run of characters.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Scope {
    pub source: String,
    pub environment: String,
    pub group: String,
}

impl Default for Scope {
    fn default() -> Self {
        Self::everything()
    }
}

impl Scope {
    pub fn everything() -> Self {
        Self { source: "*".into(), environment: "*".into(), group: "*".into() }
    }

    /// As somebody wrote it; empty is everything.
    ///
    /// # Errors
    /// Says which pattern can't be used.
    pub fn read(source: &str, environment: &str, group: &str) -> Result<Self, CaseError> {
        let one = |what: &str, raw: &str| {
            let text = raw.trim();
            if text.chars().count() > LONGEST || text.chars().any(char::is_control) {
                return Err(CaseError::Invalid {
                    what: format!("The pattern for the {what} is longer than {LONGEST} characters, or no single line."),
                    what_to_do: "Write a name; * stands for any run of characters.".into(),
                });
            }
            Ok(if text.is_empty() { "*".to_owned() } else { text.to_owned() })
        };
        Ok(Self {
            source: one("source", source)?,
            environment: one("environment", environment)?,
            group: one("group", group)?,
        })
    }

    /// A group of a source, or (`None`) the source itself: that is no part of what is said of some groups.
    pub fn covers(&self, source: &str, environment: &str, group: Option<&str>) -> bool {
        channel_pattern_matches(&self.source, source)
            && channel_pattern_matches(&self.environment, environment)
            && match group {
                Some(group) => channel_pattern_matches(&self.group, group),
                None => self.all_groups(),
            }
    }

    fn all_groups(&self) -> bool {
        !self.group.is_empty() && self.group.bytes().all(|b| b == b'*')
    }

    /// The closer it names something, the more it weighs: its group before its source before its environment.
    fn weight(&self) -> (usize, usize, usize) {
        let letters = |pattern: &str| pattern.chars().filter(|c| *c != '*').count();
        (letters(&self.group), letters(&self.source), letters(&self.environment))
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rule {
    pub id: RuleId,
    pub kind: RuleKind,
    pub scope: Scope,
    pub severity: Severity,
    pub on: bool,
    /// Minutes; what they mean is [`RuleKind::limit_means`].
    pub limit_min: u32,
    /// Somebody added it, or changed it from what comes with Weir.
    pub changed: bool,
}

impl Rule {
    /// Comes with Weir, as it is or changed: it can be switched off, not removed.
    pub fn is_built_in(&self) -> bool {
        RuleKind::parse(&self.id.0) == Some(self.kind)
    }

    pub const fn limit_us(&self) -> i64 {
        self.limit_min as i64 * 60_000_000
    }
}

/// A rule as somebody wants it. One that comes with Weir holds everywhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleDraft {
    pub kind: RuleKind,
    pub scope: Scope,
    pub severity: Severity,
    pub on: bool,
    pub limit_min: u32,
}

impl RuleDraft {
    /// # Errors
    /// Says what can't be used.
    pub fn read(self, id: RuleId) -> Result<Rule, CaseError> {
        let invalid = |what: &str, what_to_do: &str| {
            Err(CaseError::Invalid { what: what.to_owned(), what_to_do: what_to_do.to_owned() })
        };
        if !(1..=LONGEST_MIN).contains(&self.limit_min) {
            return invalid("The limit is no number of minutes from 1 to 10,080.", "Write minutes: 240 is four hours.");
        }
        if self.kind == RuleKind::Source && !self.scope.all_groups() {
            return invalid("A rule about sources names a group.", "Leave the group at *.");
        }
        let built_in = RuleKind::parse(&id.0);
        if built_in.is_some_and(|kind| kind != self.kind) {
            return invalid("The kind of a rule can't be changed.", "Add another rule.");
        }
        if built_in.is_some() && self.scope != Scope::everything() {
            return invalid(
                "A rule that comes with Weir holds everywhere.",
                "Add a rule of the same kind for those groups: the one that names them most closely wins.",
            );
        }
        let RuleDraft { kind, scope, severity, on, limit_min } = self;
        Ok(Rule { id, kind, scope, severity, on, limit_min, changed: true })
    }
}

/// What is kept, and what comes with Weir where nothing is kept of it. By kind; what comes with Weir first.
pub fn with_defaults(kept: Vec<Rule>) -> Vec<Rule> {
    let as_it_comes = |kind: &RuleKind| !kept.iter().any(|r| r.is_built_in() && r.kind == *kind);
    let mut all: Vec<Rule> = RuleKind::ALL.into_iter().filter(as_it_comes).map(RuleKind::default_rule).collect();
    all.extend(kept);
    // Stable: of rules alike, those added later stay later.
    all.sort_by_key(|r| (r.kind, !r.is_built_in()));
    all
}

/// The one rule of a kind that holds for a group or a source: the one that names it most closely, of those alike the one
/// that was added last. It may be off.
pub fn effective<'a>(
    rules: &'a [Rule],
    kind: RuleKind,
    source: &str,
    environment: &str,
    group: Option<&str>,
) -> Option<&'a Rule> {
    let fits = rules.iter().filter(|r| r.kind == kind && r.scope.covers(source, environment, group));
    fits.max_by_key(|r| r.scope.weight())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(id: &str, kind: RuleKind, group: &str, source: &str, on: bool) -> Rule {
        let scope = Scope { source: source.into(), group: group.into(), environment: "*".into() };
        Rule { id: RuleId(id.into()), scope, on, changed: true, ..kind.default_rule() }
    }

    #[test]
    fn what_comes_with_weir_is_on_from_the_start() {
        let all = with_defaults(Vec::new());
        assert_eq!(all.len(), 4);
        assert!(all.iter().all(|r| r.on && r.is_built_in() && !r.changed && r.scope == Scope::everything()));
        let limits: Vec<_> = all.iter().map(|r| (r.kind.as_str(), r.limit_min, r.severity.as_str())).collect();
        assert_eq!(
            limits,
            [
                ("loses_unread", 240, "page"),
                ("stands_still", 10, "page"),
                ("time_lag", 15, "notify"),
                ("source", 5, "page")
            ]
        );
    }

    #[test]
    fn the_closest_rule_wins_and_may_be_off() {
        use RuleKind::StandsStill as Still;
        let kept = vec![
            rule("a", Still, "billing-*", "*", true),
            rule("b", Still, "billing-nightly", "*", false),
            rule("c", Still, "billing-*", "shop", true),
            rule("d", Still, "billing-*", "shop", false),
        ];
        let all = with_defaults(kept);
        for (source, group, want) in [
            ("shop", "other", "stands_still"),
            ("bus", "billing-x", "a"),
            ("bus", "billing-nightly", "b"),
            // More of the group is named than by the one that names the source too.
            ("shop", "billing-nightly", "b"),
            // Of two alike, the one added last.
            ("shop", "billing-x", "d"),
        ] {
            let found = effective(&all, Still, source, "test", Some(group)).map(|r| r.id.0.as_str());
            assert_eq!(found, Some(want), "{source} {group}");
        }
        // A rule about some groups says nothing of their source.
        let some = rule("e", RuleKind::Source, "billing", "*", false);
        let all = with_defaults(vec![some]);
        assert_eq!(effective(&all, RuleKind::Source, "shop", "test", None).map(|r| r.id.0.as_str()), Some("source"));
    }

    #[test]
    fn drafts_are_read_strictly() {
        let draft = |limit_min, group: &str, kind| RuleDraft {
            kind,
            scope: Scope::read("", " ", group).unwrap(),
            severity: Severity::Page,
            on: true,
            limit_min,
        };
        let own = || RuleId("0193".into());
        assert_eq!(draft(10, "a*", RuleKind::TimeLag).read(own()).unwrap().scope.source, "*");
        assert!(draft(0, "", RuleKind::TimeLag).read(own()).is_err());
        assert!(draft(10_081, "", RuleKind::TimeLag).read(own()).is_err());
        assert!(draft(10, "a", RuleKind::Source).read(own()).is_err());
        assert!(draft(10, "a", RuleKind::TimeLag).read(RuleId("time_lag".into())).is_err());
        assert!(draft(10, "", RuleKind::TimeLag).read(RuleId("source".into())).is_err());
        assert!(draft(10, "", RuleKind::TimeLag).read(RuleId("time_lag".into())).unwrap().is_built_in());
        assert!(Scope::read(&"x".repeat(201), "", "").is_err() && Scope::read("a\nb", "", "").is_err());
    }
}
