//! Sources: what Weir taps, and how far it may go there (decision 14).

use weir_broker::{SignIn, Tls};
use weir_domain::{Timestamp, sources::describe};

use super::{
    connection,
    environment::{self, Environment},
    files::CredentialFiles,
    section::{Found, Key, Section},
    suggest::nearest,
};
use crate::brokers;

/// Where a source is read from when Weir has never read it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Start {
    Latest,
    Earliest,
    At(Timestamp),
}

/// One source as the file has it, checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    pub name: String,
    pub kind: &'static str,
    pub environment: String,
    pub bootstrap: Vec<String>,
    pub tls: Option<Tls>,
    pub sasl: Option<SignIn>,
    /// Where these come from.
    pub files: CredentialFiles,
    /// Where this server stands, as the cluster's brokers name their places.
    pub client_rack: Option<String>,
    pub channels: Vec<String>,
    pub include_internal: bool,
    pub start: Start,
    pub catch_up_bytes_per_s: Option<u64>,
    /// What names the event type where CloudEvents does not: a header, after it a dotted path into a JSON payload.
    pub type_header: Option<String>,
    pub type_field: Option<String>,
    /// "off" | "metadata" | "full"
    pub capture: &'static str,
    /// "none" | "offsets" | "replay"
    pub act: &'static str,
    pub read_only: bool,
}

impl Source {
    /// How it is reached and read, for the page; no secrets.
    pub fn description(&self) -> String {
        let tls = self.tls.as_ref().map(|t| if t.client_cert_pem.is_some() { "mutual TLS" } else { "TLS" }.to_owned());
        let sasl = self.sasl.as_ref().map(|s| match s {
            SignIn::AwsIam(_) => "AWS MSK IAM".to_owned(),
            sign_in => format!("SASL {}", sign_in.mechanism()),
        });
        describe(&self.bootstrap, tls.into_iter().chain(sasl).collect(), self.client_rack.as_deref(), &self.channels)
    }
}

const KIND: Key = Key { name: "kind", expected: "a kind of broker: \"kafka\"", example: "kind = \"kafka\"" };
const ENVIRONMENT: Key = Key {
    name: "environment",
    expected: "the name of an environment of this file",
    example: "environment = \"production\"",
};
const BOOTSTRAP: Key = Key {
    name: "bootstrap",
    expected: "a list of host:port, two or three of one cluster",
    example: "bootstrap = [\"kafka-1.example.com:9092\", \"kafka-2.example.com:9092\"]",
};
const CLIENT_RACK: Key = Key {
    name: "client_rack",
    expected: "where this server stands, as broker.rack names it: brokers then point Weir to their nearest replica",
    example: "client_rack = \"eu-central-1a\"",
};
const CHANNELS: Key = Key {
    name: "channels",
    expected: "a list of names or patterns (* stands for any characters); what none includes is listed and not stored",
    example: "channels = [\"order.*\", \"payment.*\"]",
};
const INCLUDE_INTERNAL: Key = Key {
    name: "include_internal",
    expected: "true or false; true lets patterns reach the broker's own channels (__consumer_offsets)",
    example: "include_internal = false",
};
const START: Key = Key {
    name: "start",
    expected: "\"latest\", \"earliest\" or a time (RFC 3339): where reading begins the first time (latest if not said)",
    example: "start = \"2026-11-01T00:00:00Z\"",
};
const CATCH_UP: Key = Key {
    name: "catch_up_bytes_per_s",
    expected: "bytes per second (at least 1024) that reading older events may take from the broker",
    example: "catch_up_bytes_per_s = 10_000_000",
};
const TYPE_HEADER: Key = Key {
    name: "type_header",
    expected: "the name of the header that names an event's type where CloudEvents does not",
    example: "type_header = \"event-type\"",
};
const TYPE_FIELD: Key = Key {
    name: "type_field",
    expected: "a dotted path into JSON payloads that names an event's type where no header does",
    example: "type_field = \"meta.type\"",
};
const CAPTURE: Key = Key {
    name: "capture",
    expected: "\"off\", \"metadata\" or \"full\": the most that is ever stored of an event here",
    example: "capture = \"full\"",
};
const ACT: Key = Key {
    name: "act",
    expected: "\"none\", \"offsets\" or \"replay\": the most that anybody may ever do to this broker from Weir",
    example: "act = \"none\"",
};
const READ_ONLY: Key = Key {
    name: "read_only",
    expected: "true or false; true removes every write to this broker whatever roles say",
    example: "read_only = true",
};

pub fn read(
    tables: Vec<(Found<String>, Section<'_, '_>)>,
    environments: &[Environment],
    all_read_only: bool,
) -> Vec<Source> {
    tables
        .into_iter()
        .filter_map(|(name, section)| {
            let source = one(&name, &section, environments, all_read_only);
            section.end();
            source
        })
        .collect()
}

fn one(
    name: &Found<String>,
    section: &Section<'_, '_>,
    environments: &[Environment],
    all_read_only: bool,
) -> Option<Source> {
    if !environment::is_name(&name.value) {
        section.wrong_name(&environment::NAME, name);
    }
    let kinds: Vec<_> = brokers::KINDS.iter().map(|k| k.name).collect();
    let kind = one_of(section, &KIND, &kinds);
    let environment = environment(section, environments);
    let bootstrap = addresses(section);
    let mut files = CredentialFiles::default();
    let (tls, sasl) = (connection::tls(section, &mut files), connection::sasl(section, &mut files));
    let client_rack = section.text(&CLIENT_RACK).map(|f| f.value).filter(|r| !r.is_empty());
    let channels = channels(section);
    let include_internal = section.flag(&INCLUDE_INTERNAL).is_some_and(|f| f.value);
    let start = start(section);
    let catch_up = section.number(&CATCH_UP, 1024..u64::MAX).map(|f| f.value);
    let words = |key: &Key| {
        let found = section.text(key)?;
        if found.value.is_empty() {
            section.wrong(key, &found.place, "is empty");
        }
        Some(found.value)
    };
    let (type_header, type_field) = (words(&TYPE_HEADER), words(&TYPE_FIELD));
    let capture = one_of(section, &CAPTURE, &["off", "metadata", "full"]);
    let act = one_of(section, &ACT, &["none", "offsets", "replay"]);
    let read_only = section.flag(&READ_ONLY).is_some_and(|f| f.value) || all_read_only;
    Some(Source {
        name: name.value.clone(),
        kind: kind?,
        environment: environment?,
        bootstrap: bootstrap?,
        tls,
        sasl,
        files,
        client_rack,
        channels: channels?,
        include_internal,
        start,
        catch_up_bytes_per_s: catch_up,
        type_header,
        type_field,
        capture: capture?,
        act: act?,
        read_only,
    })
}

/// A needed word out of a few.
pub fn one_of<'k>(section: &Section<'_, '_>, key: &Key, words: &[&'k str]) -> Option<&'k str> {
    let found = section.needed_text(key)?;
    let known = words.iter().copied().find(|w| *w == found.value);
    if known.is_none() {
        let near = nearest(&found.value, words.iter().copied());
        let hint = near.map(|n| format!("; did you mean {n:?}?")).unwrap_or_default();
        section.wrong(key, &found.place, format!("is {:?}{hint}", found.value));
    }
    known
}

fn environment(section: &Section<'_, '_>, environments: &[Environment]) -> Option<String> {
    let found = section.needed_text(&ENVIRONMENT)?;
    if environments.iter().any(|e| e.name == found.value) {
        return Some(found.value);
    }
    let hint = match nearest(&found.value, environments.iter().map(|e| e.name.as_str())) {
        Some(near) => format!("; did you mean {near:?}?"),
        None => format!("; add [environments.{}]", found.value),
    };
    section.wrong(&ENVIRONMENT, &found.place, format!("is {:?}, which this file does not have{hint}", found.value));
    None
}

fn addresses(section: &Section<'_, '_>) -> Option<Vec<String>> {
    let mut good = Some(Vec::new());
    for found in section.needed_texts(&BOOTSTRAP)? {
        let is_address = found.value.rsplit_once(':').is_some_and(|(host, port)| {
            !host.is_empty() && !host.contains(['/', ' ', '@']) && port.parse::<u16>().is_ok_and(|p| p > 0)
        });
        if is_address {
            good = good.map(|mut list| {
                list.push(found.value);
                list
            });
        } else {
            // What has an @ may hold a password: it is not shown.
            let shown = if found.value.contains('@') { "something" } else { &found.value };
            section.wrong(&BOOTSTRAP, &found.place, format!("holds {shown:?}, which is no host:port"));
            good = None;
        }
    }
    good
}

fn channels(section: &Section<'_, '_>) -> Option<Vec<String>> {
    let list = section.needed_texts(&CHANNELS)?;
    for found in list.iter().filter(|f| f.value.is_empty() || f.value.len() > 249) {
        section.wrong(&CHANNELS, &found.place, format!("holds {:?}, which no channel can be called", found.value));
    }
    Some(list.into_iter().map(|f| f.value).collect())
}

fn start(section: &Section<'_, '_>) -> Start {
    let Some(found) = section.text_or_time(&START) else { return Start::Latest };
    match found.value.as_str() {
        "latest" => Start::Latest,
        "earliest" => Start::Earliest,
        other => match chrono::DateTime::parse_from_rfc3339(other) {
            Ok(time) => Start::At(Timestamp(time.timestamp_micros())),
            Err(_) => {
                section.wrong(&START, &found.place, format!("is {other:?}"));
                Start::Latest
            }
        },
    }
}
