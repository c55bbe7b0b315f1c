//! A source's groups over a while, as a broker would tell them.

use super::tracker::Tracker;
use weir_broker::{ChannelObserved, DELETED, EndObserved, GroupObserved, Keeps, LagObserved, PositionObserved};
use weir_domain::{
    EnvironmentId, GroupId, SourceId, Timestamp,
    lag::{
        EventTime, Forecast, GroupKind, GroupState, HappeningKind, KeptLag, Member, Observation, PairId, PairKept,
        PairSeen, Status, TimeLag,
    },
};

/// 2026-11-22T13:20:00Z.
const BEGIN_S: i64 = 1_795_353_600;
const EVERY_S: i64 = 10;

struct World {
    tracker: Tracker,
    now_s: i64,
    ends: Vec<i64>,
    starts: Vec<i64>,
    next: Vec<Option<i64>>,
    state: GroupState,
    held: bool,
    incarnation: u8,
    listed: bool,
    problem: Option<String>,
    stored: bool,
    marks: bool,
}

impl World {
    fn new(partitions: usize) -> Self {
        let tracker = Tracker::new(SourceId(1), "shop".into(), EnvironmentId(1), KeptLag::default());
        Self {
            tracker,
            now_s: BEGIN_S,
            ends: vec![1_000; partitions],
            starts: vec![0; partitions],
            next: vec![Some(1_000); partitions],
            state: GroupState::Stable,
            held: true,
            incarnation: 1,
            listed: true,
            problem: None,
            stored: false,
            marks: false,
        }
    }

    fn observed(&self) -> LagObserved {
        let ends = self.ends.iter().zip(&self.starts).enumerate().map(|(i, (end, start))| EndObserved {
            partition: i as i32,
            start: Some(*start),
            end: Some(*end),
            stable_end: Some(*end),
            bytes: None,
            problem: None,
        });
        let position = |(i, next): (usize, &Option<i64>)| PositionObserved {
            channel: 0,
            partition: i as i32,
            next: *next,
            lag: None,
            leader_epoch: -1,
            problem: None,
        };
        let member = Member {
            id: "m".into(),
            client_id: "app-1".into(),
            host: "10.0.0.7".into(),
            instance: None,
            holds: vec![("order.placed".into(), (0..self.ends.len() as i32).collect())],
        };
        let group = GroupObserved {
            name: "billing".into(),
            kind: GroupKind::Consumer,
            state: self.state,
            assignor: None,
            coordinator: None,
            members: Some(if self.held { vec![member] } else { Vec::new() }),
            positions: match self.problem {
                Some(_) => Vec::new(),
                None => self.next.iter().enumerate().map(position).filter(|p| p.next.is_some()).collect(),
            },
            problem: self.problem.clone(),
        };
        LagObserved {
            groups: if self.listed { vec![group] } else { Vec::new() },
            channels: vec![ChannelObserved {
                name: "order.placed".into(),
                incarnation: vec![self.incarnation],
                partitions: ends.collect(),
                keeps: Some(Keeps {
                    for_ms: Some(86_400_000),
                    deletes: true,
                    positions_for_ms: Some(604_800_000),
                    ..Keeps::default()
                }),
                problem: None,
            }],
            requests: 3,
            incomplete: Vec::new(),
            problems: Vec::new(),
        }
    }

    /// One observation.
    fn tick(&mut self) -> Observation {
        let observed = self.observed();
        self.told(&observed)
    }

    fn told(&mut self, observed: &LagObserved) -> Observation {
        self.now_s += EVERY_S;
        let at = Timestamp::from_millis(self.now_s * 1_000);
        let new = self.tracker.new_groups(observed);
        let ids: Vec<_> = (0..new.len()).map(|i| GroupId(i as i64 + 7)).collect();
        self.tracker.add_groups(new, &ids, at);
        let new = self.tracker.new_pairs(observed);
        let ids: Vec<_> = (0..new.len()).map(|i| PairId(i as i64 + 70)).collect();
        self.tracker.add_pairs(new, &ids, at);
        let asked = self.tracker.see(observed, true, at);
        let time = |_| match (self.marks, self.stored) {
            (true, _) => EventTime::Nothing { up_to: self.ends[0] },
            (_, true) => EventTime::Known { at: at.plus_secs(-5), captured_at: at.plus_secs(-5), latest_before: None },
            (_, false) => EventTime::NotCaptured,
        };
        let times: Vec<_> = asked.iter().map(time).collect();
        self.tracker.told(&times, at)
    }

    /// So many observations, each after `step`; what was written of the group last, and all that happened.
    fn ticks(&mut self, n: usize, mut step: impl FnMut(&mut Self)) -> (PairSeen, Vec<HappeningKind>) {
        let (mut last, mut happened) = (None, Vec::new());
        for _ in 0..n {
            step(self);
            let seen = self.tick();
            happened.extend(seen.happened.into_iter().map(|(_, h)| h.kind));
            last = seen.pairs.into_iter().next().or(last);
        }
        (last.expect("something was written"), happened)
    }

    fn produce(&mut self, events: i64) {
        self.ends.iter_mut().for_each(|e| *e += events);
    }

    fn read(&mut self, events: i64) {
        let ends = &self.ends;
        self.next.iter_mut().zip(ends).for_each(|(n, end)| *n = n.map(|n| (n + events).min(*end)));
    }
}

#[test]
fn who_keeps_up_is_ok_and_idle_is_ok() {
    let mut w = World::new(3);
    let (seen, _) = w.ticks(60, |w| {
        w.produce(100);
        w.read(100);
    });
    let s = &seen.standing;
    assert_eq!((s.verdict.status, s.lag, &s.time_lag), (Status::Ok, Some(0), &TimeLag::None));
    assert_eq!((s.partitions, s.members, s.active_members), (3, 1, 1));
    assert_eq!((s.in_per_s.map(f64::round), s.out_per_s.map(f64::round)), (Some(30.0), Some(30.0)));
    w.held = false;
    w.state = GroupState::Empty;
    let (seen, happened) = w.ticks(60, |_| {});
    assert_eq!((seen.standing.verdict.status, seen.standing.members), (Status::Ok, 0));
    assert!(happened.contains(&HappeningKind::Left), "{happened:?}");
    // KIP-211: a week after the last member left.
    let expires = seen.standing.positions_expire.unwrap();
    assert_eq!(expires.millis() / 1_000, BEGIN_S + 61 * EVERY_S + 604_800);
}

#[test]
fn who_reads_too_slowly_is_warned_of_and_loses_in_the_end() {
    let mut w = World::new(2);
    let (seen, _) = w.ticks(120, |w| {
        w.produce(1_000);
        w.read(100);
    });
    let s = &seen.standing;
    assert_eq!((s.verdict.status, s.growing), (Status::Warn, true), "{:?}", s.verdict);
    assert!(matches!(s.forecast, Forecast::NeverDrains { per_min } if per_min > 5_000.0), "{:?}", s.forecast);
    assert!(matches!(s.time_lag, TimeLag::About { ms } if ms > 900_000), "{:?}", s.time_lag);
    let loss = s.loss.as_ref().expect("retention catches up with it");
    assert!(loss.first > s.observed_at && loss.by.contains("24 h"), "{loss:?}");
    assert!(seen.partitions.iter().all(|p| p.lost_at.is_some()));
}

#[test]
fn who_stands_still_with_and_without_a_member_is_told_apart() {
    let mut w = World::new(1);
    w.ticks(30, |w| {
        w.produce(100);
        w.read(100);
    });
    let (seen, _) = w.ticks(30, |w| w.produce(100));
    let verdict = &seen.standing.verdict;
    assert_eq!(verdict.status, Status::Stall, "{verdict:?}");
    assert!(verdict.reason.contains("app-1"), "{verdict:?}");
    (w.held, w.state) = (false, GroupState::Empty);
    let (seen, _) = w.ticks(60, |w| w.produce(100));
    assert_eq!(seen.standing.verdict.status, Status::Stop, "{:?}", seen.standing.verdict);
    assert!(seen.standing.since > Timestamp::from_millis((BEGIN_S + 60 * EVERY_S) * 1_000), "since it stopped");
}

#[test]
fn what_happened_is_told() {
    let mut w = World::new(2);
    w.ticks(10, |w| {
        w.produce(100);
        w.read(100);
    });
    w.next[1] = Some(5);
    let (_, happened) = w.ticks(1, |_| {});
    assert_eq!(happened, [HappeningKind::Reset]);
    w.starts = vec![700, 700];
    let (_, happened) = w.ticks(1, |_| {});
    assert_eq!(happened, [HappeningKind::Lost]);
    w.ends.push(10);
    w.starts.push(0);
    w.next.push(None);
    let (seen, happened) = w.ticks(1, |_| {});
    assert_eq!(happened, [HappeningKind::PartitionsAdded]);
    let new = &seen.partitions[2];
    assert_eq!((new.next, new.lag, new.verdict.status), (None, None, Status::Unknown), "{:?}", new.verdict);
    w.incarnation = 2;
    (w.ends, w.starts, w.next) = (vec![0; 3], vec![0; 3], vec![Some(0); 3]);
    let (seen, happened) = w.ticks(1, |_| {});
    assert_eq!(happened, [HappeningKind::Recreated], "its positions did not move back: it is another channel");
    assert_eq!(seen.standing.lag, Some(0));
    w.state = GroupState::Rebalancing;
    w.ticks(2, |_| {});
    w.state = GroupState::Stable;
    assert_eq!(w.ticks(7, |_| {}).1, [HappeningKind::Rebalanced]);
    w.listed = false;
    assert!([w.tick(), w.tick()].iter().all(|seen| seen.happened.is_empty()), "a list may lack one for a moment");
    let gone = w.tick();
    assert_eq!(gone.happened[0].1.kind, HappeningKind::Gone);
    assert!(gone.groups[0].gone_at.is_some() && gone.pairs.is_empty());
    w.listed = true;
    assert_eq!(w.ticks(7, |_| {}).1, [HappeningKind::Returned]);
}

#[test]
fn what_is_not_told_is_unknown_and_never_nothing() {
    let mut w = World::new(1);
    w.ticks(3, |w| w.produce(10));
    w.problem = Some("DESCRIBE on group billing is missing".into());
    let (seen, _) = w.ticks(7, |w| w.produce(10));
    let verdict = &seen.standing.verdict;
    assert_eq!((verdict.status, verdict.reason.as_str()), (Status::Unknown, "DESCRIBE on group billing is missing"));
}

#[test]
fn who_is_missing_from_half_a_list_is_unknown_and_not_stopped() {
    let mut w = World::new(1);
    w.ticks(20, |w| {
        w.produce(100);
        w.read(50);
    });
    let before = w.now_s;
    w.listed = false;
    let mut last = None;
    for _ in 0..120 {
        w.produce(100);
        w.read(50);
        let mut observed = w.observed();
        observed.incomplete.push("groups of broker 2 are missing: it does not answer".into());
        let seen = w.told(&observed);
        assert_eq!(seen.happened, []);
        assert!(seen.chunks.is_empty(), "what was not told is no past");
        last = seen.pairs.into_iter().next().or(last);
    }
    let standing = last.unwrap().standing;
    assert_eq!((standing.verdict.status, standing.verdict.rule.as_str()), (Status::Unknown, "not-observed"));
    assert!(standing.verdict.reason.contains("broker 2"), "{:?}", standing.verdict);
    assert_eq!(standing.observed_at.millis(), before * 1_000, "as old as what is known of it");
    w.listed = true;
    let (seen, happened) = w.ticks(20, |w| {
        w.produce(100);
        w.read(50);
    });
    assert_eq!((seen.standing.verdict.status, happened.len()), (Status::Warn, 0), "{:?}", seen.standing.verdict);
}

#[test]
fn many_do_not_go_at_once() {
    let mut w = World::new(1);
    let many = |w: &World, listed: bool| {
        let mut observed = w.observed();
        let one = observed.groups[0].clone();
        observed.groups = match listed {
            true => (0..20).map(|n| GroupObserved { name: format!("g-{n}"), ..one.clone() }).collect(),
            false => Vec::new(),
        };
        observed
    };
    for _ in 0..3 {
        let observed = many(&w, true);
        w.told(&observed);
    }
    let mut gone = 0;
    for tick in 0..400 {
        let observed = many(&w, false);
        let seen = w.told(&observed);
        gone += seen.happened.len();
        assert!(gone == 0 || tick > 350, "gone after {tick}");
        if let Some(pair) = seen.pairs.first() {
            assert_eq!(pair.standing.verdict.status, Status::Unknown);
            assert!(pair.standing.verdict.reason.contains("DESCRIBE"), "{:?}", pair.standing.verdict);
        }
    }
    assert_eq!(gone, 20, "after an hour it is taken for the truth");
}

#[test]
fn a_channel_that_is_not_read_any_more_is_left() {
    let mut w = World::new(1);
    w.ticks(5, |w| {
        w.produce(100);
        w.read(10);
    });
    // It is deleted, and the group's positions on it with it.
    (w.held, w.state, w.next) = (false, GroupState::Empty, vec![None]);
    let gone = |w: &World| {
        let mut observed = w.observed();
        observed.channels[0].partitions.clear();
        observed.channels[0].problem = Some(DELETED.to_owned());
        observed
    };
    let left: Vec<usize> = (0..4)
        .map(|_| {
            let observed = gone(&w);
            w.told(&observed).left.len()
        })
        .collect();
    assert_eq!(left, [0, 0, 1, 0]);
    // Who may not be asked about is not taken for left.
    let mut w = World::new(1);
    w.ticks(5, |w| w.produce(100));
    (w.held, w.state, w.next) = (false, GroupState::Empty, vec![None]);
    for _ in 0..10 {
        let mut observed = w.observed();
        observed.channels[0].problem = Some("DESCRIBE on topic order.placed is missing".to_owned());
        assert_eq!(w.told(&observed).left, []);
    }
}

#[test]
fn what_was_deleted_unread_is_not_read() {
    let mut w = World::new(1);
    w.ticks(30, |w| {
        w.produce(100);
        w.read(100);
    });
    (w.held, w.state) = (false, GroupState::Empty);
    w.ticks(90, |w| w.produce(100));
    w.starts = w.ends.clone();
    let (seen, happened) = w.ticks(8, |_| {});
    let s = &seen.standing;
    assert!(happened.contains(&HappeningKind::Lost));
    assert_eq!((s.verdict.status, s.lag), (Status::Stop, Some(9_000)), "as Kafka counts it: {:?}", s.verdict);
    assert!(s.verdict.reason.contains("9,000 of them were deleted before they were read"), "{:?}", s.verdict);
    w.next = w.ends.iter().copied().map(Some).collect();
    let (seen, _) = w.ticks(7, |_| {});
    assert_eq!((seen.standing.verdict.status, seen.standing.lag), (Status::Ok, Some(0)));
}

#[test]
fn marks_of_transactions_are_nothing_unread() {
    let mut w = World::new(1);
    w.ticks(10, |w| {
        w.produce(100);
        w.read(100);
    });
    w.marks = true;
    w.produce(1);
    let (seen, _) = w.ticks(120, |_| {});
    let s = &seen.standing;
    assert_eq!((s.verdict.status, s.lag, &s.time_lag), (Status::Ok, Some(1), &TimeLag::None), "{:?}", s.verdict);
    assert!(s.verdict.reason.contains("marks"), "{:?}", s.verdict);
    // Not captured, nothing tells it from an event: one position proves nothing.
    w.marks = false;
    let (seen, _) = w.ticks(120, |_| {});
    assert_eq!(seen.standing.verdict.status, Status::Ok, "{:?}", seen.standing.verdict);
}

#[test]
fn who_comes_and_goes_in_a_loop_is_told_of_often_enough() {
    let mut w = World::new(1);
    w.tick();
    let (_, happened) = w.ticks(180, |w| {
        w.held = !w.held;
        w.state = if w.held { GroupState::Stable } else { GroupState::Empty };
    });
    assert!((60..=90).contains(&happened.len()), "{} in half an hour", happened.len());
}

#[test]
fn stored_events_make_the_time_exact() {
    let mut w = World::new(1);
    w.stored = true;
    let (seen, _) = w.ticks(2, |w| w.produce(10));
    assert!(
        matches!(seen.standing.time_lag, TimeLag::Exact { from_arrival: false, .. }),
        "{:?}",
        seen.standing.time_lag
    );
}

#[test]
fn unchanged_groups_are_not_written_again_and_again() {
    let mut w = World::new(5);
    w.ticks(20, |w| {
        w.produce(100);
        w.read(100);
    });
    let rows: usize = (0..60).map(|_| w.tick().pairs.len()).sum();
    assert!(rows <= 13, "{rows} rows in ten minutes of nothing");
}

#[test]
fn a_restart_goes_on_where_it_was() {
    let mut w = World::new(2);
    let (mut chunks, mut last, mut group) = (Vec::new(), None, None);
    for _ in 0..100 {
        w.produce(1_000);
        w.read(100);
        let seen = w.tick();
        chunks.extend(seen.chunks.into_iter().map(|(_, c)| c));
        last = seen.pairs.into_iter().next().or(last);
        group = seen.groups.into_iter().next().or(group);
    }
    let at = Timestamp::from_millis(w.now_s * 1_000);
    let rest = w.tracker.rest(at);
    chunks.extend(rest.chunks.into_iter().map(|(_, c)| c));
    let (last, group) = (last.unwrap(), group.unwrap());
    assert_eq!(chunks.iter().map(|c| c.ticks.len()).sum::<usize>(), 100, "every observation is written once");
    let pair = PairKept { id: PairId(70), group: group.id, channel: "order.placed".into(), seen: Some(last.clone()) };
    let kept = KeptLag { groups: vec![("billing".into(), group)], pairs: vec![pair], channels: Vec::new() };
    w.tracker = Tracker::new(SourceId(1), "shop".into(), EnvironmentId(1), kept);
    w.tracker.recall(chunks.into_iter().map(|chunk| (PairId(70), chunk)).collect());
    w.tracker.recalled();
    w.produce(1_000);
    w.read(100);
    let seen = w.tick();
    assert!(seen.happened.is_empty(), "{:?}", seen.happened);
    let again = &seen.pairs[0].standing;
    assert_eq!((again.verdict.status, again.since), (Status::Warn, last.standing.since), "{:?}", again.verdict);
}

#[test]
fn what_is_captured_a_little_later_is_asked_for_again() {
    let mut w = World::new(1);
    let (seen, _) = w.ticks(2, |w| w.produce(1_000));
    assert!(!matches!(seen.standing.time_lag, TimeLag::Exact { .. }), "{:?}", seen.standing.time_lag);
    w.stored = true;
    let (seen, _) = w.ticks(4, |w| w.produce(1_000));
    assert!(matches!(seen.standing.time_lag, TimeLag::Exact { .. }), "{:?}", seen.standing.time_lag);
}
