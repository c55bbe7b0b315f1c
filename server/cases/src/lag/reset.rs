//! Moving positions: looked at, planned, allowed, written down, done, and taken back.

use super::{LagCases, seen::Seen};
use crate::{id, views::Sight};
use std::collections::BTreeSet;
use weir_domain::{
    CaseError, GroupId,
    access::Caller,
    audit::{About, Facts, Field, Object},
    lag::{
        Group, GroupKind, GroupNow, MoveDone, NotBegun, Planned, PositionNow, Refused, ResetDone, ResetPlan, ResetTo,
        ResetWanted, active, plan,
    },
};

pub const PLAN: &str = "lag/plan";
pub const NAME: &str = "lag/reset";
pub const UNDO: &str = "lag/undo";

/// Positions that one entry of the audit log tells one by one.
const TOLD: usize = 50;

impl LagCases {
    /// What a reset would do; nothing is done. `Ok(None)`: no such group or channel, or none to be seen.
    pub async fn plan(
        &self,
        caller: &Caller,
        id: GroupId,
        wanted: &ResetWanted,
    ) -> Result<Option<ResetPlan>, CaseError> {
        let sight = self.0.views.authorise(caller, PLAN).await?;
        let Some(group) = self.reads(&sight, id, &wanted.channel).await? else { return Ok(None) };
        match self.look(&sight, &group).await? {
            Ok(now) => Ok(Some(self.planned(&sight, &group, wanted, &now).await?)),
            Err(refused) => {
                Ok(Some(ResetPlan { channel: wanted.channel.clone(), planned: Vec::new(), refused: Some(refused) }))
            }
        }
    }

    /// Moves positions. `seen`: where all of them stood when the caller looked; if one has moved since, or one was not
    /// looked at, nothing is done. Empty: whoever calls looks at none. Returns what was done, with each partition that was not moved and why. `Ok(None)`: no such group or channel, or none to be
    /// seen.
    pub async fn reset(
        &self,
        caller: &Caller,
        id: GroupId,
        wanted: &ResetWanted,
        seen: &[(i32, Option<i64>)],
    ) -> Result<Option<ResetDone>, CaseError> {
        let sight = self.0.views.authorise(caller, NAME).await?;
        let Some(group) = self.reads(&sight, id, &wanted.channel).await? else { return Ok(None) };
        let now = self.look(&sight, &group).await?.map_err(conflict)?;
        let planned = self.planned(&sight, &group, wanted, &now).await?;
        let as_seen = |p: &Planned| seen.iter().any(|(partition, from)| (*partition, *from) == (p.partition, p.from));
        if !seen.is_empty() && !planned.planned.iter().all(as_seen) {
            return Err(CaseError::Conflict {
                what: format!("{} has moved since you looked: somebody read, or reset it too.", group.name),
                what_to_do: "Look at the plan as it is now, and confirm that.".to_owned(),
            });
        }
        self.done(caller, &sight, &group, planned, None).await.map(Some)
    }

    /// Moves positions back to where they were before a reset. `Ok(None)`: no such group or reset, or none to be seen.
    pub async fn undo(&self, caller: &Caller, id: GroupId, reset: &str) -> Result<Option<ResetDone>, CaseError> {
        let sight = self.0.views.authorise(caller, UNDO).await?;
        let Some(Seen { group, .. }) = self.seen(&sight, id).await? else { return Ok(None) };
        let resets = self.0.keeper.resets(&sight.view, id).await?;
        let Some(reset) = resets.iter().find(|r| r.id == reset).cloned() else { return Ok(None) };
        if !sight.reaches_name(group.environment, group.source, &reset.channel) {
            return Ok(None);
        }
        if reset.undone_by.is_some() {
            return Err(not_begun(NotBegun::TakenBack, &group.name));
        }
        // What was taken back in part before is not moved once more.
        let before = resets.iter().filter(|r| r.undoes.as_ref() == Some(&reset.id)).flat_map(|r| &r.moves);
        let back_already: BTreeSet<i32> = before.filter(|m| m.problem.is_none()).map(|m| m.partition).collect();
        let now = self.look(&sight, &group).await?.map_err(conflict)?;
        let mut back: Vec<_> = Vec::new();
        for done in reset.moves.iter().filter(|m| !back_already.contains(&m.partition)) {
            let place = now.positions.iter().find(|p| p.channel == reset.channel && p.partition == done.partition);
            let Some(place) = place else { continue };
            match (place.next == Some(done.to), &done.problem) {
                (true, _) => {}
                // Not moved, or nobody heard whether it was: where it stands tells.
                (false, Some(_)) => continue,
                (false, None) => return Err(read_on(&group.name, place, done.to)),
            }
            let wanted = |to| ResetWanted { channel: reset.channel.clone(), partitions: None, to };
            let one = match done.from {
                Some(position) => plan(&wanted(ResetTo::Position { position }), std::slice::from_ref(place), &[]),
                None => Vec::new(),
            };
            let not_committed = || {
                let why = "it had no position before; brokers forget one only with the whole group";
                Planned {
                    partition: done.partition,
                    from: place.next,
                    to: None,
                    again: 0,
                    skipped: 0,
                    why: Some(why.to_owned()),
                }
            };
            back.push(one.into_iter().next().unwrap_or_else(not_committed));
        }
        let refused = self.refused(&sight, &group, &now, &reset.channel).await?;
        let planned = ResetPlan { channel: reset.channel.clone(), planned: back, refused };
        self.done(caller, &sight, &group, planned, Some(reset.id)).await.map(Some)
    }

    /// The group, if it and the channel may be seen and it reads that.
    async fn reads(&self, sight: &Sight, id: GroupId, channel: &str) -> Result<Option<Group>, CaseError> {
        let Some(Seen { group, channels, .. }) = self.seen(sight, id).await? else { return Ok(None) };
        Ok(channels.iter().any(|c| c.standing.channel == channel).then_some(group))
    }

    pub(super) async fn look(&self, sight: &Sight, group: &Group) -> Result<Result<GroupNow, Refused>, CaseError> {
        if group.kind == GroupKind::Reported {
            return Ok(Err(Refused {
                what: format!("{} keeps its positions elsewhere, and only reports them.", group.name),
                what_to_do: "Move them where the application keeps them; Weir sees it by its next report.".to_owned(),
            }));
        }
        Ok(match self.0.acts.look(&sight.view, group.source, &group.name).await? {
            Ok(Some(now)) => Ok(now),
            Ok(None) => Err(Refused {
                what: format!("{} does not know the group {}.", group.source_name, group.name),
                what_to_do: "It may have been deleted, or its positions have expired.".to_owned(),
            }),
            Err(refused) => Err(refused),
        })
    }

    async fn planned(
        &self,
        sight: &Sight,
        group: &Group,
        wanted: &ResetWanted,
        now: &GroupNow,
    ) -> Result<ResetPlan, CaseError> {
        let chosen = |p: &&PositionNow| {
            p.channel == wanted.channel && wanted.partitions.as_ref().is_none_or(|w| w.contains(&p.partition))
        };
        let places: Vec<PositionNow> = now.positions.iter().filter(chosen).cloned().collect();
        let mut refused = self.refused(sight, group, now, &wanted.channel).await?;
        let mut times = Vec::new();
        if let ResetTo::Time { at } = wanted.to {
            let partitions: Vec<_> = places.iter().map(|p| (p.channel.clone(), p.partition)).collect();
            match self.0.acts.positions_at(&sight.view, group.source, &partitions, at).await? {
                Ok(found) => times = found,
                Err(why) => refused = refused.or(Some(why)),
            }
        }
        Ok(ResetPlan { channel: wanted.channel.clone(), planned: plan(wanted, &places, &times), refused })
    }

    async fn refused(
        &self,
        sight: &Sight,
        group: &Group,
        now: &GroupNow,
        channel: &str,
    ) -> Result<Option<Refused>, CaseError> {
        let allowed = self.0.acts.allowed(&sight.view, group.source, &[channel.to_owned()]).await?;
        Ok(allowed.err().or_else(|| active(&group.name, now)))
    }

    async fn done(
        &self,
        caller: &Caller,
        sight: &Sight,
        group: &Group,
        planned: ResetPlan,
        undoes: Option<String>,
    ) -> Result<ResetDone, CaseError> {
        let moves: Vec<(i32, Option<i64>, i64)> = planned.moves().collect();
        // A position that can't be moved stays where it is, and that is told with the rest.
        let stays = planned.planned.iter().filter_map(|p| Some((p.partition, p.from?, p.why.clone()?)));
        let stays: Vec<MoveDone> = stays
            .map(|(partition, at, why)| MoveDone { partition, from: Some(at), to: at, problem: Some(why) })
            .collect();
        if let Some(refused) = planned.refused {
            return Err(conflict(refused));
        }
        if moves.is_empty() {
            let why = planned.planned.iter().find_map(|p| p.why.clone());
            return Err(CaseError::Conflict {
                what: why.map_or_else(
                    || "All positions are there already.".to_owned(),
                    |why| format!("Nothing can be moved: {why}."),
                ),
                what_to_do: "Choose another place.".to_owned(),
            });
        }
        let at = self.0.clock.now();
        let moved = |&(partition, from, to): &_| MoveDone { partition, from, to, problem: None };
        let mut done = ResetDone {
            id: id::new(at),
            group: group.id,
            channel: planned.channel.clone(),
            at,
            by: Some(caller.name.clone()),
            moves: moves.iter().map(moved).chain(stays).collect(),
            undoes,
            undone_by: None,
        };
        let about = About::object(Object::group(group.id, group.source, &group.name));
        let before = told(&planned.channel, moves.iter().map(|m| (m.0, m.1)));
        let after = told(&planned.channel, moves.iter().map(|m| (m.0, Some(m.2))));
        let act = sight.trail.act(about.change(before, after)).await?;
        // Known before the broker is asked, so that what a killed process did can be taken back, and so that of two who ask
        // at once one is refused.
        let begun = self.0.keeper.begin_reset(&sight.view, &done, &caller.person).await;
        let Ok(Ok(())) = begun else {
            return act.told(begun.map(|b| b.map(|()| done)), |why| not_begun(why, &group.name)).await;
        };
        let result = self.moved(sight, group, &mut done).await;
        if result.is_ok() && done.moves.iter().all(|m| m.problem.is_some()) {
            act.failed("the broker moved none").await;
            return Ok(done);
        }
        act.done(result).await?;
        Ok(done)
    }

    /// Asks the broker, and writes down what came of it.
    async fn moved(&self, sight: &Sight, group: &Group, done: &mut ResetDone) -> Result<(), CaseError> {
        let to: Vec<(i32, i64)> =
            done.moves.iter().filter(|m| m.problem.is_none()).map(|m| (m.partition, m.to)).collect();
        let of = (group.name.as_str(), group.kind);
        let problems = self.0.acts.move_positions(&sight.view, group.source, of, &done.channel, &to).await?;
        let asked = done.moves.iter_mut().filter(|m| m.problem.is_none());
        let mut stands = false;
        let refused = match problems {
            Ok(problems) => {
                stands = problems.iter().all(Option::is_none);
                asked.zip(problems).for_each(|(one, problem)| one.problem = problem);
                None
            }
            Err(refused) => {
                asked.for_each(|m| m.problem = Some(refused.what.clone()));
                Some(refused)
            }
        };
        self.0.keeper.end_reset(&sight.view, &done.id, &done.moves, stands).await?;
        refused.map_or(Ok(()), |refused| Err(conflict(refused)))
    }
}

fn read_on(group: &str, place: &PositionNow, to: i64) -> CaseError {
    let stands = place.next.map_or_else(|| "has no position any more".to_owned(), |next| format!("stands at {next}"));
    CaseError::Conflict {
        what: format!("{group} was moved on since: partition {} {stands}, not at {to}.", place.partition),
        what_to_do: "Reset it: that shows first what would be read again.".to_owned(),
    }
}

fn told(channel: &str, positions: impl Iterator<Item = (i32, Option<i64>)>) -> Facts {
    let all: Vec<_> = positions.collect();
    let some = all.iter().take(TOLD);
    let mut text: Vec<String> = some
        .map(|(partition, at)| format!("{partition}: {}", at.map_or_else(|| "none".to_owned(), |at| at.to_string())))
        .collect();
    if all.len() > TOLD {
        text.push(format!("and {} more", all.len() - TOLD));
    }
    Facts::new().with(Field::OnChannel, channel).with(Field::Positions, text.join(", ").as_str())
}

fn not_begun(why: NotBegun, group: &str) -> CaseError {
    let (what, what_to_do) = match why {
        NotBegun::TakenBack => {
            ("This reset was taken back already.".to_owned(), "Reset the group anew, or take the later one back.")
        }
        NotBegun::UnderWay => (
            format!("Positions of {group} on this channel are being moved right now: somebody was quicker."),
            "Wait for that to end, and look at where the group stands then.",
        ),
    };
    CaseError::Conflict { what, what_to_do: what_to_do.to_owned() }
}

pub(super) fn conflict(refused: Refused) -> CaseError {
    CaseError::Conflict { what: refused.what, what_to_do: refused.what_to_do }
}
