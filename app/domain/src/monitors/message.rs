use super::{Alert, AlertState, Severity, words};
use crate::Timestamp;
use serde::{Deserialize, Serialize};

/// Alerts that a message about many names.
const NAMED: usize = 20;
/// Channels that a message about one names.
const CHANNELS: usize = 10;

/// Why something is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cause {
    Opened,
    /// It became worse than was told.
    Worse,
    /// It still stands.
    Repeated,
    Resolved,
    /// Somebody tries an outlet out.
    Test,
}

impl Cause {
    pub const ALL: [Self; 5] = [Self::Opened, Self::Worse, Self::Repeated, Self::Resolved, Self::Test];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Opened => "opened",
            Self::Worse => "worse",
            Self::Repeated => "repeated",
            Self::Resolved => "resolved",
            Self::Test => "test",
        }
    }
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|c| c.as_str() == word)
    }
}

/// What is sent to an outlet, before it is shaped as that outlet wants it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    pub cause: Cause,
    pub severity: Severity,
    /// What hangs together: a receiver that keeps incidents keeps one for each of these.
    pub threads: Vec<String>,
    pub title: String,
    pub body: String,
    /// What stands out, in this order.
    pub fields: Vec<(String, String)>,
    /// A page of Weir's.
    pub path: String,
    /// Whom it concerns: group or source.
    pub about: String,
    pub source: String,
    pub environment: String,
    pub alerts: u32,
    pub at: Timestamp,
}

impl Message {
    /// To try an outlet out.
    pub fn test(outlet: &str, by: &str, thread: String, at: Timestamp) -> Self {
        Self {
            cause: Cause::Test,
            severity: Severity::Notify,
            threads: vec![thread],
            title: format!("Test of the outlet {outlet}"),
            body: format!("{by} tries this outlet out. Nothing is wrong. Alerts of Weir come here like this."),
            fields: vec![("Broker".into(), "This is a test: no broker was asked.".into())],
            path: "/alerts/outlets".into(),
            about: outlet.to_owned(),
            source: String::new(),
            environment: String::new(),
            alerts: 0,
            at,
        }
    }

    /// About one or more alerts; `threads` of all of them. None for no alert.
    pub(super) fn about(cause: Cause, alerts: &[&Alert], threads: Vec<String>, now: Timestamp) -> Option<Self> {
        match alerts {
            [] => None,
            [one] => Some(Self::one(cause, one, threads, now)),
            [first, ..] => Some(Self::many(cause, first, alerts, threads, now)),
        }
    }

    fn one(cause: Cause, alert: &Alert, threads: Vec<String>, now: Timestamp) -> Self {
        let lasted = words::span(alert.resolved_at.unwrap_or(now).micros_since(alert.opened_at));
        let title = match cause {
            Cause::Resolved if threads.iter().any(|t| *t != alert.id.0) => {
                format!("Over, the last of those told together: {}", alert.title())
            }
            Cause::Resolved => format!("Over: {}", alert.title()),
            Cause::Repeated => format!("Still, after {lasted}: {}", alert.title()),
            Cause::Worse => format!("Worse: {}", alert.title()),
            Cause::Opened | Cause::Test => alert.title(),
        };
        let mut body = Vec::new();
        if cause == Cause::Resolved {
            body.push(format!("It lasted {lasted}."));
        }
        for part in alert.parts.iter().take(CHANNELS) {
            let at = part.channel.as_deref().map(|c| format!("{c}: ")).unwrap_or_default();
            body.push(format!("{at}{}", part.reason));
            // What was foreseen is no news once it is over, and a loss is its own reason.
            if cause != Cause::Resolved {
                body.extend(part.forecast.clone());
                body.extend(part.loss.clone().filter(|l| *l != part.reason));
            }
        }
        if let Some(more) = alert.parts.len().checked_sub(CHANNELS).filter(|n| *n > 0) {
            body.push(format!("And {more} more channels."));
        }
        body.push(alert.broker.clone());
        if let Some(owner) = &alert.owner {
            body.push(format!("Owner: {owner}."));
        }
        let mut fields = vec![("State".to_owned(), alert.state.words().to_owned())];
        if let Some((_, group)) = &alert.group {
            fields.push(("Group".into(), group.clone()));
        }
        fields.push(("Source".into(), place(alert)));
        fields.push(("Severity".into(), alert.severity.as_str().into()));
        fields.push(("Broker".into(), alert.broker.clone()));
        if let Some(owner) = &alert.owner {
            fields.push(("Owner".into(), owner.clone()));
        }
        Self {
            cause,
            severity: alert.severity,
            threads,
            title,
            body: body.join("\n"),
            fields,
            path: alert.path(),
            about: alert.about().to_owned(),
            source: alert.source_name.clone(),
            environment: alert.environment_name.clone(),
            alerts: 1,
            at: now,
        }
    }

    fn many(cause: Cause, first: &Alert, alerts: &[&Alert], threads: Vec<String>, now: Timestamp) -> Self {
        let n = alerts.len();
        let title = match cause {
            Cause::Resolved => format!("Over: {n} alerts"),
            Cause::Repeated => format!("{n} alerts still stand"),
            Cause::Worse => format!("{n} alerts became worse"),
            Cause::Opened | Cause::Test => format!("{n} alerts at once"),
        };
        let mut body: Vec<String> =
            alerts.iter().take(NAMED).map(|a| format!("{} ({})", a.title(), place(a))).collect();
        if n > NAMED {
            body.push(format!("And {} more.", n - NAMED));
        }
        // Many at once mostly means their broker: said once for each of them.
        let mut brokers: Vec<(&str, &str)> = Vec::new();
        for a in alerts {
            if brokers.iter().all(|(source, _)| *source != a.source_name) {
                brokers.push((&a.source_name, &a.broker));
            }
        }
        body.extend(brokers.iter().take(CHANNELS).map(|(source, broker)| format!("{source}: {broker}")));
        let severity = alerts.iter().map(|a| a.severity).max().unwrap_or(Severity::Notify);
        let same = |of: fn(&Alert) -> &str| {
            if alerts.iter().all(|a| of(a) == of(first)) { of(first).to_owned() } else { String::new() }
        };
        let states: Vec<&str> =
            AlertState::ALL.iter().filter(|s| alerts.iter().any(|a| a.state == **s)).map(|s| s.words()).collect();
        Self {
            cause,
            severity,
            threads,
            title,
            body: body.join("\n"),
            fields: vec![
                ("State".into(), states.join(", ")),
                ("Severity".into(), severity.as_str().into()),
                (
                    "Broker".into(),
                    brokers.iter().take(3).map(|(s, b)| format!("{s}: {b}")).collect::<Vec<_>>().join(" "),
                ),
            ],
            path: "/alerts".into(),
            about: format!("{n} alerts"),
            source: same(|a| &a.source_name),
            environment: same(|a| &a.environment_name),
            alerts: u32::try_from(n).unwrap_or(u32::MAX),
            at: now,
        }
    }
}

fn place(alert: &Alert) -> String {
    match alert.environment_name.as_str() {
        "" => alert.source_name.clone(),
        environment => format!("{} in {environment}", alert.source_name),
    }
}
