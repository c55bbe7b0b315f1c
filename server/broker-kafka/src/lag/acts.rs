//! What changes positions: they are moved, or forgotten with their group. Each takes permits, and none is done to a group that
//! somebody is in: the broker would refuse it for some kinds of groups and obey for others, to the members' surprise.

use super::{
    ask::{Asking, Versions},
    channels::Channels,
    groups::{self, Group},
    members, positions, share, words,
};
use crate::acl;
use krafka::{
    __private::protocol::{
        AlterShareGroupOffsetsRequest, AlterShareGroupOffsetsRequestPartition, AlterShareGroupOffsetsRequestTopic,
        AlterShareGroupOffsetsResponse, ApiKey, DeleteGroupsRequest, DeleteGroupsResponse, OffsetCommitRequest,
        OffsetCommitRequestPartition, OffsetCommitRequestTopic, OffsetCommitResponse, versions,
    },
    KrafkaError, ProtocolErrorKind,
    error::ErrorCode,
};
use std::{
    collections::{BTreeMap, HashMap},
    future::Future,
    time::Duration,
};
use tokio::time::timeout;
use weir_broker::{BrokerError, Move, Moved, Permit, guard::Act};
use weir_domain::lag::{GroupKind, GroupState};

/// The newest that names topics.
const COMMIT: Versions = (versions::OFFSET_COMMIT_MIN, 9);
const ALTER_SHARE: Versions = (versions::ALTER_SHARE_GROUP_OFFSETS_MIN, versions::ALTER_SHARE_GROUP_OFFSETS_MAX);
const DELETE: Versions = (versions::DELETE_GROUPS_MIN, versions::DELETE_GROUPS_MAX);

/// The answer to an act. A connection gives up sooner, unless a quota makes it wait before it sends.
const ANSWERED_WITHIN: Duration = Duration::from_secs(20);

/// One group, asked for now.
pub(super) async fn find(asking: &Asking<'_>, name: &str) -> Result<Option<Group>, BrokerError> {
    let source = &asking.settings().name;
    let unknown = |why: Vec<String>| BrokerError::Unreachable(format!("{source}: {}", why.join("; ")));
    let (groups, missing) = groups::list(asking).await.map_err(unknown)?;
    match groups.into_iter().find(|g| g.name == name) {
        Some(group) => Ok(Some(group)),
        // It may be among those that could not be listed.
        None if !missing.is_empty() => Err(unknown(missing)),
        None => Ok(None),
    }
}

/// The group if it may be changed: it is there, of this kind, and nobody is in it.
async fn idle(asking: &Asking<'_>, name: &str, kind: GroupKind) -> Result<Group, BrokerError> {
    let Some(group) = find(asking, name).await? else {
        return Err(BrokerError::Declined(format!("there is no group {name} any more")));
    };
    if let Some(problem) = group.problem {
        return Err(BrokerError::Declined(problem));
    }
    if group.kind != kind {
        return Err(BrokerError::Declined(format!("{name} is a {} group now", group.kind.as_str())));
    }
    let mut one = [group];
    members::fetch(asking, &mut one, |_| true).await;
    let [group] = one;
    if let Some(problem) = group.problem {
        return Err(BrokerError::Declined(problem));
    }
    if group.state == GroupState::Dead {
        return Err(BrokerError::Declined(format!("there is no group {name} any more")));
    }
    let members = group.members.as_ref().map_or(0, Vec::len);
    match (group.state, members) {
        (state, 0) if state.is_idle() => Ok(group),
        (_, 0) => Err(BrokerError::Declined(format!("{name} is not idle: wait until its members have left it"))),
        (_, members) => Err(BrokerError::Declined(busy(name, members))),
    }
}

fn busy(name: &str, members: usize) -> String {
    match members {
        1 => format!("{name} has 1 member: stop it first"),
        many => format!("{name} has {many} members: stop them first"),
    }
}

fn permits_a_move(permits: &[Permit], channel: &str) -> bool {
    permits.iter().any(|p| p.act() == Act::MoveOffsets && p.channel() == channel)
}

/// A move that was looked into and not made.
pub(super) struct Planned<'m> {
    moves: &'m [Move],
    moved: Vec<Moved>,
    /// Which of them are to be made.
    allowed: Vec<usize>,
    /// `None`: none is.
    group: Option<Group>,
}

/// Looks into a move: what there is a permit for, and whether the group may be changed. Nothing is moved.
pub(super) async fn plan_move<'m>(
    asking: &Asking<'_>,
    permits: &[Permit],
    name: &str,
    kind: GroupKind,
    moves: &'m [Move],
) -> Result<Planned<'m>, BrokerError> {
    let mut moved: Vec<Moved> = moves
        .iter()
        .map(|m| {
            let problem = if !permits_a_move(permits, &m.channel) {
                Some("there is no permit to move positions in this channel".to_owned())
            } else if m.to < 0 {
                Some(format!("{} is no position", m.to))
            } else {
                None
            };
            Moved { channel: m.channel.clone(), partition: m.partition, problem }
        })
        .collect();
    let allowed: Vec<usize> = (0..moves.len()).filter(|&at| moved[at].problem.is_none()).collect();
    if allowed.is_empty() {
        return Ok(Planned { moves, moved, allowed, group: None });
    }
    let group = match idle(asking, name, kind).await {
        Ok(group) => Some(group),
        Err(BrokerError::Declined(why)) => {
            allowed.iter().for_each(|&at| moved[at].problem = Some(why.clone()));
            None
        }
        Err(error) => return Err(error),
    };
    Ok(Planned { moves, moved, allowed, group })
}

/// Makes it, all of a group in one request to its coordinator; says of everything that is not moved why not, and of what the
/// broker did not answer that it may have been moved.
pub(super) async fn make_move(asking: &Asking<'_>, planned: Planned<'_>) -> Result<Vec<Moved>, BrokerError> {
    let Planned { moves, mut moved, allowed, group } = planned;
    let Some(group) = group else { return Ok(moved) };
    let doing = format!("move positions of group {}", group.name);
    let mut by: BTreeMap<&str, Vec<&Move>> = BTreeMap::new();
    for &at in &allowed {
        by.entry(&moves[at].channel).or_default().push(&moves[at]);
    }
    let answers = async {
        match group.kind {
            GroupKind::Share => alter(asking, &group, by).await,
            _ => commit(asking, &group, by).await,
        }
    };
    let answers = match answered(asking, group.coordinator, answers).await {
        Ok(answers) => answers,
        Err(Unanswered::NotDone(error)) => return Err(asking.explain(&error, &doing)),
        Err(Unanswered::Unknown(why)) => {
            let why = format!("it may have been moved: {why}. Look at where the group stands before you try again");
            allowed.iter().for_each(|&at| moved[at].problem = Some(why.clone()));
            return Ok(moved);
        }
    };
    for &at in &allowed {
        let key = (moves[at].channel.clone(), moves[at].partition);
        moved[at].problem = match answers.get(&key) {
            None => Some("it may have been moved: the broker did not say".to_owned()),
            Some(ErrorCode::None) => None,
            Some(code) => Some(refused(asking, &group.name, Some(&key.0), "READ", *code)),
        };
    }
    Ok(moved)
}

/// Why there is no answer to an act.
enum Unanswered {
    /// The broker has not done it.
    NotDone(KrafkaError),
    /// It may have.
    Unknown(String),
}

/// Waits for the answer to an act, which is sent once.
async fn answered<T>(
    asking: &Asking<'_>,
    broker: i32,
    answer: impl Future<Output = Result<T, KrafkaError>>,
) -> Result<T, Unanswered> {
    // Nothing is sent to one that did not answer just now.
    let away = asking.away().contains(&broker);
    let who = asking.name(broker);
    match timeout(ANSWERED_WITHIN, answer).await {
        Ok(Ok(answer)) => Ok(answer),
        Ok(Err(error)) if away => Err(Unanswered::NotDone(error)),
        Err(_) | Ok(Err(KrafkaError::Timeout { .. })) => {
            Err(Unanswered::Unknown(format!("{who} was asked and did not answer in time")))
        }
        // The connection was there a moment before, so what was sent may have come there.
        Ok(Err(KrafkaError::Network(error))) => {
            Err(Unanswered::Unknown(format!("the connection to {who} was lost before it answered ({error})")))
        }
        Ok(Err(KrafkaError::Protocol {
            kind: ProtocolErrorKind::TruncatedFrame | ProtocolErrorKind::Malformed,
            message,
        })) => Err(Unanswered::Unknown(format!("{who} sent a broken answer ({message})"))),
        Ok(Err(error)) => Err(Unanswered::NotDone(error)),
    }
}

type Answers = HashMap<(String, i32), ErrorCode>;

/// Commits as nobody's member, which coordinators take for a group that nobody is in.
async fn commit(asking: &Asking<'_>, group: &Group, moves: BTreeMap<&str, Vec<&Move>>) -> Result<Answers, KrafkaError> {
    let partition = |m: &&Move| OffsetCommitRequestPartition {
        partition_index: m.partition,
        committed_offset: m.to,
        committed_leader_epoch: -1,
        commit_timestamp: -1,
        committed_metadata: Some(String::new()),
    };
    let topics = moves.iter().map(|(name, moves)| OffsetCommitRequestTopic {
        name: (*name).to_owned(),
        topic_id: None,
        partitions: moves.iter().map(partition).collect(),
    });
    let request = OffsetCommitRequest {
        group_id: group.name.clone(),
        generation_id: -1,
        member_id: String::new(),
        group_instance_id: None,
        // As the broker keeps those of this group.
        retention_time_ms: -1,
        topics: topics.collect(),
    };
    let answer: OffsetCommitResponse = asking.ask(group.coordinator, ApiKey::OffsetCommit, COMMIT, &request).await?;
    Ok(answer
        .topics
        .into_iter()
        .flat_map(|t| t.partitions.into_iter().map(move |p| ((t.name.clone(), p.partition_index), p.error_code)))
        .collect())
}

async fn alter(asking: &Asking<'_>, group: &Group, moves: BTreeMap<&str, Vec<&Move>>) -> Result<Answers, KrafkaError> {
    let partition =
        |m: &&Move| AlterShareGroupOffsetsRequestPartition { partition_index: m.partition, start_offset: m.to };
    let topics = moves.iter().map(|(name, moves)| AlterShareGroupOffsetsRequestTopic {
        topic_name: (*name).to_owned(),
        partitions: moves.iter().map(partition).collect(),
    });
    let request = AlterShareGroupOffsetsRequest { group_id: group.name.clone(), topics: topics.collect() };
    let answer: AlterShareGroupOffsetsResponse =
        asking.ask(group.coordinator, ApiKey::AlterShareGroupOffsets, ALTER_SHARE, &request).await?;
    if !answer.error_code.is_ok() {
        let all = moves.iter().flat_map(|(name, moves)| moves.iter().map(|m| ((*name).to_owned(), m.partition)));
        return Ok(all.map(|key| (key, answer.error_code)).collect());
    }
    Ok(answer
        .responses
        .into_iter()
        .flat_map(|t| t.partitions.into_iter().map(move |p| ((t.topic_name.clone(), p.partition_index), p.error_code)))
        .collect())
}

/// Why the broker did not do it; `right` is what was needed for it.
fn refused(asking: &Asking<'_>, group: &str, channel: Option<&str>, right: &str, code: ErrorCode) -> String {
    match (code, channel) {
        // Somebody came in since it was looked at.
        (
            ErrorCode::NonEmptyGroup
            | ErrorCode::UnknownMemberId
            | ErrorCode::RebalanceInProgress
            | ErrorCode::IllegalGeneration
            | ErrorCode::StaleMemberEpoch
            | ErrorCode::FencedMemberEpoch,
            _,
        ) => format!("{group} has members again: stop them first"),
        (ErrorCode::NotCoordinator | ErrorCode::CoordinatorNotAvailable | ErrorCode::CoordinatorLoadInProgress, _) => {
            words::of_group(asking.settings(), group, right, code)
        }
        (ErrorCode::GroupIdNotFound, _) => format!("there is no group {group} any more"),
        (ErrorCode::GroupAuthorizationFailed, _) => {
            words::missing(asking.settings(), right, "group", &acl::group(group))
        }
        (code, Some(channel)) => words::of_partition(asking.settings(), channel, right, code),
        (code, None) => words::of_group(asking.settings(), group, right, code),
    }
}

/// Finds out whether a group may be deleted: it is idle, and there is a permit for each channel that it has positions in.
/// Nothing is deleted.
pub(super) async fn plan_delete(
    asking: &Asking<'_>,
    permits: &[Permit],
    name: &str,
    kind: GroupKind,
) -> Result<Group, BrokerError> {
    let mut one = [idle(asking, name, kind).await?];
    let mut channels = Channels::default();
    match kind {
        GroupKind::Share => share::fetch(asking, &mut one, vec![0], &mut channels).await,
        _ => positions::fetch(asking, &mut one, vec![0], &mut channels, &HashMap::new()).await,
    }
    let [group] = one;
    if let Some(problem) = group.problem {
        return Err(BrokerError::Declined(problem));
    }
    if let Some(channel) = channels.all.iter().find(|c| !permits_a_move(permits, &c.name)) {
        return Err(BrokerError::Declined(format!(
            "{name} has positions in {}, and there is no permit to delete those",
            channel.name
        )));
    }
    // Nothing to delete is no reason to do it without any permit.
    if !permits.iter().any(|p| p.act() == Act::MoveOffsets) {
        return Err(BrokerError::Declined(format!("there is no permit to delete {name}")));
    }
    Ok(group)
}

pub(super) async fn delete(asking: &Asking<'_>, group: Group) -> Result<(), BrokerError> {
    let (name, source) = (group.name.as_str(), &asking.settings().name);
    let request = DeleteGroupsRequest::new(vec![name.to_owned()]);
    let answer = asking.ask(group.coordinator, ApiKey::DeleteGroups, DELETE, &request);
    let answer: DeleteGroupsResponse = match answered(asking, group.coordinator, answer).await {
        Ok(answer) => answer,
        Err(Unanswered::NotDone(error)) => return Err(asking.explain(&error, &format!("delete group {name}"))),
        Err(Unanswered::Unknown(why)) => {
            return Err(BrokerError::Unreachable(format!(
                "{source}: group {name} may have been deleted: {why}. Look whether it is there before you try again"
            )));
        }
    };
    match answer.results.into_iter().find(|r| r.group_id == name).map(|r| r.error_code) {
        Some(ErrorCode::None | ErrorCode::GroupIdNotFound) => Ok(()),
        Some(ErrorCode::GroupAuthorizationFailed) => {
            Err(BrokerError::NotAuthorised(refused(asking, name, None, "DELETE", ErrorCode::GroupAuthorizationFailed)))
        }
        Some(code) => Err(BrokerError::Declined(refused(asking, name, None, "DELETE", code))),
        None => Err(BrokerError::Protocol(format!("{source}: the broker did not say whether it deleted group {name}"))),
    }
}
