//! What may be listed and read. Reading is tried at the end of each channel, where nothing comes: rights are checked
//! there as anywhere, and no record travels.

use super::{Ended, Test, Well, Wrong, commands, some};
use crate::{
    acl,
    discover::{discover, leader},
    probe::{Found, Located, Seek, locate},
    reader::{
        fetch::{self, Request, Target},
        session::{Ask, Session},
    },
};
use krafka::{__private::kafka_metadata, KrafkaError, consumer::TopicPartition, error::ErrorCode};
use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    time::Duration,
};
use weir_broker::{BrokerError, Discovery};

/// Channels that are tried at most.
const MOST: usize = 200;

impl Test<'_> {
    async fn discovery(&self) -> Result<Discovery, Wrong> {
        discover(self.connection).await.map_err(|e| Wrong::of(&e))
    }

    pub(super) async fn lists(&self) -> Ended {
        let found = self.discovery().await?;
        let all = found.channels.iter().filter(|c| !c.internal).count();
        let included = found.channels.iter().filter(|c| self.wanted.includes(&c.channel, c.internal)).count();
        if found.channels.is_empty() {
            let settings = self.connection.settings();
            return Err(Wrong::new(
                format!(
                    "No channel is to be seen: there is none, or the right DESCRIBE is missing for {}.",
                    acl::who(settings)
                ),
                format!(
                    "Grant it on the topics that Weir shall read:\n{}",
                    acl::grant(settings, &["DESCRIBE", "READ"], "--topic '*'")
                ),
            ));
        }
        Ok(Well::Passed(format!("{all} channels; the patterns include {included}")))
    }

    pub(super) async fn reads(&self) -> Ended {
        let found = self.discovery().await?;
        let mut names: Vec<String> = found
            .channels
            .iter()
            .filter(|c| self.wanted.includes(&c.channel, c.internal))
            .map(|c| c.channel.clone())
            .collect();
        let all = names.len();
        if all == 0 {
            return Ok(Well::Skipped("No channel is included by these patterns: nothing would be read.".into()));
        }
        names.truncate(MOST);
        let tried = self.try_all(&names).await.map_err(|e| Wrong::of(&e))?;
        let who = acl::who(self.connection.settings());
        let rest = |n: usize| match all - n {
            0 => String::new(),
            rest => format!(" The other {rest} can be read, and are read all the same."),
        };
        if !tried.forbidden.is_empty() {
            let forbidden: Vec<String> = tried.forbidden.into_iter().collect();
            return Err(Wrong::new(
                format!(
                    "{who} lacks the right READ on {} of {all} included channels: {}.{}",
                    forbidden.len(),
                    some(&forbidden),
                    rest(forbidden.len())
                ),
                format!(
                    "Grant it, or leave these channels out of the patterns:\n{}",
                    commands(self.connection, &["READ", "DESCRIBE"], &forbidden)
                ),
            ));
        }
        if let Some((channel, why)) = tried.failed.first_key_value() {
            return Err(Wrong::new(
                format!("{channel} can't be read now: {why}.{}", rest(tried.failed.len())),
                "It is read as soon as it can be; look at the broker that has it.",
            ));
        }
        let shown = if all > names.len() { format!("{} of {all}", names.len()) } else { all.to_string() };
        Ok(Well::Passed(format!("{shown} included channels, such as {}", names[0])))
    }

    /// One partition of each channel, its leader asked at the end of the log.
    async fn try_all(&self, names: &[String]) -> Result<Tried, BrokerError> {
        let kafka = self.connection.control().await?;
        let metadata = kafka_metadata(kafka);
        let listed: Vec<&str> = names.iter().map(String::as_str).collect();
        self.connection.bounded("find leaders", metadata.refresh_for_topics(Some(&listed))).await?;
        let mut tried = Tried::default();
        let mut seeks = Vec::new();
        let mut routes = HashMap::new();
        for name in names {
            if metadata.topic_error(name) == Some(ErrorCode::TopicAuthorizationFailed) {
                tried.forbidden.insert(name.clone());
                continue;
            }
            let Some(topic) = metadata.topic_arc(name) else { continue };
            let partitions = topic.partitions_iter().map(|p| (p.partition, leader(p).map(|id| (id, p.leader_epoch))));
            let mut no_leader = None;
            let route = partitions.into_iter().find_map(|(number, led)| match led {
                Ok(led) => Some((number, led)),
                Err(why) => {
                    no_leader = Some(why);
                    None
                }
            });
            match (route, no_leader) {
                (Some((number, led)), _) => {
                    let partition = TopicPartition::new(name.clone(), number);
                    routes.insert(partition.clone(), (led, topic.topic_id));
                    seeks.push((partition, Seek::Latest));
                }
                (None, why) => {
                    drop(tried.failed.insert(name.clone(), why.unwrap_or_else(|| "it has no partition".into())))
                }
            }
        }
        let found = self.connection.bounded("list offsets", locate(kafka, &seeks)).await?;
        let mut by_leader: BTreeMap<i32, Vec<Target>> = BTreeMap::new();
        for (number, (partition, found)) in (0..).zip(found) {
            let Some(((broker, epoch), topic)) = routes.get(&partition).copied() else { continue };
            let place = match found {
                Ok(Found { located: Located::At { place, .. } | Located::Cut { to: place }, .. }) => place,
                Err(error) => {
                    tried.failed(&partition.topic, &error);
                    continue;
                }
            };
            let ask = Ask { offset: place.next, epoch: -1, leader_epoch: epoch, max_bytes: 1 };
            let topic = (partition.topic.clone(), topic);
            by_leader.entry(broker).or_default().push(Target { number, topic, partition: partition.partition, ask });
        }
        let pool = self.connection.fetch_pool().await?;
        for (broker, targets) in by_leader {
            let Some(address) = metadata.broker(broker).map(|b| b.address().to_owned()) else { continue };
            let topics: Vec<String> = targets.iter().map(|t| t.topic.0.clone()).collect();
            let mut session = Session::default();
            let request = Request {
                broker,
                address: address.clone(),
                targets,
                max_bytes: 1,
                max_wait: Duration::ZERO,
                rack: String::new(),
            };
            match fetch::fetch(pool.clone(), request, &mut session).await {
                Ok(answer) => {
                    for (target, response) in answer.partitions.iter().filter(|(_, r)| !r.error_code.is_ok()) {
                        tried.failed(&target.topic.0, &KrafkaError::broker(response.error_code, "fetch"));
                    }
                }
                Err(error) => topics.iter().for_each(|t| tried.failed(t, &error)),
            }
            fetch::end(&pool, broker, &address, session).await;
        }
        pool.close_all().await;
        Ok(tried)
    }
}

#[derive(Default)]
struct Tried {
    forbidden: BTreeSet<String>,
    failed: BTreeMap<String, String>,
}

impl Tried {
    fn failed(&mut self, topic: &str, error: &KrafkaError) {
        match error {
            KrafkaError::Broker { code: ErrorCode::TopicAuthorizationFailed, .. } => {
                self.forbidden.insert(topic.to_owned());
            }
            KrafkaError::Broker { code, .. } => {
                drop(self.failed.insert(topic.to_owned(), format!("the broker answered {code:?}")))
            }
            other => drop(self.failed.insert(topic.to_owned(), other.to_string())),
        }
    }
}
