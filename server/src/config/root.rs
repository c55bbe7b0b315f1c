//! The keys at the top of the file.

use std::{net::SocketAddr, path::PathBuf};

use weir_broker::{Network, Secret};
use weir_domain::capture::{LEAST_BUDGET, MOST_BUDGET};

use super::{
    Config, audit, environment, limits,
    public_url::PublicUrl,
    secret::SecretKeys,
    section::{Found, Key, Section},
    source, telemetry,
};
use crate::{metrics::LagNames, vault::SecretKey};

const LISTEN: Key = Key {
    name: "listen",
    expected: "an address and a port to serve on (127.0.0.1:8080 if not said)",
    example: "listen = \"127.0.0.1:8080\"",
};
const HEALTH_LISTEN: Key = Key {
    name: "health_listen",
    expected: "an address and a port on which a process without a console answers /healthz and /readyz (none if not said)",
    example: "health_listen = \"127.0.0.1:8081\"",
};
const PUBLIC_URL: Key = Key {
    name: "public_url",
    expected: "the address people type, with the path that a proxy serves Weir under; https wherever it is not this machine alone",
    example: "public_url = \"https://weir.example.com/tools/weir\"",
};
const TRUSTED_PROXIES: Key = Key {
    name: "trusted_proxies",
    expected: "a list of addresses or networks of the proxies before Weir; what only they say of where requests come from counts",
    example: "trusted_proxies = [\"127.0.0.1\", \"10.0.0.0/8\"]",
};
const DATABASE_URL: Key = Key {
    name: "database_url",
    expected: "the address of a PostgreSQL database (15 or later) that Weir may own, without a password",
    example: "database_url = \"postgres://weir@127.0.0.1:5432/weir\"",
};
const DATABASE: SecretKeys = SecretKeys {
    by_variable: Key {
        name: "database_url_env",
        expected: "the name of an environment variable that holds the database's address, password and all",
        example: "database_url_env = \"WEIR_DATABASE_URL\"",
    },
    by_file: Key {
        name: "database_url_file",
        expected: "a file that holds the database's address, password and all, and nothing else",
        example: "database_url_file = \"/run/secrets/weir-database-url\"",
    },
    inline: "database_url",
};
const STATE_FILE: Key = Key {
    name: "state_file",
    expected: "a writable file in which Weir keeps its instance id (weir.state beside this file if not said)",
    example: "state_file = \"/var/lib/weir/weir.state\"",
};
const READ_ONLY: Key = Key {
    name: "read_only",
    expected: "true or false; true removes every broker write, whatever roles and sources say",
    example: "read_only = true",
};
const METRICS_LISTEN: Key = Key {
    name: "metrics_listen",
    expected: "an address and a port of its own for Prometheus' /metrics, which needs no session (not served if not said)",
    example: "metrics_listen = \"127.0.0.1:9464\"",
};
const METRICS_CHANNELS: Key = Key {
    name: "metrics_channels",
    expected: "how many channels the metrics name, 0 to 10000 (0 if not said); those beyond are counted as \"other\"",
    example: "metrics_channels = 200",
};
const METRICS_GROUPS: Key = Key {
    name: "metrics_groups",
    expected: "how many consumer groups the metrics name, 0 to 100000 (1000 if not said); those beyond are counted",
    example: "metrics_groups = 200",
};
const METRICS_LAG_NAMES: Key = Key {
    name: "metrics_lag_names",
    expected: "a list of exporters (kminion, kafka-lag-exporter) under whose names lag is told as well (none if not said)",
    example: "metrics_lag_names = [\"kminion\"]",
};
const STORE_BUDGET: Key = Key {
    name: "store_budget_bytes",
    expected: "the most bytes that captured events may take with their indexes, 10000000 or more (set in the browser if not said here)",
    example: "store_budget_bytes = 200000000000",
};
const LAG_EVERY: Key = Key {
    name: "lag_every_s",
    expected: "seconds between two looks at the consumer groups of a source, 1 to 300 (10 if not said)",
    example: "lag_every_s = 30",
};
const TELEMETRY: Key = Key {
    name: "telemetry",
    expected: "a table that says where traces of Weir itself go",
    example: "[telemetry]\notlp_endpoint = \"http://127.0.0.1:4318\"",
};
const AUDIT: Key = Key { name: "audit", expected: "a table about the audit log", example: "[audit]\nstdout = true" };
const ALLOW_ADDRESSES: Key = Key {
    name: "allow_addresses",
    expected: "a list of IP addresses or ranges near this server (link-local, metadata, loopback) that sources made in the browser may connect to",
    example: "allow_addresses = [\"169.254.10.0/24\"]",
};
const SECRETS_KEY: SecretKeys = SecretKeys {
    by_variable: Key {
        name: "secrets_key_env",
        expected: "the name of an environment variable that holds keys as `weir secrets-key` prints them: the present one, then older ones",
        example: "secrets_key_env = \"WEIR_SECRETS\"",
    },
    by_file: Key {
        name: "secrets_key_file",
        expected: "a file of keys as `weir secrets-key` prints them, one a line: the present one, then older ones that still open what they sealed",
        example: "secrets_key_file = \"weir-secrets.key\"",
    },
    inline: "secrets_key",
};
const LIMITS: Key = Key { name: "limits", expected: "a table of limits", example: "[limits]\nstreams = 500" };
const ENVIRONMENTS: Key = Key {
    name: "environments",
    expected: "a table of environments by name",
    example: "[environments.production]\nkind = \"production\"",
};
const SOURCES: Key =
    Key { name: "sources", expected: "a table of sources by name", example: "[sources.shop]\nkind = \"kafka\"" };

pub fn read(root: Section<'_, '_>) -> Option<Config> {
    let listen = listen(&root);
    let health_listen = root.text(&HEALTH_LISTEN).and_then(|found| address(&root, &HEALTH_LISTEN, &found));
    let public_url = public_url(&root, listen);
    let trusted_proxies = networks(&root, &TRUSTED_PROXIES);
    let (database_url, database_url_file) = (database_url(&root), database_url_file(&root));
    let state_file = root.text(&STATE_FILE).map(|f| f.value).filter(|f| !f.is_empty());
    let state_file = root.reading.surroundings.path(state_file.as_deref().unwrap_or("weir.state"));
    let read_only = root.flag(&READ_ONLY).is_some_and(|f| f.value);
    let metrics_listen = root.text(&METRICS_LISTEN).and_then(|found| address(&root, &METRICS_LISTEN, &found));
    let metrics_channels = root.number(&METRICS_CHANNELS, 0..10_001).and_then(|n| usize::try_from(n.value).ok());
    let metrics_groups = root.number(&METRICS_GROUPS, 0..100_001).and_then(|n| u32::try_from(n.value).ok());
    let metrics_lag_names = lag_names(&root);
    let store_budget = root.number(&STORE_BUDGET, LEAST_BUDGET..MOST_BUDGET + 1).map(|found| found.value);
    let lag_every_s = root.number(&LAG_EVERY, 1..301).and_then(|n| u32::try_from(n.value).ok()).unwrap_or(10);
    let telemetry = telemetry::read(root.child_or_empty(&TELEMETRY));
    let audit = audit::read(root.child_or_empty(&AUDIT));
    let allow_addresses = networks(&root, &ALLOW_ADDRESSES).unwrap_or_default();
    let secrets_keys = secrets_keys(&root);
    let limits = limits::read(root.child_or_empty(&LIMITS));
    let environments = environment::read(root.children(&ENVIRONMENTS));
    let sources = source::read(root.children(&SOURCES), &environments, read_only);
    root.end();
    let (listen, database_url) = (listen?, database_url?);
    Some(Config {
        listen,
        health_listen,
        public_url,
        trusted_proxies,
        database_url,
        database_url_file,
        state_file,
        read_only,
        metrics_listen,
        metrics_channels: metrics_channels.unwrap_or(0),
        metrics_groups: metrics_groups.unwrap_or(1_000),
        metrics_lag_names,
        store_budget,
        lag_every_s,
        telemetry,
        audit,
        allow_addresses,
        secrets_keys,
        limits,
        environments,
        sources,
    })
}

fn lag_names(root: &Section<'_, '_>) -> Vec<LagNames> {
    let mut names = Vec::new();
    for found in root.texts(&METRICS_LAG_NAMES).unwrap_or_default() {
        match LagNames::parse(&found.value) {
            Some(name) if names.contains(&name) => {}
            Some(name) => names.push(name),
            None => {
                root.wrong(&METRICS_LAG_NAMES, &found.place, format!("names {:?}, which is none of them", found.value))
            }
        }
    }
    names
}

fn secrets_keys(root: &Section<'_, '_>) -> Vec<SecretKey> {
    let Some(text) = SECRETS_KEY.read(root) else { return Vec::new() };
    let given = if root.has(&SECRETS_KEY.by_variable) { SECRETS_KEY.by_variable } else { SECRETS_KEY.by_file };
    let place = root.text(&given).map_or_else(|| root.place(), |found| found.place);
    let mut keys: Vec<SecretKey> = Vec::new();
    let words = text.expose().split(|c: char| c.is_whitespace() || c == ',').filter(|w| !w.is_empty());
    for (n, word) in words.enumerate() {
        match SecretKey::parse(word) {
            Some(key) if keys.contains(&key) => {}
            Some(key) => keys.push(key),
            None => {
                root.wrong(&given, &place, format!("leads to a key, number {}, that is not 32 bytes in base64", n + 1))
            }
        }
    }
    keys
}

fn listen(root: &Section<'_, '_>) -> Option<SocketAddr> {
    match root.text(&LISTEN) {
        Some(found) => address(root, &LISTEN, &found),
        // Said, and wrong: that is told already.
        None if root.has(&LISTEN) => None,
        None => Some(SocketAddr::from(([127, 0, 0, 1], 8080))),
    }
}

fn address(root: &Section<'_, '_>, key: &Key, found: &Found<String>) -> Option<SocketAddr> {
    let address = found.value.parse().ok();
    if address.is_none() {
        root.wrong(key, &found.place, format!("is {:?}, which is no address with a port", found.value));
    }
    address
}

fn public_url(root: &Section<'_, '_>, listen: Option<SocketAddr>) -> Option<PublicUrl> {
    let found = root.text(&PUBLIC_URL);
    match &found {
        Some(found) => match PublicUrl::parse(&found.value) {
            Ok(url) => return Some(url),
            Err(why) => root.wrong(&PUBLIC_URL, &found.place, format!("can't be used: {why}")),
        },
        // Whom to believe about the browser's address, and whether cookies may leave https, must be said.
        None if listen.is_some_and(|l| !l.ip().is_loopback()) && !root.has(&PUBLIC_URL) => {
            root.wrong(
                &PUBLIC_URL,
                &root.place(),
                "is missing, and is needed because listen is open to other machines",
            );
        }
        None => {}
    }
    None
}

fn networks(root: &Section<'_, '_>, key: &Key) -> Option<Vec<Network>> {
    let mut networks = Vec::new();
    for found in root.texts(key)? {
        match found.value.parse() {
            Ok(network) => networks.push(network),
            Err(why) => root.wrong(key, &found.place, format!("holds {:?}, {why}", found.value)),
        }
    }
    Some(networks)
}

fn database_url(root: &Section<'_, '_>) -> Option<Secret> {
    let inline = root.text(&DATABASE_URL);
    root.know(&DATABASE.by_variable);
    root.know(&DATABASE.by_file);
    let said_otherwise = root.has(&DATABASE.by_variable) || root.has(&DATABASE.by_file);
    let (found, key) = match inline {
        Some(found) if !said_otherwise => {
            let in_file = matches!(found.place, super::Place::Line(_));
            if in_file && has_password(&found.value) {
                root.wrong(&DATABASE.by_variable, &found.place, "is needed: database_url here holds a password");
                return None;
            }
            (found.map(Secret::new), DATABASE_URL)
        }
        // The variable over the file wins over the file's other ways, as it does for every key.
        Some(found) if matches!(found.place, super::Place::Environment(_)) => (found.map(Secret::new), DATABASE_URL),
        Some(found) => {
            root.wrong(&DATABASE_URL, &found.place, "stands beside database_url_env or database_url_file");
            return None;
        }
        None if said_otherwise => {
            let secret = DATABASE.read_by_reference(root)?;
            (Found { value: secret, place: root.place() }, DATABASE.by_variable)
        }
        None => {
            if !root.has(&DATABASE_URL) {
                root.missing(&DATABASE_URL);
            }
            return None;
        }
    };
    if !is_database_url(&found.value) {
        // Its text may hold a password: it is not shown.
        root.wrong(&key, &found.place, "does not begin with postgres://");
        return None;
    }
    Some(found.value)
}

pub fn is_database_url(url: &Secret) -> bool {
    ["postgres://", "postgresql://"].iter().any(|scheme| url.expose().starts_with(scheme))
}

/// The file, if that is where the address comes from.
fn database_url_file(root: &Section<'_, '_>) -> Option<PathBuf> {
    let over = root.text(&DATABASE_URL).is_some();
    let file = root.text(&DATABASE.by_file).filter(|_| !over)?;
    Some(root.reading.surroundings.path(&file.value))
}

fn has_password(url: &str) -> bool {
    let Some((_, rest)) = url.split_once("://") else { return false };
    let authority = rest.split(['/', '?']).next().unwrap_or_default();
    let user = authority.rsplit_once('@').map_or("", |(user, _)| user);
    user.contains(':') || rest.split(['?', '&']).any(|p| p.starts_with("password="))
}
