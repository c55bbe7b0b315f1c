//! Burrow's own cases (its `caching_test.go`), and those of the two changes since.

use super::*;

/// What Burrow is asked, and what it answers.
struct Case {
    what: &'static str,
    seen: Observations,
    says: (Status, &'static str),
}

const fn some(lag: u64) -> Option<u64> {
    Some(lag)
}

/// Offsets and times of five commits, a hundred seconds apart, with such lags.
fn five(offset: impl Fn(i64) -> i64, lags: [u64; 5]) -> Vec<Row> {
    (1..).zip(lags).map(|(i, lag)| (i * 100, offset(i), Some(lag))).collect()
}

/// Fifteen commits about a second apart, none with anything unread.
fn fifteen() -> Vec<Commit> {
    let at = [618_356, 619_362, 620_366, 621_367, 622_370, 623_373, 624_378, 625_379, 626_383, 627_383, 628_383];
    let at = at.into_iter().chain([629_388, 630_391, 631_394, 632_397]);
    (792_748_079..).zip(at).map(|(offset, at)| Commit { offset, at: 1_512_224_000_000 + at, lag: Some(0) }).collect()
}

fn table() -> Vec<Case> {
    let moving = |i| i * 1000;
    let still = |_| 1000;
    let once_zero = || five(moving, [0, 50, 100, 150, 200]);
    let growing = || five(moving, [50, 100, 150, 200, 250]);
    let at_once = |current_lag, ends: &[i64]| Observations {
        now: 1_512_224_650_000,
        current_lag: Some(current_lag),
        end_offsets: ends.to_vec(),
        commits: fifteen(),
        ..Observations::default()
    };
    let with_unknown = || {
        let known = once_zero();
        known
            .iter()
            .flat_map(|(at, offset, lag)| [(*at, *offset, *lag), (at + 50, offset + 500, None)])
            .collect::<Vec<_>>()
    };
    let mut allowed_once = ends(seen(600, 300, &five(moving, [3, 150, 200, 250, 300])), &[5300]);
    allowed_once.allowed_lag = 5;
    let mut allowed_now = ends(seen(1000, 5, &growing()), &[5250]);
    allowed_now.allowed_lag = 5;
    vec![
        Case {
            what: "nothing was unread at one commit",
            seen: ends(seen(600, 200, &once_zero()), &[5200]),
            says: (Status::Ok, "lag-zero"),
        },
        Case {
            what: "silent for just as long as the commits took",
            seen: ends(seen(900, 200, &once_zero()), &[5200]),
            says: (Status::Ok, "lag-zero"),
        },
        Case {
            what: "silent for longer, though nothing was unread once",
            seen: ends(seen(1000, 200, &once_zero()), &[5200]),
            says: (Status::Stop, "stopped"),
        },
        Case {
            what: "silent for longer, and always behind",
            seen: ends(seen(1000, 250, &growing()), &[5250]),
            says: (Status::Stop, "stopped"),
        },
        Case {
            what: "standing still, but nothing was unread once",
            seen: ends(seen(600, 200, &five(still, [0, 50, 100, 150, 200])), &[1200]),
            says: (Status::Ok, "lag-zero"),
        },
        Case {
            what: "standing still while lag grows",
            seen: ends(seen(600, 300, &five(still, [100, 150, 200, 250, 300])), &[1300]),
            says: (Status::Stall, "stalled"),
        },
        Case {
            what: "standing still while lag stays",
            seen: ends(seen(600, 100, &five(still, [100; 5])), &[1100]),
            says: (Status::Stall, "stalled"),
        },
        Case {
            what: "went back, and further than before again: no rewind since 716, and lag fell",
            seen: ends(
                seen(600, 300, &five(|i| [0, 1000, 2000, 3000, 2000, 4000][i as usize], [100, 150, 200, 1250, 300])),
                &[4300],
            ),
            says: (Status::Ok, "lag-decreases"),
        },
        Case {
            what: "nothing is unread now, however silent",
            seen: ends(seen(1000, 0, &growing()), &[5250]),
            says: (Status::Ok, "lag-allowed"),
        },
        Case {
            what: "silent, with every end of the last minutes ahead",
            seen: at_once(931, &[792_749_024, 792_749_000, 792_748_800, 792_748_600, 792_748_500]),
            says: (Status::Stop, "stopped"),
        },
        Case {
            what: "silent, but at an end of the last minutes",
            seen: at_once(1, &[792_748_094, 792_748_093, 792_748_093, 792_748_093]),
            says: (Status::Ok, "lag-zero"),
        },
        Case {
            what: "commits with an unknown lag change nothing",
            seen: ends(seen(600, 200, &with_unknown()), &[5700]),
            says: (Status::Ok, "lag-zero"),
        },
        Case {
            what: "716: went back from where nothing was unread",
            seen: seen(41, 10, &[(10, 10, some(0)), (20, 20, some(0)), (30, 30, some(0)), (40, 20, some(10))]),
            says: (Status::Rewind, "rewind"),
        },
        Case {
            what: "716: as far again as before",
            seen: seen(51, 15, &[(20, 20, some(0)), (30, 30, some(0)), (40, 20, some(10)), (50, 30, some(15))]),
            says: (Status::Ok, "lag-zero"),
        },
        Case {
            what: "716: a second one after the first was caught up with is not looked for",
            seen: seen(
                61,
                50,
                &[(10, 30, some(9)), (20, 20, some(30)), (30, 30, some(20)), (40, 10, some(40)), (50, 11, some(50))],
            ),
            says: (Status::Ok, "lag-decreases"),
        },
        Case { what: "591: what is allowed now", seen: allowed_now, says: (Status::Ok, "lag-allowed") },
        Case { what: "591: what was allowed once counts as none", seen: allowed_once, says: (Status::Ok, "lag-zero") },
        Case { what: "no commits", seen: seen(600, 200, &[]), says: (Status::Ok, "no-commits") },
        Case {
            what: "one commit, within its second",
            seen: Observations { now: 100_999, ..seen(100, 9, &[(100, 5, some(9))]) },
            says: (Status::Stall, "stalled"),
        },
        Case {
            what: "one commit, a second later",
            seen: seen(101, 9, &[(100, 5, some(9))]),
            says: (Status::Stop, "stopped"),
        },
        Case { what: "lag grows", seen: seen(600, 250, &growing()), says: (Status::Warn, "lag-not-decreasing") },
        Case {
            what: "lag stays while it reads",
            seen: seen(600, 50, &five(moving, [50; 5])),
            says: (Status::Warn, "lag-not-decreasing"),
        },
        Case {
            what: "no lag is known, and it reads",
            seen: seen(300, 50, &[(100, 1, None), (200, 2, None)]),
            says: (Status::Warn, "lag-not-decreasing"),
        },
        Case {
            what: "unknown lags are passed over, and it fell between two that are known",
            seen: seen(400, 50, &[(100, 1, some(9)), (200, 2, None), (300, 3, some(8))]),
            says: (Status::Ok, "lag-decreases"),
        },
    ]
}

#[test]
fn it_answers_as_burrow_does() {
    for Case { what, seen, says } in table() {
        let said = burrow(&seen);
        assert_eq!((said.status, said.rule.as_str()), says, "{what}: {said:?}");
        assert!(!said.reason.is_empty(), "{what}");
    }
}

#[test]
fn its_clock_has_whole_seconds() {
    let commits = [(100, 1, some(9)), (200, 2, some(10))];
    let at = |now| burrow(&Observations { now, ..seen(0, 10, &commits) }).status;
    assert_eq!([at(300_000), at(300_999), at(301_000)], [Status::Warn, Status::Warn, Status::Stop]);
}

#[test]
fn what_is_before_the_last_ten_commits_does_not_count() {
    let commits: Vec<Row> = (0..11).map(|i| (i * 10, i, Some(if i == 0 { 0 } else { 500 }))).collect();
    assert_eq!(burrow(&seen(101, 500, &commits)).rule, "lag-not-decreasing");
    assert_eq!(burrow(&seen(101, 500, &commits[..10])).rule, "lag-zero");
}

#[test]
fn reasons_have_figures() {
    let reason = |seen: &Observations| burrow(seen).reason;
    let commits = [(100, 4711, some(1204)), (200, 20, some(5895))];
    assert_eq!(reason(&seen(210, 5895, &commits)), "position went back from 4,711 to 20 and not yet past it again");
    assert_eq!(
        reason(&seen(450, 5895, &commits)),
        "no commit for 4 min 10 s, longer than its last 2 took (1 min 40 s)"
    );
    assert_eq!(reason(&seen(200, 1, &commits[..0])), "nothing was committed, of which Burrow says that it is fine");
    let growing = seen(510, 250, &five(|i| i, [50, 100, 150, 200, 1250]));
    assert_eq!(reason(&growing), "unread went from 50 events to 1,250 events and never fell");
}
