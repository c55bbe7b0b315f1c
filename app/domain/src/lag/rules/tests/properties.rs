use super::*;
use proptest::prelude::*;

fn anything() -> impl Strategy<Value = Observations> {
    let lag = || prop_oneof![Just(None), any::<u64>().prop_map(Some), (0u64..300).prop_map(Some)];
    let number = || prop_oneof![any::<i64>(), -5i64..5000];
    let commit = (number(), number(), lag()).prop_map(|(offset, at, lag)| Commit { offset, at, lag });
    let ends = prop::collection::vec(number(), 0..4);
    let allowed = prop_oneof![Just(0u64), any::<u64>()];
    (number(), allowed, lag(), ends, prop::collection::vec(commit, 0..16)).prop_map(
        |(now, allowed_lag, current_lag, end_offsets, commits)| Observations {
            now,
            allowed_lag,
            current_lag,
            end_offsets,
            commits,
        },
    )
}

/// Commits as groups make them: in order of time, mostly forwards.
fn likely() -> impl Strategy<Value = Observations> {
    let step =
        (1_000i64..200_000, prop_oneof![8 => 0i64..500, 1 => -800i64..0], prop::option::weighted(0.9, 0u64..900));
    let ends = prop::collection::vec(0i64..6_000, 0..3);
    (prop::collection::vec(step, 1..16), 0i64..2_000_000, prop::option::weighted(0.9, 0u64..5_000), ends, 0u64..3)
        .prop_map(|(steps, silent, current_lag, end_offsets, allowed_lag)| {
            let (mut at, mut offset) = (1_000_000_000, 1_000);
            let commits: Vec<Commit> = steps
                .into_iter()
                .map(|(later, further, lag)| {
                    at += later;
                    offset += further;
                    Commit { offset, at, lag }
                })
                .collect();
            Observations { now: at + silent, allowed_lag, current_lag, end_offsets, commits }
        })
}

fn contexts() -> impl Strategy<Value = Context> {
    let numbers = || prop::option::of(prop_oneof![any::<u64>(), 0u64..400_000]);
    (any::<bool>(), prop::option::of("[a-z]{1,6}"), prop::option::of(any::<i64>()), numbers(), numbers()).prop_map(
        |(group_active, held_by, usual_interval_ms, time_lag_ms, arrived)| Context {
            group_empty: !group_active && held_by.is_none(),
            group_active,
            held_by,
            usual_interval_ms,
            time_lag_ms,
            arrived,
        },
    )
}

/// Without what may be any number, so that all rules have their turn.
fn quiet_contexts() -> impl Strategy<Value = Context> {
    prop::option::of(0u64..900_000).prop_map(|time_lag_ms| Context { time_lag_ms, ..Context::default() })
}

proptest! {
    #[test]
    fn whatever_comes_gets_a_verdict(seen in anything(), context in contexts()) {
        for said in [burrow(&seen), weir(&seen, &context)] {
            prop_assert!(!said.reason.is_empty());
            prop_assert!(said.rule.bytes().all(|b| b == b'-' || b.is_ascii_lowercase()), "{}", said.rule);
        }
    }

    #[test]
    fn more_unread_makes_nothing_better(seen in likely(), context in quiet_contexts(), more in 0u64..100_000) {
        let worse = Observations { current_lag: seen.current_lag.map(|lag| lag + more), ..seen.clone() };
        prop_assert!(weir(&worse, &context).status >= weir(&seen, &context).status);
        prop_assert!(seen.current_lag.is_none_or(|lag| lag <= seen.allowed_lag) || burrow(&worse).status >= burrow(&seen).status);
    }

    #[test]
    fn a_stop_does_not_end_by_waiting(seen in likely(), context in quiet_contexts(), longer in 0i64..100_000_000) {
        let later = Observations { now: seen.now + longer, ..seen.clone() };
        for (before, after) in [(weir(&seen, &context), weir(&later, &context)), (burrow(&seen), burrow(&later))] {
            prop_assert!(before.status != Status::Stop || after.status == Status::Stop, "{before:?} {after:?}");
        }
    }

    #[test]
    fn what_is_drained_is_fine(seen in likely(), context in contexts(), lag in 0u64..5) {
        let seen = Observations { current_lag: Some(lag), allowed_lag: 4, ..seen };
        prop_assert_eq!([burrow(&seen).status, weir(&seen, &context).status], [Status::Ok, Status::Ok]);
    }

    #[test]
    fn young_is_fine(seen in likely(), lag in 0u64..100_000, age in 0u64..60_000) {
        let context = Context { time_lag_ms: Some(age), ..Context::default() };
        prop_assert_eq!(weir(&Observations { current_lag: Some(lag), ..seen }, &context).status, Status::Ok);
    }

    /// Neither the date nor where a partition begins matters.
    #[test]
    fn only_differences_count(seen in likely(), context in quiet_contexts(), later_s in -900_000i64..900_000, further in -9_000i64..9_000) {
        let moved = Observations {
            now: seen.now + later_s * 1000,
            end_offsets: seen.end_offsets.iter().map(|end| end + further).collect(),
            commits: seen.commits.iter().map(|c| Commit { offset: c.offset + further, at: c.at + later_s * 1000, ..*c }).collect(),
            ..seen.clone()
        };
        prop_assert_eq!(burrow(&moved).rule, burrow(&seen).rule);
        prop_assert_eq!(weir(&moved, &context).rule, weir(&seen, &context).rule);
    }

    /// Who holds it changes words, never the verdict.
    #[test]
    fn the_holder_changes_words_only(seen in likely(), context in quiet_contexts()) {
        let held = Context { held_by: Some("app-1".into()), arrived: Some(3), ..context.clone() };
        let (with, without) = (weir(&seen, &held), weir(&seen, &context));
        prop_assert_eq!((with.status, with.rule), (without.status, without.rule));
    }
}
