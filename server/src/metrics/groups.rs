//! How consumer groups stand, for Prometheus. Any process tells it: it is read from the database, and not more often than
//! every few seconds. Names of groups and channels come from outside, hence are bounded in number and escaped.

use std::{collections::BTreeSet, fmt::Write as _, sync::Arc, time::Duration};

use tokio::{sync::Mutex, time::Instant};
use weir_domain::{
    Clock, Timestamp,
    access::SystemView,
    lag::{Figure, Figures, LagFigures, Status},
};

use super::lag_names::{self, LagNames};

/// What was read is told again for so long, however many ask.
const FRESH: Duration = Duration::from_secs(5);

/// Cheap to clone.
#[derive(Clone)]
pub struct Groups(Arc<Inner>);

struct Inner {
    store: Arc<dyn LagFigures>,
    system: SystemView,
    clock: Arc<dyn Clock>,
    most: u32,
    names: Vec<LagNames>,
    read: Mutex<Option<(Instant, Arc<Figures>)>>,
}

impl Groups {
    /// `most`: how many groups are told by name; `names`: under which other exporters' names besides.
    pub fn new(
        store: Arc<dyn LagFigures>,
        system: SystemView,
        clock: Arc<dyn Clock>,
        (most, names): (u32, Vec<LagNames>),
    ) -> Self {
        Self(Arc::new(Inner { store, system, clock, most, names, read: Mutex::default() }))
    }

    /// Nothing while the database is away: what is not known is absent.
    pub async fn page(&self) -> String {
        let all = &*self.0;
        let mut read = all.read.lock().await;
        let figures = match &*read {
            Some((at, figures)) if at.elapsed() < FRESH => Arc::clone(figures),
            _ => match all.store.lag_figures(&all.system, all.most, !all.names.is_empty()).await {
                Ok(new) => {
                    let new = Arc::new(new);
                    *read = Some((Instant::now(), Arc::clone(&new)));
                    new
                }
                Err(error) => {
                    tracing::debug!(%error, "how groups stand could not be read for the figures");
                    *read = None;
                    return String::new();
                }
            },
        };
        drop(read);
        let mut page = String::new();
        own(&mut page, &figures, all.clock.now());
        for names in &all.names {
            lag_names::write(&mut page, *names, &figures);
        }
        page
    }
}

fn own(page: &mut String, of: &Figures, now: Timestamp) {
    let seconds = |at: Timestamp| at.micros_since(now) as f64 / 1e6;
    let each = |figure: fn(&Figure, Timestamp) -> Option<f64>| {
        of.figures.iter().filter_map(move |f| Some((labels(f), figure(f, now)?))).collect::<Vec<_>>()
    };
    family(
        page,
        "weir_group_lag_events",
        "Events that a consumer group has not read; absent while unknown",
        each(|f, _| f.standing.lag.map(|n| n as f64)),
    );
    family(
        page,
        "weir_group_time_lag_seconds",
        "How old the oldest event is that a consumer group has not read; absent while unknown",
        each(|f, _| f.standing.time_lag.ms().map(|ms| ms as f64 / 1e3)),
    );
    family(
        page,
        "weir_group_status",
        "How a consumer group does: 0 OK, 1 UNKNOWN, 2 REWIND, 3 WARN, 4 STALL, 5 STOP",
        each(|f, _| Status::ALL.iter().position(|s| *s == f.standing.verdict.status).map(|n| n as f64)),
    );
    family(
        page,
        "weir_group_loss_seconds",
        "Until the first unread event is deleted, below 0 if it is already; absent if none is about to be",
        each(|f, now| f.standing.loss.as_ref().map(|l| l.first.micros_since(now) as f64 / 1e6)),
    );
    let sources = of.sources.iter().filter_map(|s| {
        let mut labels = Labels::default();
        labels.put("source", &s.name);
        Some((labels, -seconds(s.observed_at?)))
    });
    family(page, "weir_lag_observed_seconds_ago", "Since the groups of a source were last observed", sources.collect());
    let more = vec![(Labels::default(), of.more_groups as f64)];
    family(page, "weir_groups_unnamed", "Consumer groups beyond metrics_groups, of which nothing else is told", more);
}

fn labels(of: &Figure) -> Labels {
    let mut labels = Labels::default();
    labels.put("source", &of.standing.source_name);
    labels.put("group", &of.standing.name);
    labels.put("channel", &of.standing.channel);
    labels
}

/// Labels as they are written: `a="b",c="d"`.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Labels(String);

impl Labels {
    pub fn of(all: &[(&'static str, &str)]) -> Self {
        let mut labels = Self::default();
        all.iter().for_each(|(name, value)| labels.put(name, value));
        labels
    }

    /// `name` is a word of ours, `value` anything.
    pub fn put(&mut self, name: &'static str, value: &str) {
        let comma = if self.0.is_empty() { "" } else { "," };
        // Writing into a text does not fail.
        let _ = write!(self.0, "{comma}{name}=\"");
        for c in value.chars() {
            match c {
                '\\' => self.0.push_str("\\\\"),
                '"' => self.0.push_str("\\\""),
                '\n' => self.0.push_str("\\n"),
                c => self.0.push(c),
            }
        }
        self.0.push('"');
    }
}

/// A family of gauges; nothing at all where there is no series, and no series twice.
pub(super) fn family(page: &mut String, name: &str, help: &str, series: Vec<(Labels, f64)>) {
    let series: Vec<_> = series.into_iter().filter(|(_, value)| value.is_finite()).collect();
    if series.is_empty() {
        return;
    }
    let _ = writeln!(page, "# HELP {name} {help}.\n# TYPE {name} gauge");
    let mut seen = BTreeSet::new();
    for (labels, value) in &series {
        if !seen.insert(labels) {
            continue;
        }
        let _ = match labels.0.as_str() {
            "" => writeln!(page, "{name} {value}"),
            labels => writeln!(page, "{name}{{{labels}}} {value}"),
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_from_outside_are_escaped_and_no_series_comes_twice() {
        let mut page = String::new();
        let odd = Labels::of(&[("group", "a\"b\\c\nd"), ("channel", "é")]);
        family(&mut page, "x", "Of x", vec![(odd.clone(), 1.5), (odd, 2.0), (Labels::default(), f64::NAN)]);
        assert_eq!(page, "# HELP x Of x.\n# TYPE x gauge\nx{group=\"a\\\"b\\\\c\\nd\",channel=\"é\"} 1.5\n");
        family(&mut page, "y", "Of y", vec![]);
        assert!(!page.contains('y'));
    }
}
