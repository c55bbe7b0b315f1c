//! Which groups there are. Each broker lists those it coordinates, so that a listing is also who keeps the positions of
//! whom.

use super::{
    ask::{AT_ONCE, Asking},
    wire::coordinators,
    words,
};
use futures::{StreamExt as _, stream};
use krafka::{
    __private::protocol::{
        ApiKey, FindCoordinatorRequest, FindCoordinatorResponse, ListGroupsRequest, ListGroupsResponse, ListedGroup,
        versions,
    },
    KrafkaError,
    error::ErrorCode,
};
use std::collections::HashMap;
use weir_broker::{GroupObserved, MOST_GROUPS, PositionObserved};
use weir_domain::lag::{GroupKind, GroupState, Member};

/// Names of groups in one question for their coordinators.
const NAMES: usize = 5_000;

/// A group while it is asked about.
#[derive(Debug)]
pub(super) struct Group {
    pub name: String,
    pub kind: GroupKind,
    pub state: GroupState,
    pub coordinator: i32,
    pub assignor: Option<String>,
    pub members: Option<Vec<Member>>,
    pub positions: Vec<PositionObserved>,
    pub problem: Option<String>,
}

impl Group {
    pub fn new(name: String, kind: GroupKind, state: GroupState, coordinator: i32) -> Self {
        let (assignor, members, positions, problem) = (None, None, Vec::new(), None);
        Self { name, kind, state, coordinator, assignor, members, positions, problem }
    }

    /// The first reason is kept: what follows is its consequence.
    pub fn problem(&mut self, why: impl FnOnce() -> String) {
        self.problem.get_or_insert_with(why);
    }

    pub fn observed(self, asking: &Asking<'_>) -> GroupObserved {
        let coordinator = (self.coordinator >= 0).then(|| asking.name(self.coordinator));
        let Self { name, kind, state, assignor, members, positions, problem, .. } = self;
        GroupObserved { name, kind, state, assignor, coordinator, members, positions, problem }
    }
}

/// Every group of every broker that answers, by name; and what could not be asked.
///
/// # Errors
/// What could not be asked, if that is all.
pub(super) async fn list(asking: &Asking<'_>) -> Result<(Vec<Group>, Vec<String>), Vec<String>> {
    let mut problems = Vec::new();
    let mut groups: Vec<Group> = Vec::new();
    let answers: Vec<_> = stream::iter(asking.brokers().into_keys())
        .map(async |broker| (broker, listed(asking, broker).await))
        .buffer_unordered(AT_ONCE)
        .collect()
        .await;
    let mut answered = false;
    for (broker, answer) in answers {
        match answer {
            Ok(response) => {
                answered = true;
                if !response.error_code.is_ok() {
                    let (who, code) = (asking.name(broker), response.error_code);
                    problems.push(match code {
                        ErrorCode::CoordinatorLoadInProgress => {
                            format!("some groups of {who} are missing: it is still loading them")
                        }
                        code => format!("some groups of {who} are missing: it answered {code:?}"),
                    });
                }
                groups.extend(response.groups.into_iter().filter_map(|listed| group(listed, broker)));
            }
            Err(error) => {
                problems.push(format!("groups of {} are missing: {}", asking.name(broker), asking.why(broker, &error)));
            }
        }
    }
    // While a coordinator moves, both may list a group.
    groups.sort_by(|a, b| a.name.cmp(&b.name));
    groups.dedup_by(|a, b| a.name == b.name);
    problems.sort_unstable();
    if answered { Ok((groups, problems)) } else { Err(problems) }
}

/// Leaves out those beyond [`MOST_GROUPS`], and says so.
pub(super) fn leave_out(groups: &mut Vec<Group>, problems: &mut Vec<String>) {
    let more = groups.len().saturating_sub(MOST_GROUPS);
    if more > 0 {
        problems.push(format!("{more} groups are left out: Weir follows the first {MOST_GROUPS} by name"));
        groups.truncate(MOST_GROUPS);
    }
}

/// Groups that one broker coordinates.
async fn listed(asking: &Asking<'_>, broker: i32) -> Result<ListGroupsResponse, KrafkaError> {
    let request = ListGroupsRequest { states_filter: Vec::new(), types_filter: Vec::new() };
    let known = (versions::LIST_GROUPS_MIN, versions::LIST_GROUPS_MAX);
    let answer: ListGroupsResponse = asking.ask(broker, ApiKey::ListGroups, known, &request).await?;
    asking.throttled(broker, answer.throttle_time_ms).await;
    Ok(answer)
}

/// `None` for what is no reader: Kafka Connect and schema registries elect their workers by groups, too.
fn group(listed: ListedGroup, broker: i32) -> Option<Group> {
    let kind = match listed.group_type.as_deref().unwrap_or_default().to_ascii_lowercase().as_str() {
        "consumer" => GroupKind::Consumer,
        "share" => GroupKind::Share,
        "streams" => GroupKind::Streams,
        _ if ["", "consumer"].contains(&listed.protocol_type.as_str()) => GroupKind::Classic,
        _ => return None,
    };
    let state = listed.group_state.as_deref().map_or(GroupState::Unknown, state);
    Some(Group::new(listed.group_id, kind, state, broker))
}

/// Kafka's words for states, of every kind of group.
pub(super) fn state(word: &str) -> GroupState {
    match word.to_ascii_lowercase().as_str() {
        "stable" => GroupState::Stable,
        "empty" => GroupState::Empty,
        "dead" => GroupState::Dead,
        "preparingrebalance" | "completingrebalance" | "assigning" | "reconciling" | "notready" => {
            GroupState::Rebalancing
        }
        _ => GroupState::Unknown,
    }
}

/// Who coordinates these groups now, or why that is not known. Only for groups that were listed: asked for in a cluster that
/// never had a group, Kafka makes the channel that it keeps groups in.
async fn coordinators(asking: &Asking<'_>, names: &[String]) -> HashMap<String, Result<i32, ErrorCode>> {
    let mut found = HashMap::with_capacity(names.len());
    for names in names.chunks(NAMES) {
        for broker in asking.brokers().into_keys() {
            if let Ok(some) = found_by(asking, broker, names).await {
                found.extend(some);
                break;
            }
        }
    }
    found
}

async fn found_by(
    asking: &Asking<'_>,
    broker: i32,
    names: &[String],
) -> Result<Vec<(String, Result<i32, ErrorCode>)>, KrafkaError> {
    const MANY: (i16, i16) = (coordinators::VERSION, coordinators::VERSION);
    let told = |code: ErrorCode, broker: i32| if code.is_ok() { Ok(broker) } else { Err(code) };
    if asking.speaks(broker, ApiKey::FindCoordinator, MANY).await? {
        let listed: Vec<&str> = names.iter().map(String::as_str).collect();
        let encode = |_, buffer: &mut bytes::BytesMut| coordinators::encode(&listed, buffer);
        let (_, answer) = asking.send(broker, ApiKey::FindCoordinator, MANY, encode).await?;
        let found = coordinators::decode(&answer)?;
        return Ok(found.into_iter().map(|f| (f.group.to_owned(), told(f.error, f.broker))).collect());
    }
    let mut found = Vec::with_capacity(names.len());
    for name in names {
        let request = FindCoordinatorRequest::for_group(name);
        let known = (versions::FIND_COORDINATOR_MIN, coordinators::VERSION - 1);
        let answer: FindCoordinatorResponse = asking.ask(broker, ApiKey::FindCoordinator, known, &request).await?;
        found.push((name.clone(), told(answer.error_code, answer.node_id)));
    }
    Ok(found)
}

/// Points groups whose coordinator has moved to the new one. Returns those that have one.
pub(super) async fn follow(asking: &Asking<'_>, groups: &mut [Group], moved: Vec<usize>) -> Vec<usize> {
    if moved.is_empty() {
        return moved;
    }
    let names: Vec<String> = moved.iter().map(|&at| groups[at].name.clone()).collect();
    let found = coordinators(asking, &names).await;
    moved
        .into_iter()
        .filter(|&at| {
            let group = &mut groups[at];
            match found.get(&group.name).copied().unwrap_or(Err(ErrorCode::CoordinatorNotAvailable)) {
                Ok(broker) => {
                    group.coordinator = broker;
                    true
                }
                Err(code) => {
                    let why = words::of_group(asking.settings(), &group.name, "DESCRIBE", code);
                    group.problem(|| why);
                    false
                }
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listed(protocol: &str, kind: Option<&str>, state: Option<&str>) -> Option<(GroupKind, GroupState)> {
        let listed = ListedGroup {
            group_id: "billing".into(),
            protocol_type: protocol.into(),
            group_state: state.map(Into::into),
            group_type: kind.map(Into::into),
        };
        group(listed, 1).map(|g| (g.kind, g.state))
    }

    #[test]
    fn groups_that_read_are_told_from_those_that_elect_workers() {
        let classic = |state| Some((GroupKind::Classic, state));
        assert_eq!(listed("consumer", None, None), classic(GroupState::Unknown));
        assert_eq!(listed("", Some("Classic"), Some("Empty")), classic(GroupState::Empty));
        assert_eq!(listed("consumer", Some("Classic"), Some("CompletingRebalance")), classic(GroupState::Rebalancing));
        assert_eq!(listed("connect", Some("Classic"), Some("Stable")), None);
        assert_eq!(listed("sr", None, None), None);
        let share = Some((GroupKind::Share, GroupState::Stable));
        assert_eq!(listed("share", Some("Share"), Some("Stable")), share);
        assert_eq!(listed("share", Some("share"), Some("stable")), share);
        assert_eq!(
            listed("consumer", Some("Consumer"), Some("Reconciling")),
            Some((GroupKind::Consumer, GroupState::Rebalancing))
        );
        assert_eq!(
            listed("streams", Some("Streams"), Some("NotReady")),
            Some((GroupKind::Streams, GroupState::Rebalancing))
        );
    }
}
