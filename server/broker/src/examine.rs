use crate::Broker;
use std::time::Duration;
use tokio::time::timeout;
use weir_domain::access::channel_pattern_matches;
use weir_domain::sources::{Step, StepKind};

/// A test of a connection ends after this long, whatever happens.
pub const EXAMINED_WITHIN: Duration = Duration::from_secs(15);

/// Which channels a test tries to read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Wanted {
    /// `*` stands for any run of characters.
    pub patterns: Vec<String>,
    pub include_internal: bool,
}

impl Wanted {
    pub fn includes(&self, channel: &str, internal: bool) -> bool {
        (self.include_internal || !internal) && self.patterns.iter().any(|p| channel_pattern_matches(p, channel))
    }
}

/// All steps of [`Broker::examine`], within [`EXAMINED_WITHIN`]: what did not come is told too.
pub async fn examined(broker: &dyn Broker, wanted: &Wanted) -> Vec<Step> {
    let mut steps: Vec<Step> = Vec::with_capacity(StepKind::ALL.len());
    let in_time = {
        let mut tell = |step: Step| steps.push(step);
        timeout(EXAMINED_WITHIN, broker.examine(wanted, &mut tell)).await.is_ok()
    };
    let mut missing =
        StepKind::ALL.into_iter().filter(|kind| steps.iter().all(|s| s.kind != *kind)).collect::<Vec<_>>();
    if !in_time && !missing.is_empty() {
        let kind = missing.remove(0);
        let what = format!("This took longer than the {} s of a test.", EXAMINED_WITHIN.as_secs());
        steps.push(Step::failed(kind, what, "Check the network and the load of the cluster, and test again."));
    }
    steps.extend(missing.into_iter().map(|kind| Step::skipped(kind, AFTER_A_FAILURE)));
    steps
}

/// Why a step was not tried.
pub const AFTER_A_FAILURE: &str = "Not tried: it stands on a step that failed.";
