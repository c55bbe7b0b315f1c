//! What the taps of this process do, by source.

use std::{
    collections::HashSet,
    sync::{Mutex, PoisonError, atomic::AtomicU64},
};

use prometheus_client::{
    encoding::EncodeLabelSet,
    metrics::{counter::Counter, family::Family, gauge::Gauge, histogram::Histogram},
    registry::Registry,
};
use weir_domain::{
    capture::{Fill, GapReason, SourceState},
    events::{TimeMark, sort_time},
};
use weir_tap::{Meter, Standing, Stored};

use super::Metrics;

/// Seconds from the broker's own time until the batch was captured, and of one transaction.
const DELAY: [f64; 12] = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0, 60.0, 600.0, 3600.0];
const APPEND: [f64; 10] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 2.0, 10.0];
const STATES: [SourceState; 5] =
    [SourceState::Starting, SourceState::Up, SourceState::Down, SourceState::Paused, SourceState::Off];

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Source {
    source: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct InState {
    source: String,
    state: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Lost {
    source: String,
    reason: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Channel {
    source: String,
    channel: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Filled {
    fill: &'static str,
}

/// Of the whole store.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Whole {}

pub struct Taps {
    up: Family<Source, Gauge>,
    state: Family<InState, Gauge>,
    behind: Family<Source, Gauge>,
    partitions: Family<Source, Gauge>,
    throttled: Family<Source, Gauge<f64, AtomicU64>>,
    events: Family<Source, Counter>,
    raw: Family<Source, Counter>,
    kept: Family<Source, Counter>,
    broker: Family<Source, Counter>,
    gaps: Family<Lost, Counter>,
    delay: Family<Source, Histogram>,
    append: Family<Source, Histogram>,
    channel_events: Family<Channel, Counter>,
    channel_bytes: Family<Channel, Counter>,
    /// Channels counted by name, and how many may be.
    named: Mutex<HashSet<(String, String)>>,
    most: usize,
    leases: Gauge,
    used: Family<Whole, Gauge>,
    budget: Family<Whole, Gauge>,
    fill: Family<Filled, Gauge>,
}

impl Taps {
    pub fn register(registry: &mut Registry, channels: usize) -> Self {
        let taps = Self {
            up: Family::default(),
            state: Family::default(),
            behind: Family::default(),
            partitions: Family::default(),
            throttled: Family::default(),
            events: Family::default(),
            raw: Family::default(),
            kept: Family::default(),
            broker: Family::default(),
            gaps: Family::default(),
            delay: Family::new_with_constructor(delays),
            append: Family::new_with_constructor(appends),
            channel_events: Family::default(),
            channel_bytes: Family::default(),
            named: Mutex::default(),
            most: channels,
            leases: Gauge::default(),
            used: Family::default(),
            budget: Family::default(),
            fill: Family::default(),
        };
        let mut put = Put(registry);
        put.one("weir_source_up", "1 while a tap of this process reads the source", &taps.up);
        put.one("weir_source_state", "1 for the state that the source is in here", &taps.state);
        put.one(
            "weir_source_behind_events",
            "Events that the broker holds and the tap has not read; absent while unknown",
            &taps.behind,
        );
        put.one("weir_source_partitions", "Partitions that this process reads", &taps.partitions);
        put.one(
            "weir_source_throttled_seconds",
            "What the broker's quota made the tap wait in its last answer",
            &taps.throttled,
        );
        put.one("weir_source_events", "Events stored", &taps.events);
        put.one(
            "weir_source_bytes",
            "Bytes of keys, headers and payloads of the stored events, as the broker gave them",
            &taps.raw,
        );
        put.one("weir_source_stored_bytes", "Bytes that these take in the database", &taps.kept);
        put.one(
            "weir_source_broker_bytes",
            "Bytes taken from the broker, compressed as they travelled where that is known",
            &taps.broker,
        );
        put.one("weir_source_gaps", "Ranges of events that are missing for good", &taps.gaps);
        put.one("weir_source_delay_seconds", "From an event's own time until it was captured", &taps.delay);
        put.one("weir_source_append_seconds", "Transactions that stored events", &taps.append);
        if channels > 0 {
            put.one(
                "weir_channel_events",
                "Events stored, for as many channels as metrics_channels says",
                &taps.channel_events,
            );
            put.one("weir_channel_bytes", "Bytes of these events as the broker gave them", &taps.channel_bytes);
        }
        put.one(
            "weir_leases_held",
            "Kinds of work that one process does at a time, and this one does: upkeep, the change feed, erasures",
            &taps.leases,
        );
        put.one(
            "weir_store_used_bytes",
            "Bytes of all tables and indexes that hold captured events; only in the process that does the upkeep",
            &taps.used,
        );
        put.one("weir_store_budget_bytes", "The budget for these bytes; absent where there is none", &taps.budget);
        put.one("weir_store_fill", "1 for how full the budget is: room, warn from 80 %, full from 95 % on", &taps.fill);
        taps
    }

    /// The channel's own name for the first ones, "other" beyond them.
    fn channel(&self, source: &str, channel: &str) -> Option<Channel> {
        if self.most == 0 {
            return None;
        }
        let key = (source.to_owned(), channel.to_owned());
        let mut named = self.named.lock().unwrap_or_else(PoisonError::into_inner);
        if !named.contains(&key) && named.len() >= self.most {
            return Some(Channel { source: key.0, channel: "other".into() });
        }
        named.insert(key.clone());
        Some(Channel { source: key.0, channel: key.1 })
    }
}

struct Put<'r>(&'r mut Registry);

impl Put<'_> {
    fn one(&mut self, name: &str, help: &str, metric: &(impl prometheus_client::registry::Metric + Clone)) {
        self.0.register(name, help, metric.clone());
    }
}

fn delays() -> Histogram {
    Histogram::new(DELAY)
}

fn appends() -> Histogram {
    Histogram::new(APPEND)
}

impl Meter for Metrics {
    fn stored(&self, source: &str, channel: &str, stored: &Stored<'_>) {
        let (taps, label) = (&self.0.taps, Source { source: source.to_owned() });
        taps.events.get_or_create(&label).inc_by(stored.events);
        taps.raw.get_or_create(&label).inc_by(stored.raw_bytes);
        taps.kept.get_or_create(&label).inc_by(stored.stored_bytes);
        taps.broker.get_or_create(&label).inc_by(stored.batch.broker_bytes);
        taps.append.get_or_create(&label).observe(stored.took.as_secs_f64());
        let captured_at = stored.batch.captured_at;
        let delay = taps.delay.get_or_create(&label);
        for event in &stored.batch.events {
            let (at, mark) = sort_time(event.time_kind, event.broker_ms, captured_at);
            // Only where the broker or the producer told a time that can be believed, as on the pages.
            if mark == TimeMark::Own {
                delay.observe(captured_at.micros_since(at).max(0) as f64 / 1e6);
            }
        }
        drop(delay);
        for gap in &stored.batch.gaps {
            self.gap(source, gap.reason);
        }
        // A cursor alone is no traffic: a channel that is silent takes no name from one that is not.
        if stored.events > 0
            && let Some(label) = taps.channel(source, channel)
        {
            taps.channel_events.get_or_create(&label).inc_by(stored.events);
            taps.channel_bytes.get_or_create(&label).inc_by(stored.raw_bytes);
        }
    }

    fn gap(&self, source: &str, reason: GapReason) {
        self.0.taps.gaps.get_or_create(&Lost { source: source.to_owned(), reason: reason.as_str() }).inc();
    }

    fn standing(&self, source: &str, standing: &Standing) {
        let (taps, label) = (&self.0.taps, Source { source: source.to_owned() });
        taps.up.get_or_create(&label).set((standing.state == SourceState::Up).into());
        for state in STATES {
            let in_state = InState { source: source.to_owned(), state: state.as_str() };
            taps.state.get_or_create(&in_state).set((standing.state == state).into());
        }
        taps.partitions.get_or_create(&label).set(i64::try_from(standing.partitions).unwrap_or(i64::MAX));
        taps.throttled.get_or_create(&label).set(f64::from(standing.throttled_ms) / 1000.0);
        match standing.behind.filter(|_| standing.state == SourceState::Up) {
            Some(behind) => {
                taps.behind.get_or_create(&label).set(i64::try_from(behind).unwrap_or(i64::MAX));
            }
            None => {
                taps.behind.remove(&label);
            }
        }
    }

    /// Other processes read it now, or none: what stands here would never change again. What was counted stays.
    fn gone(&self, source: &str) {
        let (taps, label) = (&self.0.taps, Source { source: source.to_owned() });
        taps.up.remove(&label);
        taps.behind.remove(&label);
        taps.partitions.remove(&label);
        taps.throttled.remove(&label);
        for state in STATES {
            taps.state.remove(&InState { source: source.to_owned(), state: state.as_str() });
        }
    }

    fn leases(&self, change: i64) {
        self.0.taps.leases.inc_by(change);
    }

    fn store(&self, used: Option<(u64, Option<u64>)>) {
        let (taps, number) = (&self.0.taps, |n: u64| i64::try_from(n).unwrap_or(i64::MAX));
        let Some((used, budget)) = used else {
            taps.used.clear();
            taps.budget.clear();
            taps.fill.clear();
            return;
        };
        taps.used.get_or_create(&Whole {}).set(number(used));
        let Some(budget) = budget else {
            taps.budget.clear();
            taps.fill.clear();
            return;
        };
        taps.budget.get_or_create(&Whole {}).set(number(budget));
        for fill in [Fill::Room, Fill::Warn, Fill::Full] {
            let is = Fill::of(used, budget) == fill;
            taps.fill.get_or_create(&Filled { fill: fill.as_str() }).set(is.into());
        }
    }
}
