use super::{Fixture, follow::incarnation, starts::numbered};
use crate::{EXAMINED_WITHIN, Wanted, examined};
use std::time::{Duration, Instant};
use weir_domain::sources::{Outcome, Step, StepKind};

pub fn wanted(pattern: &str) -> Wanted {
    Wanted { patterns: vec![pattern.to_owned()], include_internal: false }
}

/// Every step once, in their order, and in time.
pub async fn steps(fixture: &dyn Fixture, wanted: &Wanted) -> Vec<Step> {
    let begun = Instant::now();
    let steps = examined(&*fixture.broker(), wanted).await;
    assert!(begun.elapsed() < EXAMINED_WITHIN + Duration::from_secs(2), "it took {:?}", begun.elapsed());
    assert_eq!(steps.iter().map(|s| s.kind).collect::<Vec<_>>(), StepKind::ALL, "{steps:?}");
    let failed = steps.iter().position(Step::is_failed);
    let skipped = |s: &Step| matches!(s.outcome, Outcome::Skipped { .. });
    if let Some(failed) = failed {
        assert!(steps[failed + 1..].iter().all(skipped), "what stands on a failure is not tried: {steps:?}");
    }
    steps
}

pub async fn a_sound_broker_passes_every_step(fixture: &dyn Fixture) {
    let channel = fixture.create("examined", 2).await;
    incarnation(fixture, &channel).await;
    let steps = steps(fixture, &wanted(&channel)).await;
    assert!(!steps.iter().any(Step::is_failed), "{steps:?}");
    let read = steps.last().expect("a last step");
    assert!(matches!(&read.outcome, Outcome::Passed { .. }), "{read:?}");
}

pub async fn what_no_pattern_includes_is_not_tried(fixture: &dyn Fixture) {
    fixture.create("not-included", 1).await;
    let steps = steps(fixture, &wanted("no-channel-is-called-this")).await;
    assert!(matches!(&steps[6].outcome, Outcome::Skipped { .. }), "{steps:?}");
}

pub async fn an_absent_broker_fails_at_its_port(fixture: &dyn Fixture) {
    if !fixture.abilities().away {
        return;
    }
    fixture.set_reachable(false).await;
    let gone = steps(fixture, &wanted("*")).await;
    fixture.set_reachable(true).await;
    assert!(gone.iter().find(|s| s.is_failed()).is_some_and(|s| s.kind == StepKind::Opens), "{gone:?}");
}

pub async fn sizes_tell_what_is_there(fixture: &dyn Fixture) {
    let (full, empty) = (fixture.create("full", 2).await, fixture.create("empty", 1).await);
    for channel in [&full, &empty] {
        incarnation(fixture, channel).await;
    }
    for partition in 0..2 {
        fixture.produce(&full, partition, numbered(0..10)).await;
    }
    let names = [full.clone(), "no-channel-is-called-this".to_owned(), empty.clone()];
    let sizes = fixture.broker().sizes(&names).await.expect("sizes");
    let told: Vec<_> = sizes.iter().map(|s| (s.channel.as_str(), s.records)).collect();
    assert_eq!(told, [(full.as_str(), Some(20)), (empty.as_str(), Some(0))]);
    assert!(sizes[0].bytes.is_none_or(|b| b > 0), "{sizes:?}");
    assert!(sizes[1].bytes.is_none_or(|b| b == 0), "{sizes:?}");
}
