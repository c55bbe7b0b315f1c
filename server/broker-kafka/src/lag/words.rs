//! What the broker's codes mean for a group, a partition or a channel, for a person.

use crate::acl;
use krafka::error::ErrorCode;
use weir_broker::{DELETED, Settings};

/// Why a group is not told; `right` is what was needed for it.
pub(super) fn of_group(settings: &Settings, group: &str, right: &str, code: ErrorCode) -> String {
    match code {
        ErrorCode::GroupAuthorizationFailed => missing(settings, right, "group", &acl::group(group)),
        ErrorCode::CoordinatorLoadInProgress => "its coordinator is still loading its positions".to_owned(),
        ErrorCode::CoordinatorNotAvailable | ErrorCode::NotCoordinator => {
            "its coordinator is moving to another broker".to_owned()
        }
        ErrorCode::TopicAuthorizationFailed => {
            format!("not authorised: {} lacks the right {right} on a topic of this group", acl::who(settings))
        }
        code => format!("the broker answered {code:?}"),
    }
}

/// Why one partition is not told, of a channel whose name is known.
pub(super) fn of_partition(settings: &Settings, channel: &str, right: &str, code: ErrorCode) -> String {
    match code {
        ErrorCode::TopicAuthorizationFailed => missing(settings, right, "topic", &acl::topic(channel)),
        ErrorCode::UnknownTopicOrPartition | ErrorCode::UnknownTopicId => DELETED.to_owned(),
        ErrorCode::NotLeaderForPartition | ErrorCode::FencedLeaderEpoch | ErrorCode::UnknownLeaderEpoch => {
            "its leader is changing".to_owned()
        }
        ErrorCode::OffsetNotAvailable | ErrorCode::LeaderNotAvailable => {
            "its new leader does not know its end yet".to_owned()
        }
        ErrorCode::KafkaStorageException => "the broker's disk failed".to_owned(),
        code => format!("the broker answered {code:?}"),
    }
}

/// A right that is missing, and the command that grants it.
pub(super) fn missing(settings: &Settings, right: &str, on: &str, resource: &str) -> String {
    let grant = acl::grant(settings, &[right], resource);
    format!("not authorised: {} lacks the right {right} on this {on}. Grant it: {grant}", acl::who(settings))
}

/// Codes after which the question is asked again, of whom new metadata names.
pub(super) const fn leader_moved(code: ErrorCode) -> bool {
    matches!(
        code,
        ErrorCode::NotLeaderForPartition
            | ErrorCode::FencedLeaderEpoch
            | ErrorCode::UnknownLeaderEpoch
            | ErrorCode::OffsetNotAvailable
            | ErrorCode::LeaderNotAvailable
            | ErrorCode::UnknownTopicOrPartition
    )
}
