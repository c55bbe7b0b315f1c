use super::*;

/// As many commits as there are lags, half a minute apart, each a hundred further.
fn reading(lags: &[u64]) -> Vec<Row> {
    each(30, &(0..).zip(lags).map(|(i, lag)| (i * 100, *lag)).collect::<Vec<_>>())
}

fn said(seen: &Observations, context: &Context) -> (Status, String) {
    let Verdict { status, reason, .. } = weir(seen, context);
    (status, reason)
}

#[test]
fn a_drained_group_is_fine_however_long_it_idles() {
    let idle = seen(900_000, 0, &reading(&[300, 200, 0]));
    for context in [Context::default(), Context { group_active: true, ..Context::default() }] {
        assert_eq!(said(&idle, &context), (Status::Ok, "nothing is unread".into()));
        assert_eq!(weir(&idle, &context).rule, "drained");
    }
    let allowed = Observations { allowed_lag: 3, ..seen(900_000, 3, &reading(&[3])) };
    assert_eq!(by_weir(&allowed).reason, "3 events unread, no more than is allowed");
}

#[test]
fn a_stop_says_how_long_and_how_much() {
    let silent = seen(10_060 + 250, 5_000, &reading(&[900, 950, 1_000]));
    assert_eq!(
        said(&silent, &Context::default()),
        (Status::Stop, "no commit for 4 min 10 s; 5,000 events unread".into())
    );
    let mut context = Context { arrived: Some(1_204), ..Context::default() };
    assert_eq!(said(&silent, &context).1, "no commit for 4 min 10 s while 1,204 events arrived");
    context.held_by = Some("app-1 at 10.0.0.7".into());
    let held = "no commit for 4 min 10 s though app-1 at 10.0.0.7 holds it while 1,204 events arrived";
    assert_eq!(said(&silent, &context), (Status::Stop, held.into()));
    context.arrived = Some(0);
    assert_eq!(
        said(&silent, &context).1,
        "no commit for 4 min 10 s though app-1 at 10.0.0.7 holds it; 5,000 events unread"
    );
    // Two minutes exactly are not longer than two minutes.
    assert_eq!(by_weir(&seen(10_180, 5_000, &reading(&[900, 950, 1_000]))).status, Status::Warn);
}

#[test]
fn a_stop_waits_for_three_usual_intervals() {
    let silent = seen(10_060 + 900, 5_000, &reading(&[1_000, 950, 900]));
    let usual = |ms| Context { usual_interval_ms: Some(ms), ..Context::default() };
    assert_eq!(weir(&silent, &usual(300_000)).status, Status::Ok);
    assert_eq!(weir(&silent, &usual(299_999)).status, Status::Stop);
    // What makes no sense does no harm.
    assert_eq!(weir(&silent, &usual(-1)).status, Status::Stop);
    assert_eq!(weir(&silent, &usual(i64::MAX)).status, Status::Ok);
}

#[test]
fn a_few_old_events_are_a_stop_all_the_same() {
    // Five were unread at the last commit, and that is an hour ago.
    let silent = seen(10_060 + 3_600, 5, &reading(&[9, 7, 5]));
    assert_eq!(by_weir(&silent).rule, "silent");
    let aged = Context { time_lag_ms: Some(3_600_000), ..Context::default() };
    let unproved = seen(10_060 + 3_600, 5, &reading(&[9, 7, 0]));
    assert_eq!([weir(&unproved, &aged).rule, by_weir(&unproved).rule], ["silent", "below-floor"]);
}

#[test]
fn a_stall_says_who_holds_it() {
    let commits: Vec<Row> = (0..13i64).map(|i| (10_000 + i * 30, 700, Some(41_000 + i.unsigned_abs() * 17))).collect();
    let still = seen(10_360, 41_204, &commits);
    let held = Context { held_by: Some("app-1 at 10.0.0.7".into()), ..Context::default() };
    let reason = "has not moved for 6 min though app-1 at 10.0.0.7 holds it; 41,204 events unread";
    assert_eq!(said(&still, &held), (Status::Stall, reason.into()));
    assert_eq!(said(&still, &Context::default()).1, "commits, but has not moved for 6 min; 41,204 events unread");
    // Less than two minutes.
    assert_ne!(by_weir(&seen(10_115, 41_204, &commits[..4])).status, Status::Stall);
    // What it has not read is younger than that.
    let young = Context { time_lag_ms: Some(119_999), ..Context::default() };
    assert_ne!(weir(&still, &young).status, Status::Stall);
    // It was at the end of the last minutes, as far as is known.
    let unknown: Vec<Row> = commits.iter().map(|(at, offset, _)| (*at, *offset, None)).collect();
    assert_eq!(by_weir(&seen(10_360, 204, &unknown)).status, Status::Stall);
    assert_ne!(by_weir(&ends(seen(10_360, 204, &unknown), &[700, 904])).status, Status::Stall);
}

#[test]
fn a_stall_waits_for_three_usual_intervals_that_were_learnt() {
    // Asked each half minute; it checkpoints each five minutes.
    let commits: Vec<Row> = (0..11i64).map(|i| (10_000 + i * 30, 700, Some(5_000 + i.unsigned_abs()))).collect();
    let still = seen(10_300, 5_010, &commits);
    let learnt = |ms| Context { usual_interval_ms: Some(ms), ..Context::default() };
    assert_eq!(weir(&still, &learnt(100_000)).status, Status::Stall);
    assert_ne!(weir(&still, &learnt(100_001)).status, Status::Stall);
}

#[test]
fn few_old_events_are_no_growth_and_no_rewind() {
    let aged = Context { time_lag_ms: Some(110_000), ..Context::default() };
    let rule = |lag, of: &[(i64, u64)]| weir(&seen(10_110, lag, &each(30, of)), &aged).rule;
    let (grows, back) = ([(1, 90), (2, 95), (3, 97), (4, 99)], [(9, 90), (3, 95), (4, 97), (5, 99)]);
    assert_eq!([rule(99, &grows), rule(99, &back)], ["below-floor", "below-floor"]);
    assert_eq!([rule(100, &grows), rule(100, &back)], ["lag-grows", "went-back"]);
}

#[test]
fn a_rewind_lasts_until_it_is_caught_up_with() {
    let back = each(60, &[(4_711, 100), (20, 5_000), (900, 4_200)]);
    let reason =
        "position went back from 4,711 to 20 1 min 10 s ago, and has not come that far again; 4,200 events unread";
    assert_eq!(said(&seen(10_130, 4_200, &back), &Context::default()), (Status::Rewind, reason.into()));
    let again = each(60, &[(4_711, 100), (20, 5_000), (900, 4_200), (4_711, 400)]);
    assert_eq!(by_weir(&seen(10_190, 400, &again)).rule, "keeps-up");
}

#[test]
fn growth_is_told_with_its_figures() {
    let grows = seen(10_100, 1_250, &reading(&[1_000, 1_100, 1_090, 1_250]));
    let reason = "reads, but what is unread grew from 1,000 events to 1,250 events in 1 min 30 s";
    assert_eq!(said(&grows, &Context::default()), (Status::Warn, reason.into()));
    let stays = seen(10_070, 500, &reading(&[500, 500, 500]));
    assert_eq!(said(&stays, &Context::default()).1, "reads, but 500 events stayed unread for 1 min");
    let falls = seen(10_070, 500, &reading(&[900, 700, 500]));
    assert_eq!(
        said(&falls, &Context::default()),
        (Status::Ok, "what is unread fell from 900 events to 500 events in 1 min".into())
    );
    // Up and down by the same: level.
    assert_eq!(by_weir(&seen(10_160, 1_010, &reading(&[1_000, 1_100, 1_000, 1_120, 1_010]))).status, Status::Ok);
}

#[test]
fn an_uncommitted_partition_says_who_holds_it() {
    let none = seen(600, 0, &[]);
    let mut context = Context { group_active: true, ..Context::default() };
    assert_eq!(said(&none, &context).1, "nothing is committed for this partition, though the group is active");
    context.held_by = Some("app-1".into());
    assert_eq!(said(&none, &context).1, "nothing is committed for this partition, though app-1 holds it");
    let unknown = Observations { current_lag: None, ..none };
    assert_eq!(by_weir(&unknown).rule, "no-commits");
    assert_eq!(by_weir(&unknown).status, Status::Ok);
}
