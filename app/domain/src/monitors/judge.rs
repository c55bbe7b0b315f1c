//! The pure step from what is seen to alerts and messages.

use super::{
    Alert, AlertState, Cause, Changes, Message, Outlet, Rule, RuleKind, SourceHealth, TapMarks, Watch,
    finding::{self, Finding},
    rule::effective,
    words,
};
use crate::{
    AlertId, GroupId, OutletId, SourceId, Timestamp,
    lag::{Standing, Status},
};
use std::collections::{HashMap, HashSet};

/// An alert is over once it has not held for so long: a dip ends nothing.
pub const CLEAR_FOR: i64 = 300;
/// What nobody has acknowledged is told again after so many seconds.
pub const AGAIN_AFTER: i64 = 4 * 3_600;
/// More messages at once become one.
pub const MOST_AT_ONCE: usize = 10;
/// "At once" is within so many seconds.
const AT_ONCE: i64 = 60;
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

/// A message with the outlets that get it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outgoing {
    pub message: Message,
    pub to: OutletId,
    /// The alerts that it is about.
    pub alerts: Vec<AlertId>,
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
    holds: Option<(AlertState, Vec<super::Part>)>,
    unknown: bool,
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
            let said = all.entry(key).or_insert(Said { rule, holds: None, unknown: false, standing: Some(s), source });
            match found {
                Finding::Holds(state, part) => {
                    let (worst, parts) = said.holds.get_or_insert_with(|| (state, Vec::new()));
                    // The worst channel first.
                    let at = if state > *worst { 0 } else { parts.len() };
                    *worst = state.max(*worst);
                    parts.insert(at, part);
                }
                Finding::Unknown => said.unknown = true,
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
            Finding::Holds(state, part) => (Some((state, vec![part])), false),
            Finding::Unknown => (None, true),
            Finding::Clear => (None, false),
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
    let (holds, unknown) = match said {
        Some(said) => (said.holds.as_ref(), said.unknown),
        None => (None, alert.group.is_some() && away),
    };
    if holds.is_some() || !unknown {
        alert.broker = words::broker(source, seen.now);
    }
    match (holds, unknown) {
        (Some((state, parts)), _) => {
            alert.state = *state;
            alert.parts.clone_from(parts);
            alert.seen_at = seen.now;
            alert.clear_since = None;
            if let Some(said) = said {
                alert.rule = said.rule.id.clone();
                alert.severity = said.rule.severity;
                alert.owner = said.standing.and_then(|s| s.owner.clone());
            }
        }
        (None, true) => alert.clear_since = None,
        (None, false) => {
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
        thread: id.clone(),
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
    but_words(before) != but_words(now) || now.seen_at.micros_since(before.seen_at) >= WRITTEN_EVERY * 1_000_000
}

/// Why an alert has to be told, if so.
fn due(alert: &Alert, watch: &Watch, now: Timestamp) -> Option<Cause> {
    let Some(told) = alert.told_at else {
        // Over before anybody was told.
        let quiet = alert.clear_since.is_some() || !alert.is_open() || is_quiet(alert, watch, now);
        return (!quiet).then_some(Cause::Opened);
    };
    if !alert.is_open() {
        return Some(Cause::Resolved);
    }
    // What does not hold just now is not told as if it did.
    if is_quiet(alert, watch, now) || alert.clear_since.is_some() {
        return None;
    }
    if alert.acknowledged.is_none() && alert.told_state.is_some_and(|worst| alert.state > worst) {
        return Some(Cause::Worse);
    }
    let slept = alert.snoozed_until.is_some_and(|until| until > told);
    let long = now.micros_since(told) >= AGAIN_AFTER * 1_000_000;
    (slept || (long && alert.acknowledged.is_none())).then_some(Cause::Repeated)
}

/// Is nobody to be told of it for now?
fn is_quiet(alert: &Alert, watch: &Watch, now: Timestamp) -> bool {
    let group = alert.group.as_ref().map(|(_, name)| name.as_str());
    let covers = |s: &super::Scope| s.covers(&alert.source_name, &alert.environment_name, group);
    alert.is_snoozed(now) || watch.windows.iter().any(|w| w.holds(now) && covers(&w.scope))
}

fn takes(outlet: &Outlet, alert: &Alert) -> bool {
    let group = alert.group.as_ref().map(|(_, name)| name.as_str());
    outlet.on
        && outlet.takes.severity(alert.severity)
        && outlet.takes.scope.covers(&alert.source_name, &alert.environment_name, group)
}

/// The messages that are due, and what they change in the alerts.
fn tell(watch: &Watch, all: &mut [(Alert, bool)], now: Timestamp, id: &mut impl FnMut() -> String) -> Vec<Outgoing> {
    let causes: Vec<Option<Cause>> = all.iter().map(|(alert, _)| due(alert, watch, now)).collect();
    let mut messages = Vec::new();
    for cause in [Cause::Opened, Cause::Worse, Cause::Repeated, Cause::Resolved] {
        let mut which: Vec<usize> = (0..all.len()).filter(|i| causes.get(*i) == Some(&Some(cause))).collect();
        if cause == Cause::Opened {
            which.retain(|i| all.get(*i).is_some_and(|(a, _)| watch.outlets.iter().any(|o| takes(o, a))));
            bring_together(&which, all, now, id);
        }
        if cause == Cause::Resolved {
            // One of many that were told at once is over with the last of them.
            let stand: HashSet<String> =
                all.iter().filter(|(a, _)| a.is_open()).map(|(a, _)| a.thread.clone()).collect();
            which.retain(|i| all.get(*i).is_some_and(|(a, _)| !stand.contains(&a.thread)));
        }
        let alerts: Vec<&Alert> = which.iter().filter_map(|i| all.get(*i)).map(|(a, _)| a).collect();
        for outlet in &watch.outlets {
            messages.extend(to_one(watch, outlet, cause, &alerts, now));
        }
        for i in which {
            if let Some((alert, _)) = all.get_mut(i).filter(|_| cause != Cause::Resolved) {
                alert.told_at = Some(now);
                alert.told_state = Some(alert.told_state.map_or(alert.state, |worst| worst.max(alert.state)));
            }
        }
    }
    messages
}

/// Many that are raised at once get one thread.
fn bring_together(which: &[usize], all: &mut [(Alert, bool)], now: Timestamp, id: &mut impl FnMut() -> String) {
    let lately = |a: &Alert| {
        a.told_at.is_some_and(|at| now.micros_since(at) < AT_ONCE * 1_000_000)
            && now.micros_since(a.opened_at) < AT_ONCE * 1_000_000
    };
    let before = all.iter().filter(|(a, _)| lately(a)).count();
    if which.len() < 2 || before + which.len() <= MOST_AT_ONCE {
        return;
    }
    let thread = id();
    for i in which {
        if let Some((alert, _)) = all.get_mut(*i) {
            alert.thread.clone_from(&thread);
        }
    }
}

/// What one outlet gets of these: a message for each thread, or one if that would be too many at once. An outlet learns
/// nothing of what it does not take.
fn to_one(watch: &Watch, outlet: &Outlet, cause: Cause, alerts: &[&Alert], now: Timestamp) -> Vec<Outgoing> {
    let was_told = |a: &Alert| watch.told.iter().any(|(thread, to)| *thread == a.thread && *to == outlet.id);
    // Who was told that it began is told that it is over, whatever was set differently since.
    let gets = |a: &Alert| takes(outlet, a) || (cause == Cause::Resolved && outlet.on && was_told(a));
    let mut threads: Vec<(&str, Vec<&Alert>)> = Vec::new();
    for alert in alerts.iter().copied().filter(|a| gets(a)) {
        match threads.iter_mut().find(|(thread, _)| *thread == alert.thread) {
            Some((_, with)) => with.push(alert),
            None => threads.push((&alert.thread, vec![alert])),
        }
    }
    let send = |threads: Vec<String>, about: &[&Alert]| {
        let message = Message::about(cause, about, threads, now)?;
        Some(Outgoing { message, to: outlet.id.clone(), alerts: about.iter().map(|a| a.id.clone()).collect() })
    };
    if threads.len() <= MOST_AT_ONCE {
        return threads.iter().filter_map(|(thread, about)| send(vec![(*thread).to_owned()], about)).collect();
    }
    let names = threads.iter().map(|(thread, _)| (*thread).to_owned()).collect();
    let about: Vec<&Alert> = threads.into_iter().flat_map(|(_, about)| about).collect();
    send(names, &about).into_iter().collect()
}

#[cfg(test)]
#[path = "judge_tests.rs"]
mod tests;
