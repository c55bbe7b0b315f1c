//! Erasure: one person asks, a second one approves (decision 4). What a request is about is its channels: who does not see
//! all of them decides nothing about it.

pub mod approve;
pub mod ask;
pub mod decline;
pub mod detail;
pub mod list;
pub mod withdraw;

use crate::views::{Sight, Views};
use std::sync::Arc;
use weir_domain::{
    CaseError, ChannelId, Clock, ErasureId, EventId,
    access::Caller,
    audit::{About, Object},
    erasures::{By, Decision, Erasure, ErasureRefused, ErasureState, Erasures, MOST_OPEN, SubjectVault},
    sources::VaultError,
};

#[derive(Clone)]
pub struct ErasuresCases(Arc<Parts>);

struct Parts {
    erasures: Arc<dyn Erasures>,
    subjects: Arc<dyn SubjectVault>,
    views: Arc<Views>,
    clock: Arc<dyn Clock>,
}

impl ErasuresCases {
    pub(crate) fn new(
        erasures: Arc<dyn Erasures>,
        subjects: Arc<dyn SubjectVault>,
        views: Arc<Views>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self(Arc::new(Parts { erasures, subjects, views, clock }))
    }

    fn by(&self, caller: &Caller) -> By {
        By { person: caller.person.clone(), name: caller.name.clone(), at: self.0.clock.now() }
    }

    /// Decides, with its entry before. `Ok(false)`: there is no such request, or none that may be seen.
    async fn decide(
        &self,
        sight: &Sight,
        caller: &Caller,
        id: &ErasureId,
        decision: Decision,
    ) -> Result<bool, CaseError> {
        let Some(found) = self.0.erasures.erasure(&sight.view, id).await? else { return Ok(false) };
        let about = About::object(Object::erasure(id));
        if !whole(sight, &found.request) && decision != Decision::Withdraw {
            return Err(beyond(sight, about).await);
        }
        let act = sight.trail.act(about).await?;
        let decided = self.0.erasures.decide_erasure(&sight.view, id, &decision, &self.by(caller)).await;
        act.told(decided, words).await?;
        Ok(true)
    }
}

/// Are all channels of the request the caller's to see?
fn whole(sight: &Sight, request: &Erasure) -> bool {
    match &request.channels {
        None => sight.reaches_everything(),
        Some(channels) => channels.iter().all(|c| sight.view.channels().contains(*c)),
    }
}

/// The channels of events, each of which has to be there and to be seen.
pub(crate) async fn seen_channels(
    erasures: &dyn Erasures,
    sight: &Sight,
    ids: &[EventId],
) -> Result<Vec<ChannelId>, CaseError> {
    let mut partitions: Vec<_> = ids.iter().map(|id| id.partition).collect();
    partitions.dedup();
    let found = erasures.channels_of(&sight.view, &partitions).await?;
    let seen = |p| found.iter().any(|(of, channel)| *of == p && sight.view.channels().contains(*channel));
    if let Some(missing) = ids.iter().find(|id| !seen(id.partition)) {
        return Err(CaseError::Invalid {
            what: format!("The event {missing} is not stored, or in a channel that you may not see."),
            what_to_do: "Take it off the list, or check its id on the page Events.".into(),
        });
    }
    Ok(found.into_iter().map(|(_, channel)| channel).collect())
}

/// Refuses for channels beyond the grants.
async fn beyond(sight: &Sight, about: About) -> CaseError {
    sight.trail.refuse_as("events.erase for every channel of it", vec!["admin"], about).await
}

fn of_vault(error: VaultError) -> CaseError {
    CaseError::Unavailable(format!("the subject of an erasure: {error}"))
}

fn words(why: ErasureRefused) -> CaseError {
    let conflict = |what: String, what_to_do: &str| CaseError::Conflict { what, what_to_do: what_to_do.into() };
    match why {
        ErasureRefused::TooMany => conflict(
            format!("{MOST_OPEN} erasures are open, which is as many as there may be."),
            "Decide some of them first.",
        ),
        ErasureRefused::Absent => conflict("There is no such erasure.".into(), "The list shows those there are."),
        ErasureRefused::State(ErasureState::Counting) => conflict(
            "What it would erase is still being counted.".into(),
            "Open the page again in a while: it is approved by what was counted.",
        ),
        ErasureRefused::State(state) => {
            conflict(format!("This erasure is {} already.", said(state)), "Open its page again to see what came of it.")
        }
        ErasureRefused::Own => conflict(
            "You asked for this erasure yourself.".into(),
            "A second person who may erase has to approve or decline it. You may withdraw it.",
        ),
        ErasureRefused::NotOwn => {
            conflict("Somebody else asked for this erasure.".into(), "Decline it, with a word that says why.")
        }
        ErasureRefused::Nothing => {
            conflict("There is nothing to erase.".into(), "Decline the request, or withdraw it.")
        }
        ErasureRefused::Held(events, holds) => conflict(
            format!("{events} of its events are held: {}.", holds.join(", ")),
            "End the hold first, if the case allows it, or ask for the erasure without those events.",
        ),
    }
}

const fn said(state: ErasureState) -> &'static str {
    match state {
        ErasureState::Counting => "being counted",
        ErasureState::Waiting => "waiting",
        ErasureState::Running | ErasureState::Cleaning => "approved and under way",
        ErasureState::Done => "done",
        ErasureState::Declined => "declined",
        ErasureState::Withdrawn => "withdrawn",
        ErasureState::Expired => "past its end",
    }
}
