//! What Kafka's own tools say of groups.

use std::collections::BTreeMap;
use weir_testkit::kafka_tool;

/// Group, channel, partition.
pub type Key = (String, String, i32);

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// Of share groups: where they start.
    pub next: Option<i64>,
    /// Not told of share groups.
    pub end: Option<i64>,
    pub lag: Option<i64>,
    /// Client id and host of who holds it; not told of share groups.
    pub held_by: Option<(String, String)>,
}

const CONSUMERS: &str = "org.apache.kafka.tools.consumer.group.ConsumerGroupCommand";
const SHARES: &str = "org.apache.kafka.tools.consumer.group.ShareGroupCommand";

/// `kafka-consumer-groups --describe` of these groups, in one call.
pub fn consumers(bootstrap: &str, groups: &[String]) -> BTreeMap<Key, Row> {
    rows(&describe(CONSUMERS, bootstrap, groups))
        .into_iter()
        .map(|row| {
            let held_by = (row["CLIENT-ID"] != "-")
                .then(|| (row["CLIENT-ID"].clone(), row["HOST"].trim_start_matches('/').to_owned()));
            let (next, end, lag) =
                (number(&row["CURRENT-OFFSET"]), number(&row["LOG-END-OFFSET"]), number(&row["LAG"]));
            // Behind the end Kafka counts below zero; Weir says that it is unknown.
            let lag = lag.filter(|lag| *lag >= 0);
            (key(&row), Row { next, end, lag, held_by })
        })
        .collect()
}

/// `kafka-share-groups --describe` of these groups, in one call.
pub fn shares(bootstrap: &str, groups: &[String]) -> BTreeMap<Key, Row> {
    rows(&describe(SHARES, bootstrap, groups))
        .into_iter()
        .map(|row| {
            let (next, lag) = (number(&row["START-OFFSET"]), number(&row["LAG"]));
            (key(&row), Row { next, end: None, lag, held_by: None })
        })
        .collect()
}

fn describe(class: &str, bootstrap: &str, groups: &[String]) -> String {
    let mut args = vec!["--bootstrap-server", bootstrap, "--describe", "--timeout", "60000"];
    groups.iter().for_each(|group| args.extend(["--group", group]));
    let said = kafka_tool(class, &args).unwrap();
    // It fails without failing.
    assert!(!said.contains("Error:"), "{said}");
    said
}

fn key(row: &BTreeMap<String, String>) -> Key {
    (row["GROUP"].clone(), row["TOPIC"].clone(), row["PARTITION"].parse().unwrap())
}

fn number(text: &str) -> Option<i64> {
    (text != "-").then(|| text.parse().unwrap())
}

/// Tables with a line of names above each, and remarks between them. A member without a partition has a row without one.
fn rows(text: &str) -> Vec<BTreeMap<String, String>> {
    let mut names: Vec<&str> = Vec::new();
    let mut rows = Vec::new();
    for line in text.lines() {
        let words: Vec<&str> = line.split_whitespace().collect();
        if words.first() == Some(&"GROUP") {
            names = words;
        } else if words.len() == names.len() && !words.is_empty() {
            let row: BTreeMap<String, String> =
                names.iter().zip(words).map(|(name, word)| ((*name).to_owned(), word.to_owned())).collect();
            if row["PARTITION"] != "-" {
                rows.push(row);
            }
        }
    }
    rows
}
