//! The pure step from what is seen to alerts.

use super::{
    Alert, AlertState, Changes, Part, Rule, RuleKind, SourceHealth, TapMarks, Watch,
    finding::{self, Finding},
    rule::effective,
    tell::tell,
    words,
};
use crate::{
    AlertId, GroupId, SourceId, Timestamp,
    lag::{Standing, Status},
};
use std::collections::{HashMap, HashSet};

/// An alert is over once it has not held for so long: a dip ends nothing.
pub const CLEAR_FOR: i64 = 300;
/// What an open alert says is written anew this often; that it became worse, at once.
const WRITTEN_EVERY: i64 = 60;

/// What is seen now.
#[derive(Debug, Clone, Copy)]
pub struct Seen<'a> {
    pub standings: &'a [Standing],
    pub sources: &'a [SourceHealth],
    pub now: Timestamp,
}

/// What one judging knows of those before; lost with its process, at the cost of some minutes' patience.
#[derive(Debug)]
pub struct Memory {
    /// When it began.
    pub(super) since: Timestamp,
    pub(super) marks: TapMarks,
    /// Since when groups stand still on a channel, whether by STALL or STOP.
    still: HashMap<(GroupId, String), Timestamp>,
}

impl Memory {
    pub fn new(now: Timestamp) -> Self {
        Self { since: now, marks: TapMarks::default(), still: HashMap::new() }
    }

    pub(super) fn still_since(&self, s: &Standing) -> Option<Timestamp> {
        self.still.get(&(s.group, s.channel.clone())).copied()
    }

    fn see(&mut self, seen: &Seen<'_>) {
        self.marks.see(seen.sources.iter().flat_map(|s| &s.behind), seen.now);
        let mut still = HashMap::new();
        for s in seen.standings {
            let key = (s.group, s.channel.clone());
            let before = self.still.get(&key).copied();
            match s.verdict.status {
                Status::Stop | Status::Stall => {
                    still.insert(key, before.map_or(s.since, |b| b.min(s.since)));
                }
                // Not knowing for a while does not mean that it moved.
                Status::Unknown => {
                    if let Some(before) = before {
                        still.insert(key, before);
                    }
                }
                Status::Ok | Status::Rewind | Status::Warn => {}
            }
        }
        self.still = still;
    }
}

/// What came of it: what is to be kept, and how many alerts go on as they were.
#[derive(Debug, Clone, Default)]
pub struct Judged {
    pub changes: Changes,
    pub still: usize,
}

/// A group, or a source as a whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum About {
    Group(GroupId),
    Source(SourceId),
}

fn about(alert: &Alert) -> About {
    alert.group.as_ref().map_or(About::Source(alert.source), |(id, _)| About::Group(*id))
}

/// What the rule of one kind says of one group or source.
struct Said<'a> {
    rule: &'a Rule,
    holds: Option<(AlertState, Vec<Part>)>,
    /// Channels of which nothing can be said; `None` among them: the source.
    unknown: HashSet<Option<&'a str>>,
    standing: Option<&'a Standing>,
    source: Option<&'a SourceHealth>,
}

/// `id` makes ids of alerts and of messages about many.
pub fn judge(watch: &Watch, seen: Seen<'_>, memory: &mut Memory, mut id: impl FnMut() -> String) -> Judged {
    memory.see(&seen);
    let said = say(watch, &seen, memory);
    let mut all: Vec<(Alert, bool)> = Vec::with_capacity(watch.open.len());
    let mut there = HashSet::new();
    for before in &watch.open {
        let key = (before.kind, about(before));
        there.insert(key);
        let mut alert = before.clone();
        go_on(&mut alert, said.get(&key), &seen);
        all.push((alert, false));
    }
    for (key, said) in said.iter().filter(|(key, _)| !there.contains(key)) {
        if let Some(alert) = open(key.0, said, &seen, &mut id) {
            all.push((alert, true));
        }
    }
    // The same order every time.
    all.sort_by(|(a, _), (b, _)| (a.opened_at, a.kind, a.about(), &a.id).cmp(&(b.opened_at, b.kind, b.about(), &b.id)));
    let messages = tell(watch, &mut all, seen.now, &mut id);
    let mut judged = Judged::default();
    judged.changes.messages = messages;
    let before: HashMap<&AlertId, &Alert> = watch.open.iter().map(|a| (&a.id, a)).collect();
    for (alert, new) in all {
        if new {
            judged.changes.opened.push(alert);
        } else {
            let before = before.get(&alert.id);
            if before.is_some_and(|b| is_worth_writing(b, &alert)) {
                judged.changes.changed.push(alert);
            } else {
                judged.still += 1;
            }
        }
    }
    judged
}

/// By rule kind and what it is about, in no order.
fn say<'a>(watch: &'a Watch, seen: &Seen<'a>, memory: &Memory) -> HashMap<(RuleKind, About), Said<'a>> {
    let sources: HashMap<SourceId, &SourceHealth> = seen.sources.iter().map(|s| (s.source, s)).collect();
    let open: HashSet<_> = watch.open.iter().map(|a| (a.kind, about(a))).collect();
    let mut all: HashMap<(RuleKind, About), Said<'a>> = HashMap::new();
    for s in seen.standings {
        let source = sources.get(&s.source).copied();
        let environment = source.map_or("", |s| s.environment_name.as_str());
        for kind in RuleKind::ALL.into_iter().filter(|k| k.is_of_groups()) {
            let Some(rule) = effective(&watch.rules, kind, &s.source_name, environment, Some(&s.name)) else {
                continue;
            };
            let key = (kind, About::Group(s.group));
            let found = match rule.on {
                true => finding::of_group(rule, s, source, open.contains(&key), memory, seen.now),
                false => Finding::Clear,
            };
            let said = all.entry(key).or_insert_with(|| Said {
                rule,
                holds: None,
                unknown: HashSet::new(),
                standing: Some(s),
                source,
            });
            match found {
                Finding::Holds(state, part) => {
                    let (worst, parts) = said.holds.get_or_insert_with(|| (state, Vec::new()));
                    // The worst channel first.
                    let at = if state > *worst { 0 } else { parts.len() };
                    *worst = state.max(*worst);
                    parts.insert(at, part);
                }
                Finding::Unknown => drop(said.unknown.insert(Some(&s.channel))),
                Finding::Clear => {}
            }
        }
    }
    for s in seen.sources {
        let Some(rule) = effective(&watch.rules, RuleKind::Source, &s.name, &s.environment_name, None) else {
            continue;
        };
        let key = (RuleKind::Source, About::Source(s.source));
        let found = match rule.on {
            true => finding::of_source(rule, s, open.contains(&key), memory, seen.now),
            false => Finding::Clear,
        };
        let (holds, unknown) = match found {
            Finding::Holds(state, part) => (Some((state, vec![part])), HashSet::new()),
            Finding::Unknown => (None, HashSet::from([None])),
            Finding::Clear => (None, HashSet::new()),
        };
        all.insert(key, Said { rule, holds, unknown, standing: None, source: Some(s) });
    }
    all
}

/// What became of an open alert.
fn go_on(alert: &mut Alert, said: Option<&Said<'_>>, seen: &Seen<'_>) {
    let source = seen.sources.iter().find(|s| s.source == alert.source);
    // Nothing is seen of it any more: its group is gone, or its broker is not reached, which tells nothing of it.
    let away = source.is_some_and(|s| s.wanted && s.state.stands_still());
    // What it was about and may still be, for all that is known. Its other channels are clear, and what is unknown of a
    // channel that it is not about says nothing of it.
    let (holds, unsure) = match said {
        Some(said) => {
            let named = alert.parts.iter().filter(|p| said.unknown.contains(&p.channel.as_deref()));
            (said.holds.as_ref(), named.cloned().collect())
        }
        None if alert.group.is_some() && away => (None, alert.parts.clone()),
        None => (None, Vec::new()),
    };
    if holds.is_some() || unsure.is_empty() {
        alert.broker = words::broker(source, seen.now);
    }
    match holds {
        Some((state, parts)) => {
            // A channel that is out of sight may be as bad as it was.
            alert.state = if unsure.is_empty() { *state } else { alert.state.max(*state) };
            alert.parts.clone_from(parts);
            alert.parts.extend(unsure);
            alert.seen_at = seen.now;
            alert.clear_since = None;
            if let Some(said) = said {
                alert.rule = said.rule.id.clone();
                alert.severity = said.rule.severity;
                alert.owner = said.standing.and_then(|s| s.owner.clone());
            }
        }
        None if !unsure.is_empty() => {
            alert.parts = unsure;
            alert.clear_since = None;
        }
        None => {
            let since = *alert.clear_since.get_or_insert(seen.now);
            let off = said.is_some_and(|s| !s.rule.on);
            if off || seen.now.micros_since(since) >= CLEAR_FOR * 1_000_000 {
                alert.resolved_at = Some(seen.now);
            }
        }
    }
}

fn open(kind: RuleKind, said: &Said<'_>, seen: &Seen<'_>, id: &mut impl FnMut() -> String) -> Option<Alert> {
    let (state, parts) = said.holds.as_ref()?;
    let (source, source_name, environment) = match (said.standing, said.source) {
        (Some(s), _) => (s.source, s.source_name.clone(), s.environment),
        (None, Some(s)) => (s.source, s.name.clone(), s.environment),
        (None, None) => return None,
    };
    let id = id();
    Some(Alert {
        id: AlertId(id),
        kind,
        rule: said.rule.id.clone(),
        severity: said.rule.severity,
        state: *state,
        source,
        source_name,
        environment,
        environment_name: said.source.map(|s| s.environment_name.clone()).unwrap_or_default(),
        group: said.standing.map(|s| (s.group, s.name.clone())),
        parts: parts.clone(),
        owner: said.standing.and_then(|s| s.owner.clone()),
        broker: words::broker(said.source, seen.now),
        opened_at: seen.now,
        seen_at: seen.now,
        clear_since: None,
        resolved_at: None,
        told_at: None,
        told_state: None,
        acknowledged: None,
        snoozed: None,
        snoozed_until: None,
    })
}

fn is_worth_writing(before: &Alert, now: &Alert) -> bool {
    let but_words =
        |a: &Alert| Alert { parts: Vec::new(), broker: String::new(), seen_at: Timestamp::EPOCH, ..a.clone() };
    let channels = |a: &Alert| {
        let mut all: Vec<_> = a.parts.iter().map(|p| p.channel.clone()).collect();
        all.sort_unstable();
        all
    };
    but_words(before) != but_words(now)
        || channels(before) != channels(now)
        || now.seen_at.micros_since(before.seen_at) >= WRITTEN_EVERY * 1_000_000
}

#[cfg(test)]
#[path = "judge_tests.rs"]
mod tests;
