//! Where the two sets of rules differ: what each says of the same observations.

use super::*;

#[track_caller]
fn differ(seen: &Observations, context: &Context, burrow_says: Status, weir_says: (Status, &str)) {
    assert_eq!(burrow(seen).status, burrow_says, "Burrow: {:?}", burrow(seen));
    let said = weir(seen, context);
    assert_eq!((said.status, said.rule.as_str()), weir_says, "Weir: {said:?}");
}

fn plain() -> Context {
    Context::default()
}

/// Ten growing lags, a minute apart.
fn growing() -> Vec<(i64, u64)> {
    (0..10i64).map(|i| (i * 100, 1_000 + i.unsigned_abs() * 300)).collect()
}

#[test]
fn nothing_unread_long_ago_does_not_clear_growth() {
    let mut commits = each(60, &growing());
    commits[0] = (1_000, -50, Some(0));
    differ(&seen(10_550, 3_800, &commits), &plain(), Status::Ok, (Status::Warn, "lag-grows"));
}

#[test]
fn growth_since_nothing_was_unread_counts() {
    let mut of = growing();
    of[4].1 = 0;
    differ(&seen(10_550, 3_800, &each(60, &of)), &plain(), Status::Ok, (Status::Warn, "lag-grows"));
    // As long as it is too short to tell, both say the same.
    let seen = seen(10_370, 2_900, &each(60, &of)[..7]);
    assert_eq!([burrow(&seen).status, by_weir(&seen).status], [Status::Ok, Status::Ok]);
}

#[test]
fn a_small_dip_does_not_clear_growth_and_a_large_one_does() {
    let mut of = growing();
    of[5].1 = of[4].1 - 1;
    differ(&seen(10_550, 3_800, &each(60, &of)), &plain(), Status::Ok, (Status::Warn, "lag-grows"));
    of[9].1 = 1_100;
    differ(&seen(10_550, 1_100, &each(60, &of)), &plain(), Status::Ok, (Status::Ok, "keeps-up"));
}

/// Who commits more often than the end is asked for shows teeth (Burrow's issue 155).
#[test]
fn teeth_that_rise_are_growth() {
    let of: Vec<(i64, u64)> = [300, 290, 280, 500, 490, 480, 700, 690, 900, 890]
        .into_iter()
        .enumerate()
        .map(|(i, l)| (i as i64 * 10, l))
        .collect();
    differ(&seen(10_185, 890, &each(20, &of)), &plain(), Status::Ok, (Status::Warn, "lag-grows"));
}

#[test]
fn ten_commits_of_ten_seconds_tell_no_growth() {
    differ(&seen(10_010, 3_800, &each(1, &growing())), &plain(), Status::Warn, (Status::Ok, "keeps-up"));
}

#[test]
fn a_burst_of_commits_and_a_breath_are_no_stop() {
    differ(&seen(10_030, 3_800, &each(1, &growing())), &plain(), Status::Stop, (Status::Ok, "keeps-up"));
}

#[test]
fn one_old_commit_does_not_hide_a_stop() {
    let mut commits = each(30, &growing());
    commits[0].0 = 1_000;
    let silent = seen(10_270 + 900, 3_800, &commits);
    differ(&silent, &plain(), Status::Warn, (Status::Stop, "silent"));
}

#[test]
fn who_checkpoints_each_five_minutes_is_not_stopped_between() {
    let commits = each(300, &[(100, 5_000), (4_000, 2_000)]);
    let seen = seen(10_300 + 310, 2_600, &commits);
    let learnt = Context { usual_interval_ms: Some(300_000), ..plain() };
    differ(&seen, &learnt, Status::Stop, (Status::Ok, "keeps-up"));
    // Two commits tell as much; one tells nothing, but what was learnt does.
    differ(&seen, &plain(), Status::Stop, (Status::Ok, "keeps-up"));
    let alone = Observations { commits: seen.commits[1..].to_vec(), ..seen };
    differ(&alone, &learnt, Status::Stop, (Status::Ok, "keeps-up"));
    differ(&alone, &plain(), Status::Stop, (Status::Stop, "silent"));
}

#[test]
fn silence_counts_while_something_is_unread() {
    // All night nothing came; 90 s ago 400 events did.
    let commits = each(60, &(0..10i64).map(|i| (i * 100, 0)).collect::<Vec<_>>());
    let seen = seen(10_540 + 9 * 3600, 400, &commits);
    let at = |ms| Context { time_lag_ms: Some(ms), ..plain() };
    differ(&seen, &at(90_000), Status::Stop, (Status::Ok, "keeps-up"));
    differ(&seen, &at(3 * 60_000 + 1), Status::Stop, (Status::Stop, "silent"));
    // Without times of events both look at ends.
    let lately = ends(seen, &[900, 1_100, 1_300]);
    differ(&lately, &plain(), Status::Ok, (Status::Ok, "drained-lately"));
}

#[test]
fn milliseconds_count() {
    // Silent for 120.2 s by the clock, for 119.3 s by its whole seconds.
    let at = [81_000, 111_000, 141_000, 171_000, 200_700];
    let commits = (0..).zip(at).map(|(i, at)| Commit { offset: i, at, lag: Some(500) }).collect();
    let seen = Observations { now: 320_900, current_lag: Some(500), commits, ..Observations::default() };
    differ(&seen, &plain(), Status::Warn, (Status::Stop, "silent"));
}

#[test]
fn standing_still_takes_two_minutes() {
    let still: Vec<(i64, u64)> = (0..10u64).map(|i| (100, 500 + i)).collect();
    differ(&seen(10_019, 600, &each(2, &still)), &plain(), Status::Stall, (Status::Ok, "keeps-up"));
    differ(&seen(10_000, 600, &each(2, &still)[..1]), &plain(), Status::Stall, (Status::Ok, "keeps-up"));
}

#[test]
fn standing_still_counts_whatever_was_before() {
    let of: Vec<(i64, u64)> = (0..10i64).map(|i| (i.min(3), 500 + i.unsigned_abs())).collect();
    differ(&seen(10_275, 600, &each(30, &of)), &plain(), Status::Warn, (Status::Stall, "stands-still"));
    // Nothing was unread before it stood: Burrow waits until that has left its ten commits.
    let mut of = of;
    of[3].1 = 0;
    differ(&seen(10_275, 600, &each(30, &of)), &plain(), Status::Ok, (Status::Stall, "stands-still"));
}

#[test]
fn a_rewind_after_one_that_was_caught_up_with_counts() {
    let of = [(30, 900), (20, 910), (31, 905), (10, 950), (11, 949)];
    differ(&seen(10_045, 949, &each(10, &of)), &plain(), Status::Ok, (Status::Rewind, "went-back"));
}

#[test]
fn an_old_rewind_counts_no_more() {
    let of: Vec<(i64, u64)> =
        (0..10i64).map(|i| (if i == 0 { 90_000 } else { i * 100 }, 9_000 - i.unsigned_abs() * 100)).collect();
    differ(&seen(12_710, 8_000, &each(300, &of)), &plain(), Status::Rewind, (Status::Ok, "keeps-up"));
}

#[test]
fn few_or_young_is_fine() {
    let few: Vec<(i64, u64)> = (0..10i64).map(|i| (i * 100, 10 + i.unsigned_abs())).collect();
    differ(&seen(10_550, 99, &each(60, &few)), &plain(), Status::Warn, (Status::Ok, "below-floor"));
    let young = Context { time_lag_ms: Some(59_999), ..plain() };
    let seen = seen(10_550, 3_800, &each(60, &growing()));
    differ(&seen, &young, Status::Warn, (Status::Ok, "below-floor"));
    differ(&seen, &Context { time_lag_ms: Some(60_000), ..plain() }, Status::Warn, (Status::Warn, "lag-grows"));
}

#[test]
fn a_transactions_end_marker_is_nothing_unread() {
    let marker: Vec<(i64, u64)> = (0..10i64).map(|i| (i * 100, 1)).collect();
    differ(&seen(90_000, 1, &each(60, &marker)), &plain(), Status::Stop, (Status::Ok, "below-floor"));
}

#[test]
fn what_is_not_known_is_not_fine() {
    let active = Context { group_active: true, ..plain() };
    differ(&seen(600, 0, &[]), &active, Status::Ok, (Status::Unknown, "uncommitted"));
    differ(&seen(600, 5_000, &[]), &plain(), Status::Ok, (Status::Unknown, "no-commits"));
    let seen = Observations { current_lag: None, ..seen(90_000, 0, &each(60, &growing())) };
    differ(&seen, &plain(), Status::Ok, (Status::Unknown, "lag-unknown"));
}

#[test]
fn a_group_that_nobody_is_in_is_stopped_as_soon_as_it_is_seen() {
    let seen = Observations {
        now: 3_600_000,
        current_lag: Some(2_400),
        end_offsets: vec![2_400],
        commits: vec![Commit { offset: 0, at: 3_600_000, lag: Some(2_400) }],
        ..Observations::default()
    };
    let alone = Context { group_empty: true, time_lag_ms: Some(2_400_000), ..Context::default() };
    let told = weir(&seen, &alone);
    assert_eq!((told.status, told.rule.as_str()), (Status::Stop, "left-alone"));
    assert!(
        told.reason.starts_with("nobody is in the group; 2,400 events unread, the oldest for 40 min"),
        "{}",
        told.reason
    );
    assert_eq!(burrow(&seen).status, Status::Stall, "one commit counts as standing still");
    // Young, or somebody is in it: watched first.
    assert_ne!(weir(&seen, &Context { time_lag_ms: Some(300_000), ..alone.clone() }).status, Status::Stop);
    assert_ne!(weir(&seen, &Context { group_empty: false, ..alone }).status, Status::Stop);
}
