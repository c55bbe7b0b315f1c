//! Members of groups: each kind of group is described by a request of its own.

use super::{
    ask::{AT_ONCE, Asking, Versions},
    groups::{Group, state},
    words,
};
use futures::{StreamExt as _, stream};
use krafka::{
    __private::protocol::{
        ApiKey, CONSUMER_PROTOCOL_TYPE, ConsumerGroupDescribeGroup, ConsumerGroupDescribeRequest,
        ConsumerGroupDescribeResponse, DescribeGroupsRequest, DescribeGroupsResponse, DescribedGroup,
        DescribedStreamsGroup, ShareGroupDescribeRequest, ShareGroupDescribeResponse, ShareGroupDescription,
        StreamsGroupDescribeRequest, StreamsGroupDescribeResponse, decode_consumer_protocol_assignment, versions,
    },
    KrafkaError,
    error::ErrorCode,
};
use std::collections::{BTreeMap, HashMap};
use weir_domain::lag::{GroupKind, GroupState, Member};

/// Groups in one question: an answer carries what every member subscribes to.
const GROUPS: usize = 500;

/// What one group's description comes down to.
struct Described {
    name: String,
    error: ErrorCode,
    state: GroupState,
    assignor: String,
    members: Vec<Member>,
}

/// Fills in members, assignors and, where the listing did not tell, states; of those groups that are `wanted`.
pub(super) async fn fetch(asking: &Asking<'_>, groups: &mut [Group], wanted: impl Fn(&str) -> bool) {
    let mut by: BTreeMap<(i32, u8), Vec<usize>> = BTreeMap::new();
    for (at, group) in groups.iter().enumerate().filter(|(_, g)| wanted(&g.name)) {
        by.entry((group.coordinator, group.kind as u8)).or_default().push(at);
    }
    let questions: Vec<(i32, GroupKind, Vec<usize>, Vec<String>)> = by
        .into_iter()
        .flat_map(|((broker, _), numbers)| {
            let parts: Vec<Vec<usize>> = numbers.chunks(GROUPS).map(<[usize]>::to_vec).collect();
            parts.into_iter().map(move |part| (broker, part))
        })
        .map(|(broker, part)| {
            let names = part.iter().map(|&at| groups[at].name.clone()).collect();
            (broker, groups[part[0]].kind, part, names)
        })
        .collect();
    let mut answers = stream::iter(questions)
        .map(async |(broker, kind, part, names)| (broker, part, described(asking, broker, kind, names).await))
        .buffer_unordered(AT_ONCE);
    while let Some((broker, part, answer)) = answers.next().await {
        match answer {
            Ok(described) => {
                let numbers: HashMap<String, usize> = part.iter().map(|&at| (groups[at].name.clone(), at)).collect();
                for one in described {
                    let Some(&at) = numbers.get(&one.name) else { continue };
                    take(asking, &mut groups[at], one);
                }
            }
            Err(error) => {
                let why = format!("its members are not known: {}", asking.why(broker, &error));
                for at in part {
                    groups[at].problem(|| why.clone());
                }
            }
        }
    }
}

fn take(asking: &Asking<'_>, group: &mut Group, one: Described) {
    match one.error {
        ErrorCode::None => {
            group.members = Some(one.members);
            group.assignor = Some(one.assignor).filter(|a| !a.is_empty());
            if one.state != GroupState::Unknown {
                group.state = one.state;
            }
        }
        // It is gone since it was listed.
        ErrorCode::GroupIdNotFound => {
            group.state = GroupState::Dead;
            group.members = Some(Vec::new());
        }
        code => {
            let why = words::of_group(asking.settings(), &group.name, "DESCRIBE", code);
            group.problem(|| why);
        }
    }
}

async fn described(
    asking: &Asking<'_>,
    broker: i32,
    kind: GroupKind,
    names: Vec<String>,
) -> Result<Vec<Described>, KrafkaError> {
    Ok(match kind {
        GroupKind::Consumer => {
            let request = ConsumerGroupDescribeRequest::new(names);
            const KNOWN: Versions = (versions::CONSUMER_GROUP_DESCRIBE_MIN, versions::CONSUMER_GROUP_DESCRIBE_MAX);
            let answer: ConsumerGroupDescribeResponse =
                asking.ask(broker, ApiKey::ConsumerGroupDescribe, KNOWN, &request).await?;
            answer.groups.into_iter().map(consumer).collect()
        }
        GroupKind::Share => {
            let request = ShareGroupDescribeRequest { group_ids: names, include_authorized_operations: false };
            const KNOWN: Versions = (versions::SHARE_GROUP_DESCRIBE_MIN, versions::SHARE_GROUP_DESCRIBE_MAX);
            let answer: ShareGroupDescribeResponse =
                asking.ask(broker, ApiKey::ShareGroupDescribe, KNOWN, &request).await?;
            answer.groups.into_iter().map(share).collect()
        }
        GroupKind::Streams => {
            let request = StreamsGroupDescribeRequest::new(names);
            const KNOWN: Versions = (versions::STREAMS_GROUP_DESCRIBE_MIN, versions::STREAMS_GROUP_DESCRIBE_MAX);
            let answer: StreamsGroupDescribeResponse =
                asking.ask(broker, ApiKey::StreamsGroupDescribe, KNOWN, &request).await?;
            answer.groups.into_iter().map(streams).collect()
        }
        _ => {
            let request = DescribeGroupsRequest { groups: names, include_authorized_operations: false };
            const KNOWN: Versions = (versions::DESCRIBE_GROUPS_MIN, versions::DESCRIBE_GROUPS_MAX);
            let answer: DescribeGroupsResponse = asking.ask(broker, ApiKey::DescribeGroups, KNOWN, &request).await?;
            answer.groups.into_iter().map(classic).collect()
        }
    })
}

fn classic(group: DescribedGroup) -> Described {
    let consumers = group.protocol_type == CONSUMER_PROTOCOL_TYPE;
    let members = group.members.into_iter().map(|m| {
        // Other clients wrote these bytes: what can't be read is a member that holds nothing that is known.
        let holds = consumers.then(|| decode_consumer_protocol_assignment(&m.member_assignment).ok()).flatten();
        let holds = holds.into_iter().flat_map(|a| a.assigned_partitions).map(|t| (t.topic, t.partitions));
        Member {
            id: m.member_id,
            client_id: m.client_id,
            host: host(m.client_host),
            instance: m.group_instance_id,
            holds: sorted(holds),
        }
    });
    Described {
        members: members.collect(),
        name: group.group_id,
        error: group.error_code,
        state: state(&group.group_state),
        assignor: group.protocol_data,
    }
}

fn consumer(group: ConsumerGroupDescribeGroup) -> Described {
    let members = group.members.into_iter().map(|m| Member {
        id: m.member_id,
        client_id: m.client_id,
        host: host(m.client_host),
        instance: m.instance_id,
        holds: sorted(m.assignment.topic_partitions.into_iter().map(|t| (t.topic_name, t.partitions))),
    });
    Described {
        members: members.collect(),
        name: group.group_id,
        error: group.error_code,
        state: state(&group.group_state),
        assignor: group.assignor_name,
    }
}

fn share(group: ShareGroupDescription) -> Described {
    let members = group.members.into_iter().map(|m| Member {
        id: m.member_id,
        client_id: m.client_id,
        host: host(m.client_host),
        instance: None,
        holds: sorted(m.assignment.into_iter().map(|t| (t.topic_name, t.partitions))),
    });
    Described {
        members: members.collect(),
        name: group.group_id,
        error: group.error_code,
        state: state(&group.group_state),
        assignor: group.assignor_name,
    }
}

fn streams(group: DescribedStreamsGroup) -> Described {
    let parts = group.topology.and_then(|t| t.subtopologies).unwrap_or_default();
    let sources: HashMap<String, Vec<String>> = parts
        .into_iter()
        .map(|p| {
            let repartitioned = p.repartition_source_topics.into_iter().map(|t| t.name);
            (p.subtopology_id, p.source_topics.into_iter().chain(repartitioned).collect())
        })
        .collect();
    let members = group.members.into_iter().map(|m| Member {
        holds: read_by(m.assignment.active_tasks.into_iter().map(|t| (t.subtopology_id, t.partitions)), &sources),
        id: m.member_id,
        client_id: m.client_id,
        host: host(m.client_host),
        instance: m.instance_id,
    });
    Described {
        members: members.collect(),
        name: group.group_id,
        error: group.error_code,
        state: state(&group.group_state),
        assignor: String::new(),
    }
}

/// A task is a part of the topology with a number: it reads the partition of that number of each of its sources.
fn read_by(
    tasks: impl IntoIterator<Item = (String, Vec<i32>)>,
    sources: &HashMap<String, Vec<String>>,
) -> Vec<(String, Vec<i32>)> {
    let each = |(part, numbers): (String, Vec<i32>)| {
        let names = sources.get(&part).map_or(&[][..], Vec::as_slice);
        names.iter().map(move |name| (name.clone(), numbers.clone())).collect::<Vec<_>>()
    };
    sorted(tasks.into_iter().flat_map(each))
}

/// Kafka writes an address without a name as "/10.0.0.7".
fn host(host: String) -> String {
    host.strip_prefix('/').map(str::to_owned).unwrap_or(host)
}

fn sorted(holds: impl IntoIterator<Item = (String, Vec<i32>)>) -> Vec<(String, Vec<i32>)> {
    let mut by: BTreeMap<String, Vec<i32>> = BTreeMap::new();
    for (channel, partitions) in holds {
        by.entry(channel).or_default().extend(partitions);
    }
    by.values_mut().for_each(|partitions| {
        partitions.sort_unstable();
        partitions.dedup();
    });
    by.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytes::{BufMut as _, Bytes, BytesMut};
    use krafka::__private::protocol::DescribeGroupMember;
    use proptest::{collection::vec, prelude::*};

    #[test]
    fn a_task_reads_its_partition_of_every_source() {
        let sources = HashMap::from([
            ("0".to_owned(), vec!["orders".to_owned(), "users".to_owned()]),
            ("1".to_owned(), vec!["totals".to_owned()]),
        ]);
        let tasks = [("0".to_owned(), vec![3, 1]), ("1".to_owned(), vec![0]), ("7".to_owned(), vec![9])];
        let expected =
            [("orders".to_owned(), vec![1, 3]), ("totals".to_owned(), vec![0]), ("users".to_owned(), vec![1, 3])];
        assert_eq!(read_by(tasks, &sources), expected);
    }

    fn group(protocol: &str, assignment: Bytes) -> DescribedGroup {
        let member = DescribeGroupMember {
            member_id: "m-1".into(),
            group_instance_id: Some("static".into()),
            client_id: "billing".into(),
            client_host: "/10.0.0.7".into(),
            member_metadata: Bytes::new(),
            member_assignment: assignment,
        };
        DescribedGroup {
            error_code: ErrorCode::None,
            error_message: None,
            group_id: "g".into(),
            group_state: "Stable".into(),
            protocol_type: protocol.into(),
            protocol_data: "range".into(),
            members: vec![member],
            authorized_operations: 0,
        }
    }

    #[test]
    fn a_member_holds_what_its_assignment_says() {
        let mut bytes = BytesMut::new();
        bytes.put_i16(0);
        bytes.put_i32(1);
        bytes.put_i16(6);
        bytes.put_slice(b"orders");
        bytes.put_i32(2);
        bytes.put_i32(4);
        bytes.put_i32(1);
        bytes.put_i32(-1);
        let bytes = bytes.freeze();
        let described = classic(group("consumer", bytes.clone()));
        let member = &described.members[0];
        assert_eq!((member.host.as_str(), member.instance.as_deref()), ("10.0.0.7", Some("static")));
        assert_eq!(member.holds, [("orders".to_owned(), vec![1, 4])]);
        assert!(classic(group("connect", bytes)).members[0].holds.is_empty(), "bytes of another meaning");
    }

    proptest! {
        #[test]
        fn whatever_a_client_wrote_does_no_harm(bytes in vec(any::<u8>(), 0..200)) {
            classic(group("consumer", bytes.into()));
        }
    }
}
