//! How long channels keep their events, and for how long a group's positions are kept.

use super::{
    ask::{Asking, Versions},
    channels::Channels,
};
use crate::acl;
use krafka::{
    __private::protocol::{
        ApiKey, ConfigResourceType, DescribeConfigsEntry, DescribeConfigsRequest, DescribeConfigsResource,
        DescribeConfigsResponse, versions,
    },
    KrafkaError,
    error::ErrorCode,
};
use std::collections::{BTreeMap, HashMap};
use weir_broker::Keeps;

const KNOWN: Versions = (versions::DESCRIBE_CONFIGS_MIN, versions::DESCRIBE_CONFIGS_MAX);
/// Channels in one question.
const CHANNELS: usize = 1_000;
const OF_A_CHANNEL: [&str; 7] = [
    "cleanup.policy",
    "message.timestamp.type",
    "remote.storage.enable",
    "retention.bytes",
    "retention.ms",
    "segment.bytes",
    "segment.ms",
];
const OF_POSITIONS: &str = "offsets.retention.minutes";

/// Fills in what channels keep; returns what could not be told, for a person.
pub(super) async fn fetch(asking: &Asking<'_>, channels: &mut Channels) -> Vec<String> {
    let mut problems = Vec::new();
    let positions_for_ms = match positions_kept(asking).await {
        Ok(ms) => ms,
        Err(why) => {
            problems.push(why);
            None
        }
    };
    let known: Vec<usize> = (0..channels.all.len()).filter(|&at| channels.all[at].problem.is_none()).collect();
    let (mut forbidden, mut others): (usize, BTreeMap<String, usize>) = (0, BTreeMap::new());
    for some in known.chunks(CHANNELS) {
        let resource = |&at: &usize| DescribeConfigsResource {
            resource_type: ConfigResourceType::Topic,
            resource_name: channels.all[at].name.to_string(),
            config_names: Some(OF_A_CHANNEL.map(str::to_owned).to_vec()),
        };
        let answer = match ask_any(asking, some.iter().map(resource).collect()).await {
            Ok(answer) => answer,
            Err(error) => {
                problems.push(format!("how long channels keep their events is not known: {error}"));
                break;
            }
        };
        for result in answer.results {
            let Some(at) = channels.get(&result.resource_name) else { continue };
            match result.error_code {
                ErrorCode::None => channels.all[at].keeps = Some(keeps(&result.configs, positions_for_ms)),
                ErrorCode::TopicAuthorizationFailed => forbidden += 1,
                // Deleted since its leaders were asked for.
                ErrorCode::UnknownTopicOrPartition => {}
                code => *others.entry(format!("{code:?}")).or_default() += 1,
            }
        }
    }
    // Counted and not named: who reads this may not be allowed to know all channels.
    let some = |n: usize| if n == 1 { "1 channel keeps its".to_owned() } else { format!("{n} channels keep their") };
    for (code, n) in others {
        problems.push(format!("how long {} events is not known: the broker answered {code}", some(n)));
    }
    if forbidden > 0 {
        problems.push(format!(
            "how long {} events is not known: {} lacks the right DESCRIBE_CONFIGS. Grant it: {}",
            some(forbidden),
            acl::who(asking.settings()),
            acl::grant(asking.settings(), &["DESCRIBE_CONFIGS"], "--topic '*'")
        ));
    }
    problems
}

async fn ask_any(
    asking: &Asking<'_>,
    resources: Vec<DescribeConfigsResource>,
) -> Result<DescribeConfigsResponse, KrafkaError> {
    let request = DescribeConfigsRequest { resources, include_synonyms: false, include_documentation: false };
    asking.ask_any(ApiKey::DescribeConfigs, KNOWN, &request).await
}

/// `offsets.retention.minutes` as one broker has it: clusters set it alike everywhere.
async fn positions_kept(asking: &Asking<'_>) -> Result<Option<i64>, String> {
    let unknown = |why: String| format!("how long positions of idle groups are kept is not known: {why}");
    let mut why = String::from("no broker answers");
    let away = asking.away();
    for broker in asking.brokers().into_keys().filter(|broker| !away.contains(broker)) {
        let resources = vec![DescribeConfigsResource {
            resource_type: ConfigResourceType::Broker,
            resource_name: broker.to_string(),
            config_names: Some(vec![OF_POSITIONS.to_owned()]),
        }];
        let request = DescribeConfigsRequest { resources, include_synonyms: false, include_documentation: false };
        match asking.ask::<DescribeConfigsResponse>(broker, ApiKey::DescribeConfigs, KNOWN, &request).await {
            Ok(answer) => {
                let Some(result) = answer.results.into_iter().next() else { continue };
                return match result.error_code {
                    ErrorCode::None => {
                        Ok(number(&by_name(&result.configs), OF_POSITIONS)
                            .and_then(|minutes| minutes.checked_mul(60_000)))
                    }
                    ErrorCode::ClusterAuthorizationFailed => Err(unknown(format!(
                        "{} lacks the right DESCRIBE_CONFIGS on the cluster. Grant it: {}",
                        acl::who(asking.settings()),
                        acl::grant(asking.settings(), &["DESCRIBE_CONFIGS"], "--cluster")
                    ))),
                    code => Err(unknown(format!("the broker answered {code:?}"))),
                };
            }
            Err(error) => why = asking.why(broker, &error),
        }
    }
    Err(unknown(why))
}

fn by_name(entries: &[DescribeConfigsEntry]) -> HashMap<&str, &str> {
    entries.iter().filter_map(|e| Some((e.name.as_str(), e.value.as_deref()?))).collect()
}

fn number(values: &HashMap<&str, &str>, name: &str) -> Option<i64> {
    values.get(name)?.parse().ok()
}

fn keeps(entries: &[DescribeConfigsEntry], positions_for_ms: Option<i64>) -> Keeps {
    let values = by_name(entries);
    // -1: no limit.
    let limit = |name| number(&values, name).filter(|n| *n >= 0);
    let is = |name: &str, word: &str| values.get(name).is_some_and(|v| v.trim().eq_ignore_ascii_case(word));
    let policy = |word: &str| {
        values.get("cleanup.policy").is_some_and(|v| v.split(',').any(|p| p.trim().eq_ignore_ascii_case(word)))
    };
    Keeps {
        for_ms: limit("retention.ms"),
        bytes: limit("retention.bytes"),
        segment_bytes: limit("segment.bytes"),
        segment_ms: limit("segment.ms"),
        compacted: policy("compact"),
        deletes: policy("delete"),
        tiered: is("remote.storage.enable", "true"),
        arrival_times: is("message.timestamp.type", "LogAppendTime"),
        positions_for_ms,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(name: &str, value: &str) -> DescribeConfigsEntry {
        DescribeConfigsEntry {
            name: name.into(),
            value: Some(value.into()),
            read_only: false,
            is_default: false,
            is_sensitive: false,
            config_source: 0,
            synonyms: Vec::new(),
            config_type: 0,
            documentation: None,
        }
    }

    #[test]
    fn settings_of_a_channel_become_what_it_keeps() {
        let entries = [
            entry("retention.ms", "86400000"),
            entry("retention.bytes", "-1"),
            entry("segment.bytes", "1073741824"),
            entry("segment.ms", "604800000"),
            entry("cleanup.policy", "compact, delete"),
            entry("message.timestamp.type", "LogAppendTime"),
            entry("remote.storage.enable", "true"),
        ];
        let expected = Keeps {
            for_ms: Some(86_400_000),
            bytes: None,
            segment_bytes: Some(1 << 30),
            segment_ms: Some(604_800_000),
            compacted: true,
            deletes: true,
            tiered: true,
            arrival_times: true,
            positions_for_ms: Some(7),
        };
        assert_eq!(keeps(&entries, Some(7)), expected);
        assert_eq!(keeps(&[entry("retention.ms", "soon")], None), Keeps::default());
    }
}
