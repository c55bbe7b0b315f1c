//! Making a formatted data directory without the second that Kafka's own tool takes.

use std::{fs, path::Path};

use rand::RngExt as _;

use super::{
    jars::Jars,
    properties::{self, Role},
};
use crate::{Error, PrivateDir, Result, place::once};

/// Holds the feature levels and the users, and no ids: good for any number of brokers.
const CHECKPOINT: &str = "bootstrap.checkpoint";

/// What says that a directory is formatted, and for whom.
const META: &str = "meta.properties";

/// Formats `data` as a new cluster with fresh ids, or for one more broker of a cluster, unless it is formatted already.
pub(super) fn format(jars: &Jars, data: &Path, secure: bool, role: &Role) -> Result<()> {
    if data.join(META).is_file() {
        return Ok(());
    }
    let template = jars.cache(if secure { "formatted-secure" } else { "formatted" });
    once(&template, |unfinished| {
        let dir = PrivateDir::new("kafka-format")?;
        let file = dir.path().join("server.properties");
        let data = dir.path().join("data");
        // The ports are not used by the format.
        let text = properties::minimal(&data);
        fs::write(&file, text).map_err(Error::path("write", &file))?;
        jars.format(&file, &if secure { properties::scram_users() } else { Vec::new() })?;
        let made = data.join(CHECKPOINT);
        fs::copy(&made, unfinished.join(CHECKPOINT)).map(drop).map_err(Error::path("copy", &made))
    })?;
    fs::create_dir_all(data).map_err(Error::path("make", data))?;
    let from = template.join(CHECKPOINT);
    fs::copy(&from, data.join(CHECKPOINT)).map_err(Error::path("copy", &from))?;
    let cluster = match role {
        Role::First => random_id(),
        Role::Second { cluster, .. } => cluster.clone(),
    };
    let meta = format!("version=1\ncluster.id={cluster}\nnode.id={}\ndirectory.id={}\n", role.node(), random_id());
    // Last, because its presence says that the directory is ready.
    let file = data.join(META);
    fs::write(&file, meta).map_err(Error::path("write", &file))
}

/// The id of the cluster that `data` belongs to.
pub(super) fn cluster(data: &Path) -> Result<String> {
    let file = data.join(META);
    let text = fs::read_to_string(&file).map_err(Error::path("read", &file))?;
    let id = text.lines().find_map(|line| line.strip_prefix("cluster.id="));
    id.map(str::to_owned).ok_or_else(|| Error::failed("reading a cluster's id", format!("{} has none", file.display())))
}

/// A Kafka id: 16 random bytes in URL-safe base64, which must not begin with a dash.
pub(super) fn random_id() -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let mut rng = rand::rng();
    let mut id: String = (0..21).map(|_| char::from(ALPHABET[rng.random_range(0..64)])).collect();
    if id.starts_with('-') {
        id.replace_range(..1, "A");
    }
    // 22 characters hold 132 bits: the last four of them are padding and must be zero.
    id.push(char::from(ALPHABET[rng.random_range(0..4) * 16]));
    id
}
