//! What applications report of their positions: how strictly it is read, how often it may be, and what the audit log has of it.

use crate::world::{NOW, SHOP, World, anybody, caller};
use std::sync::atomic::Ordering;
use weir_cases::lag::report::Report;
use weir_domain::{
    CaseError, TokenId,
    access::{Caller, Credential, Grant, Role},
    audit::{Field, Outcome},
    lag::{NotReported, ReportedPosition},
};

const PLACED: &str = "orders.placed";
const FAILED: &str = "payments.failed";

fn placed_only() -> Caller {
    caller(Role::ALL, &[Grant { channel_pattern: PLACED.into(), ..Grant::everything() }])
}

fn conflict<T: std::fmt::Debug>(done: Result<T, CaseError>) -> String {
    match done {
        Err(CaseError::Conflict { what, .. }) => what,
        other => panic!("{other:?}"),
    }
}

fn token(id: &str) -> Caller {
    let expires = NOW.plus_secs(86_400);
    Caller { session: None, by: Credential::Token { id: TokenId(id.into()), name: id.into(), expires }, ..anybody() }
}

fn of(group: &str, channel: &str, next: i64) -> Report {
    Report {
        source: "shop-kafka".into(),
        group: group.into(),
        application: "totals".into(),
        positions: vec![ReportedPosition { channel: channel.into(), partition: 0, next }],
    }
}

#[tokio::test]
async fn a_report_is_read_strictly_and_kept_with_who_reports() {
    let world = World::new();
    let lag = &world.cases.lag;
    let at = |channel: &str, partition, next| ReportedPosition { channel: channel.into(), partition, next };
    let report = |group: &str, positions: &[ReportedPosition]| Report {
        source: "shop-kafka".into(),
        group: group.into(),
        application: "totals".into(),
        positions: positions.to_vec(),
    };
    let good = report(" spark ", &[at(PLACED, 0, 7), at(PLACED, 1, 0)]);
    for (wrong, word) in [
        (Report { source: "no-such".into(), ..good.clone() }, "no source"),
        (Report { application: "a\nb".into(), ..good.clone() }, "application"),
        (report("", &good.positions), "group"),
        (report("spark", &[]), "1 to 2000"),
        (report("spark", &vec![at(PLACED, 0, 1); 2_001]), "1 to 2000"),
        (report("spark", &[at(PLACED, 0, 1), at(PLACED, 0, 2)]), "twice"),
        (report("spark", &[at(PLACED, -1, 1)]), "less than 0"),
        (report("spark", &[at(PLACED, 0, -1)]), "less than 0"),
        (report("spark", &[at("", 0, 1)]), "channel"),
    ] {
        let refused = lag.report(&anybody(), wrong).await;
        assert!(matches!(&refused, Err(CaseError::Invalid { what, .. }) if what.contains(word)), "{refused:?}");
    }
    // Of a channel beyond the grants as of one that there is not.
    for channel in [FAILED, "no.such"] {
        let refused = lag.report(&placed_only(), report("spark", &[at(channel, 0, 1)])).await;
        let want = format!("{channel:?} is no channel of shop-kafka that you may see.");
        assert!(matches!(&refused, Err(CaseError::Invalid { what, .. }) if *what == want), "{refused:?}");
    }
    assert_eq!(world.audit.taken(), []);
    lag.report(&placed_only(), good.clone()).await.unwrap();
    let (source, kept) = world.ports.lag.reported.lock().unwrap().remove(0);
    assert_eq!((source, kept.name.as_str(), kept.application.as_str(), kept.at), (SHOP, "spark", "totals", NOW));
    assert_eq!(kept.positions, good.positions);
    let entry = world.audit.take().remove(0);
    assert_eq!((entry.use_case, entry.about.count), ("lag/report", Some(2)));
    let channels = serde_json::to_string(&entry.about.after.get(Field::Channels)).unwrap();
    assert_eq!(channels, r#"["orders.placed"]"#);
    let others = report("other", &good.positions);
    for (why, word) in [(NotReported::Taken, "itself"), (NotReported::Full, "1000 groups report")] {
        *world.ports.lag.not_reported.lock().unwrap() = Some(why);
        assert!(conflict(lag.report(&anybody(), others.clone()).await).contains(word));
    }
}

#[tokio::test]
async fn what_is_reported_again_and_again_has_an_entry_an_hour() {
    let world = World::new();
    let report = async |by: &Caller, what: Report| world.cases.lag.report(by, what).await;
    let allowed = |n: usize| vec![("lag/report", Outcome::Allowed); n];
    // What can't be written down is not taken in, and not counted as told.
    world.audit.away.store(true, Ordering::SeqCst);
    assert!(matches!(report(&token("a"), of("g", PLACED, 1)).await, Err(CaseError::Unavailable(_))));
    world.audit.away.store(false, Ordering::SeqCst);
    assert!(world.ports.lag.reported.lock().unwrap().is_empty());
    for minute in 0..60 {
        report(&token("a"), of("g", PLACED, minute)).await.unwrap();
        world.clock.pass_secs(59);
    }
    assert_eq!(world.ports.lag.reported.lock().unwrap().len(), 60, "each is taken in");
    assert_eq!(world.audit.taken(), allowed(1));
    world.clock.pass_secs(60);
    report(&token("a"), of("g", PLACED, 1)).await.unwrap();
    assert_eq!(world.audit.taken(), allowed(1), "the next hour");
    // Whatever is not the same has its own.
    report(&token("b"), of("g", PLACED, 1)).await.unwrap();
    report(&token("a"), of("h", PLACED, 1)).await.unwrap();
    report(&token("a"), of("g", FAILED, 1)).await.unwrap();
    report(&token("a"), Report { application: "other".into(), ..of("g", PLACED, 1) }).await.unwrap();
    assert_eq!(world.audit.taken(), allowed(4));

    // What is refused is told, though an entry stands for those before; and what comes after it too.
    *world.ports.lag.not_reported.lock().unwrap() = Some(NotReported::Taken);
    conflict(report(&token("a"), of("g", PLACED, 1)).await);
    assert_eq!(world.audit.taken(), [("lag/report", Outcome::Failed)]);
    report(&token("a"), of("g", PLACED, 1)).await.unwrap();
    assert_eq!(world.audit.taken(), allowed(1));
}

#[tokio::test]
async fn a_token_that_reports_too_often_waits_and_no_other() {
    let world = World::new();
    let report = async |by: &Caller| world.cases.lag.report(by, of("g", PLACED, 1)).await;
    for _ in 0..300 {
        report(&token("a")).await.unwrap();
    }
    let Err(CaseError::TooMany { seconds }) = report(&token("a")).await else { panic!("it goes on") };
    assert_eq!(seconds, 1);
    assert_eq!(world.ports.lag.reported.lock().unwrap().len(), 300);
    report(&token("b")).await.unwrap();
    world.clock.pass_secs(1);
    for n in 0..10 {
        report(&token("a")).await.unwrap_or_else(|e| panic!("{n}: {e:?}"));
    }
    assert!(report(&token("a")).await.is_err());
    world.clock.pass_secs(60);
    // Those that come to nothing leave more behind, and count for more.
    let mut refused = 0;
    while !matches!(report(&token("a")).await, Err(CaseError::TooMany { .. })) {
        *world.ports.lag.not_reported.lock().unwrap() = Some(NotReported::Full);
        refused += 1;
    }
    assert!((10..=13).contains(&refused), "{refused}");
}
