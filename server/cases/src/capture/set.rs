use super::CaptureCases;
use weir_domain::{
    CaseError, ChannelId,
    access::{Caller, Credential, Permission},
    audit::{About, Facts, Field, Object},
    capture::{ChannelPolicy, PolicySet},
};

pub const NAME: &str = "capture/set";

impl CaptureCases {
    /// Decides what is kept of a channel's events. `seen`: the policy that the caller saw; is it another one now, nothing is
    /// changed. `Ok(false)`: there is no such channel, or none to be seen.
    pub async fn set(
        &self,
        caller: &Caller,
        channel: ChannelId,
        seen: Option<&ChannelPolicy>,
        policy: &ChannelPolicy,
    ) -> Result<bool, CaseError> {
        let sight = self.views.authorise(caller, NAME).await?;
        if !sight.view.channels().contains(channel) {
            return Ok(false);
        }
        let Some(found) = self.policies.capture_of(&sight.view, channel, self.clock.now()).await? else {
            return Ok(false);
        };
        policy.check().map_err(|what| CaseError::Invalid { what, what_to_do: "Choose otherwise.".into() })?;
        let before = found.policy;
        if seen.is_some_and(|seen| *seen != before) {
            return Err(moved());
        }
        if before == *policy {
            return Ok(true);
        }
        if policy.erase_on_tombstone && !before.erase_on_tombstone {
            may_erase(caller)?;
        }
        let about = About::object(Object::channel(channel, found.source, &found.name));
        let act = sight.trail.act(about.change(told(&before), told(policy))).await?;
        let now = self.clock.now();
        let set = self.policies.set_policy(&sight.view, channel, &before, policy, &caller.person, now).await;
        let set = set.map(|set| match set {
            PolicySet::Set => Ok(true),
            PolicySet::Gone => Ok(false),
            PolicySet::Moved => Err(moved()),
        });
        act.told(set, |error| error).await
    }
}

/// Switching it on approves every erasure that a tombstone will begin: who may not erase, and what a program does with
/// somebody's token, approves none.
fn may_erase(caller: &Caller) -> Result<(), CaseError> {
    let what_to_do = match (caller.may(Permission::EventsErase), &caller.by) {
        (true, Credential::Session) => return Ok(()),
        (false, _) => "It needs the permission events.erase as well: ask somebody who has it to switch it on.",
        (true, _) => "Sign in and switch it on in the browser: it approves every erasure that a tombstone will begin.",
    };
    Err(CaseError::Conflict { what: "Erasing on tombstones is not switched on.".into(), what_to_do: what_to_do.into() })
}

fn told(policy: &ChannelPolicy) -> Facts {
    Facts::new()
        .with(Field::Capture, policy.mode.as_str())
        .with_some(Field::Sample, policy.mode.per_mille().map(u32::from))
        .with(Field::Kept, i64::from(policy.payload_days))
        .with(Field::KeptMetadata, i64::from(policy.metadata_days))
        .with_some(Field::MostBytes, policy.payload_limit.map(|n| i64::try_from(n).unwrap_or(i64::MAX)))
        .with(Field::Turn, u32::from(policy.turn))
        .with(Field::Tombstones, policy.erase_on_tombstone)
}

fn moved() -> CaseError {
    CaseError::Conflict {
        what: "Somebody has changed the channel's policy meanwhile.".into(),
        what_to_do: "Look at it as it is now, and change that.".into(),
    }
}
