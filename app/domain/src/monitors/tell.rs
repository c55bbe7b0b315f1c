//! Which messages are due, and to whom. Each outlet is told of the alerts it takes as if there were no others: what hangs
//! together, what stands and what is over is judged by those alone that it was told of.

use super::{Alert, Cause, Message, Outlet, OutletKind, Scope, Watch};
use crate::{AlertId, OutletId, Timestamp};
use std::collections::{HashMap, HashSet};

/// What nobody has acknowledged is told again after so many seconds.
pub const AGAIN_AFTER: i64 = 4 * 3_600;
/// More messages at once become one.
pub const MOST_AT_ONCE: usize = 10;
/// "At once" is within so many seconds.
const AT_ONCE: i64 = 60;

/// A message to an outlet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outgoing {
    pub message: Message,
    pub to: OutletId,
    /// The alerts that it is about, each with its thread at this outlet.
    pub alerts: Vec<(AlertId, String)>,
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
    let covers = |s: &Scope| s.covers(&alert.source_name, &alert.environment_name, group);
    alert.is_snoozed(now) || watch.windows.iter().any(|w| w.holds(now) && covers(&w.scope))
}

fn takes(outlet: &Outlet, alert: &Alert) -> bool {
    let group = alert.group.as_ref().map(|(_, name)| name.as_str());
    outlet.on
        && outlet.takes.severity(alert.severity)
        && outlet.takes.scope.covers(&alert.source_name, &alert.environment_name, group)
}

/// What outlets were told of, by outlet and alert.
type Threads<'a> = HashMap<(&'a OutletId, &'a AlertId), &'a str>;

/// The messages that are due, and what they change in the alerts.
pub(super) fn tell(
    watch: &Watch,
    all: &mut [(Alert, bool)],
    now: Timestamp,
    id: &mut impl FnMut() -> String,
) -> Vec<Outgoing> {
    let causes: Vec<Option<Cause>> = all.iter().map(|(alert, _)| due(alert, watch, now)).collect();
    let threads: Threads<'_> = watch.told.iter().map(|t| ((&t.outlet, &t.alert), t.thread.as_str())).collect();
    let mut messages = Vec::new();
    for cause in [Cause::Opened, Cause::Worse, Cause::Repeated, Cause::Resolved] {
        let mut which: Vec<usize> = (0..all.len()).filter(|i| causes.get(*i) == Some(&Some(cause))).collect();
        if cause == Cause::Opened {
            // What nobody takes is told as soon as somebody does.
            which.retain(|i| all.get(*i).is_some_and(|(a, _)| watch.outlets.iter().any(|o| takes(o, a))));
        }
        if which.is_empty() {
            continue;
        }
        let alerts: Vec<&Alert> = which.iter().filter_map(|i| all.get(*i)).map(|(a, _)| a).collect();
        for outlet in watch.outlets.iter().filter(|o| o.on) {
            let of_it = match cause {
                Cause::Resolved => over(outlet, &alerts, all, &threads),
                Cause::Opened => begun(outlet, &alerts, all, now, id),
                _ => going_on(outlet, &alerts, &threads),
            };
            messages.extend(to_one(outlet, cause, of_it, now));
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

/// New ones, each with the thread it gets at this outlet: its own, or one for all of them if they are too many at once.
fn begun<'a>(
    outlet: &Outlet,
    alerts: &[&'a Alert],
    all: &[(Alert, bool)],
    now: Timestamp,
    id: &mut impl FnMut() -> String,
) -> Vec<(&'a Alert, String)> {
    let lately = |a: &Alert| {
        a.told_at.is_some_and(|at| now.micros_since(at) < AT_ONCE * 1_000_000)
            && now.micros_since(a.opened_at) < AT_ONCE * 1_000_000
    };
    let taken: Vec<&Alert> = alerts.iter().copied().filter(|a| takes(outlet, a)).collect();
    let before = all.iter().filter(|(a, _)| lately(a) && takes(outlet, a)).count();
    let together = (taken.len() >= 2 && before + taken.len() > MOST_AT_ONCE).then(id);
    taken.into_iter().map(|a| (a, together.clone().unwrap_or_else(|| a.id.0.clone()))).collect()
}

/// Those that this outlet takes by now. One that it was not told of before has its own thread.
fn going_on<'a>(outlet: &Outlet, alerts: &[&'a Alert], threads: &Threads<'_>) -> Vec<(&'a Alert, String)> {
    let thread = |a: &Alert| threads.get(&(&outlet.id, &a.id)).map_or_else(|| a.id.0.clone(), |t| (*t).to_owned());
    alerts.iter().copied().filter(|a| takes(outlet, a)).map(|a| (a, thread(a))).collect()
}

/// Who was told that it began is told that it is over, whatever was set differently since; of many that it was told of at
/// once, with the last of them.
fn over<'a>(
    outlet: &Outlet,
    alerts: &[&'a Alert],
    all: &[(Alert, bool)],
    threads: &Threads<'_>,
) -> Vec<(&'a Alert, String)> {
    let thread = |a: &Alert| threads.get(&(&outlet.id, &a.id)).copied();
    let stand: HashSet<&str> = all.iter().filter(|(a, _)| a.is_open()).filter_map(|(a, _)| thread(a)).collect();
    let ends = |a: &'a Alert| thread(a).filter(|t| !stand.contains(t)).map(|t| (a, t.to_owned()));
    alerts.iter().copied().filter_map(ends).collect()
}

/// A message for each thread, or one if that would be too many at once. A receiver that keeps an incident for each thread
/// has no use for one about many: it brings them together itself.
fn to_one(outlet: &Outlet, cause: Cause, alerts: Vec<(&Alert, String)>, now: Timestamp) -> Vec<Outgoing> {
    let mut places: HashMap<&str, usize> = HashMap::new();
    let mut each: Vec<Vec<&(&Alert, String)>> = Vec::new();
    for one in &alerts {
        let place = *places.entry(&one.1).or_insert(each.len());
        match each.get_mut(place) {
            Some(with) => with.push(one),
            None => each.push(vec![one]),
        }
    }
    let each = match each.len() > MOST_AT_ONCE && outlet.settings.kind() != OutletKind::PagerDuty {
        true => vec![alerts.iter().collect()],
        false => each,
    };
    let send = |of: Vec<&(&Alert, String)>| {
        let mut threads: Vec<String> = Vec::new();
        let mut known = HashSet::new();
        threads.extend(of.iter().filter(|(_, t)| known.insert(t.as_str())).map(|(_, t)| t.clone()));
        let about: Vec<&Alert> = of.iter().map(|(a, _)| *a).collect();
        let message = Message::about(cause, &about, threads, now)?;
        let alerts = of.iter().map(|(a, thread)| (a.id.clone(), thread.clone())).collect();
        Some(Outgoing { message, to: outlet.id.clone(), alerts })
    };
    each.into_iter().filter_map(send).collect()
}
