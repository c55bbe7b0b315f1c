//! Groups as a running Weir tells them.

use crate::{
    client::Client,
    ended::{Code, Ended},
    http::rest::{Group, GroupInFull, Groups},
    print,
};

/// Groups of one answer.
const AT_ONCE: u64 = 1_000;
/// Sources named where a group is of several.
const NAMED: usize = 5;

/// Everything that matches, and the last answer beside it: the most urgent first, as the server orders them. What is more
/// than one answer holds is told by name: by urgency groups change places between two answers, and one would be told twice
/// or never.
pub async fn all(client: &Client, query: &[(&'static str, String)]) -> Result<(Vec<Group>, Groups), Ended> {
    let mut query = query.to_vec();
    let mut found: Vec<Group> = Vec::new();
    loop {
        let mut asked = query.clone();
        asked.extend([("most", AT_ONCE.to_string()), ("from", found.len().to_string())]);
        let mut page: Groups = client.json("/api/v1/groups", &asked).await?;
        if page.matching > AT_ONCE && !query.iter().any(|(name, _)| *name == "sort") {
            query.push(("sort", "group".to_owned()));
            continue;
        }
        let new = std::mem::take(&mut page.groups);
        let none = new.is_empty();
        found.extend(new);
        if none || found.len() as u64 >= page.matching {
            return Ok((found, page));
        }
    }
}

/// The id of a source that somebody names.
pub async fn source(client: &Client, name: &str) -> Result<String, Ended> {
    let page: Groups = client.json("/api/v1/groups", &[("most", "1".to_owned())]).await?;
    let named = page.sources.iter().find(|s| s.source.name == name);
    let named = named.or_else(|| page.sources.iter().find(|s| s.source.id == name));
    named.map(|s| s.source.id.clone()).ok_or_else(|| {
        Ended::usage(
            format!("There is no source {name:?}, or none that this token may see."),
            "`weir sources` lists them.",
        )
    })
}

/// One group by its name, archived and deleted ones too, with its partitions.
pub async fn one(client: &Client, name: &str, source_named: Option<&str>) -> Result<GroupInFull, Ended> {
    let mut query = vec![("q", name.to_owned()), ("all", "true".to_owned())];
    if let Some(named) = source_named {
        query.push(("source", source(client, named).await?));
    }
    let (found, _) = all(client, &query).await?;
    let named: Vec<_> = found.iter().filter(|g| g.name == name).collect();
    match named.as_slice() {
        [one] => client.json(&format!("/api/v1/groups/{}", one.id), &[]).await,
        [] => Err(Ended::new(
            Code::Failed,
            format!("There is no consumer group {}, or none that this token may see.", print::plain(name)),
            "`weir lag --all` lists all of them.",
        )),
        several => {
            let sources: Vec<_> = several.iter().take(NAMED).map(|g| print::plain(&g.source.name)).collect();
            Err(Ended::usage(
                format!("Several sources have a group {}: {}.", print::plain(name), sources.join(", ")),
                "Name one with --source.",
            ))
        }
    }
}
