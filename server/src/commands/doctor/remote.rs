//! From outside, as any program would look.

use std::sync::Arc;

use http::header;
use serde::Deserialize;
use weir_domain::{Clock, Timestamp};

use super::{super::remote::Remote, addresses, report::Report};
use crate::{
    client::{Client, tls},
    ended::{Code, Ended},
    http::rest::{Me, Source, Sources, StoreBudget},
    print::words,
};

/// A token that ends sooner is told (µs).
const SOON: i64 = 7 * 86_400_000_000;
/// The answer's `Date` has whole seconds (µs).
const APART: u64 = 3_000_000;

/// What `/readyz` says.
#[derive(Debug, Deserialize)]
pub struct Ready {
    ready: bool,
    reasons: Vec<String>,
    taps: String,
    taps_reason: Option<String>,
    #[serde(skip)]
    date: Option<Timestamp>,
}

pub async fn look(remote: &Remote, clock: &dyn Clock, report: &mut Report) -> Result<(), Ended> {
    let token = remote.token()?;
    let client = remote.client_with(token.clone())?;
    report.about("address");
    let address = &client.address;
    // The way is looked at step by step with the same trust that the client has.
    let security = match address.https {
        true => {
            let ca = remote.ca_file.as_ref().and_then(|file| std::fs::read_to_string(file).ok());
            tls::config(ca.as_deref(), None).ok().map(Arc::new)
        }
        false => None,
    };
    if !addresses::look(address.bare_host(), address.port, security.as_ref(), report).await? {
        return Ok(());
    }
    report.about("server");
    let ready = match ready(&client).await {
        Ok(ready) => ready,
        Err(why) => return report.failed("ready", why.what, why.what_to_do),
    };
    tell(&ready, report)?;
    if let Some(date) = ready.date {
        let apart = date.micros_since(clock.now());
        let said = format!("the server's and this machine's are {} apart", words::length(apart));
        match apart.unsigned_abs() {
            n if n > APART => report.note("clock", said, "Set both by NTP: --since counts by this machine's.")?,
            _ => report.ok("clock", "the server's and this machine's agree")?,
        }
    }
    report.about("token");
    if token.is_none() {
        return report.skipped("good", "there is none to show (WEIR_TOKEN, --token-file)");
    }
    if !ready.ready {
        return report.skipped("good", "the server is not ready");
    }
    match client.json::<Me>("/api/v1/me", &[]).await {
        Ok(me) => person(&me, clock.now(), report)?,
        Err(why) => return report.failed("good", why.what, why.what_to_do),
    }
    sources(&client, report).await?;
    budget(&client, report).await
}

pub async fn ready(client: &Client) -> Result<Ready, Ended> {
    let answer = client.get("/readyz", &[], &[]).await?;
    let date = answer.header(header::DATE).and_then(|d| chrono::DateTime::parse_from_rfc2822(d).ok());
    let date = date.map(|d| Timestamp(d.timestamp_micros()));
    // It answers 503 with the same shape while it is not ready.
    let not_weir = |_| {
        Ended::unreachable(
            format!("What answers at {} is not Weir.", client.address),
            "Check the address, and whether a proxy stands in between.",
        )
    };
    let ready: Ready = serde_json::from_slice(&answer.bytes().await?).map_err(not_weir)?;
    Ok(Ready { date, ..ready })
}

pub fn tell(ready: &Ready, report: &mut Report) -> Result<(), Ended> {
    if ready.ready {
        report.ok("ready", "it serves")?;
    } else {
        report.failed(
            "ready",
            ready.reasons.join("; "),
            "The server's log says more; weir doctor beside it as well.",
        )?;
    }
    match (ready.taps.as_str(), &ready.taps_reason) {
        ("on", _) => report.ok("taps", "they are on"),
        ("off", why) => {
            report.note("taps", format!("they are off: {}", why.as_deref().unwrap_or("no reason told")), "")
        }
        (other, _) => report.skipped("taps", format!("they are {other}")),
    }
}

fn person(me: &Me, now: Timestamp, report: &mut Report) -> Result<(), Ended> {
    let Some(token) = &me.token else { return report.ok("good", format!("it stands for {}", me.login)) };
    let left = token.expires.0.micros_since(now);
    let said = format!(
        "{:?} stands for {} with {}, and ends in {}",
        token.name,
        me.login,
        if me.roles.is_empty() { "no role".to_owned() } else { me.roles.join(", ") },
        words::length(left)
    );
    match left {
        left if left < SOON => report.note("good", said, "Make a new one in time, on the page /account/tokens."),
        _ if me.roles.is_empty() => {
            report.note("good", said, "The roles it was given were taken from its person; ask an administrator.")
        }
        _ => report.ok("good", said),
    }
}

async fn sources(client: &Client, report: &mut Report) -> Result<(), Ended> {
    let all = match client.json::<Sources>("/api/v1/sources", &[]).await {
        Ok(all) => all.sources,
        Err(why) if why.code == Code::NotAllowed => {
            report.about("sources");
            return report.skipped("state", why.what);
        }
        Err(why) => {
            report.about("sources");
            return report.failed("state", why.what, why.what_to_do);
        }
    };
    if all.is_empty() {
        report.about("sources");
        report.note("state", "there is none that this token may see", "Add one to weir.toml, or ask for a grant.")?;
    }
    for source in &all {
        report.about(format!("source {}", source.name));
        state(source, report)?;
    }
    Ok(())
}

/// How full the store is, for whoever may see sources.
async fn budget(client: &Client, report: &mut Report) -> Result<(), Ended> {
    report.about("store");
    let found = match client.json::<StoreBudget>("/api/v1/budget", &[]).await {
        Ok(found) => found,
        Err(why) if why.code == Code::NotAllowed => return report.skipped("budget", why.what),
        Err(why) => return report.failed("budget", why.what, why.what_to_do),
    };
    if !found.differing_files.is_empty() {
        let said = |n: &Option<u64>| n.map_or_else(|| "none".to_owned(), words::bytes);
        let all = found.differing_files.iter().map(said).collect::<Vec<_>>().join(", ");
        report.note(
            "budget",
            format!("files of processes that run say different things ({all}): the least rules"),
            "Give every process the same store_budget_bytes.",
        )?;
    }
    let used = found.used_bytes.map_or_else(|| words::UNKNOWN.to_owned(), words::bytes);
    let Some(budget) = found.budget_bytes else {
        let said = format!("there is none, and {used} are used");
        return report.note("budget", said, "Set one on the page /capture, before the disk is full.");
    };
    let when = match (found.forecast.as_str(), found.full_in_seconds) {
        ("never", _) => "not full at today's rate".to_owned(),
        ("now", _) => "full".to_owned(),
        (_, Some(secs)) => {
            let micros = i64::try_from(secs).unwrap_or(i64::MAX).saturating_mul(1_000_000);
            format!("full in {} at today's rate", words::length(micros))
        }
        _ => "nobody can tell yet when it is full".to_owned(),
    };
    let said = format!("{used} of {} are used, {when}", words::bytes(budget));
    match (found.fill.as_deref(), found.over_budget_channels) {
        (Some("full"), _) if found.metadata_alone => report.failed(
            "budget",
            format!("{said}; metadata and what holds keep fill it alone, no channel keeps payloads"),
            "Raise the budget, keep metadata for fewer days, or end holds: see the page /capture.",
        ),
        (Some("full"), n) => report.failed(
            "budget",
            format!("{said}; {n} channels keep metadata only"),
            "Raise the budget or keep less: see the page /capture.",
        ),
        (Some("warn"), _) => report.note("budget", said, "From 95 % on channels give up their oldest payloads."),
        (_, n) if n > 0 => report.note("budget", format!("{said}; {n} channels keep metadata only"), ""),
        _ => report.ok("budget", said),
    }
}

fn state(source: &Source, report: &mut Report) -> Result<(), Ended> {
    let why = source.reason.clone().unwrap_or_default();
    let joined = |state: &str| if why.is_empty() { state.to_owned() } else { format!("{state}: {why}") };
    match source.state.as_str() {
        _ if source.orphan => report.note("state", "taken out of the configuration", "It keeps its events."),
        "up" => {
            let waits = match source.behind {
                Some(0) => "nothing waits to be read".to_owned(),
                Some(n) => format!("{n} events wait to be read"),
                None => "what waits to be read is unknown".to_owned(),
            };
            let said = format!("up, {} channels, {waits}", source.channels);
            match source.gaps {
                0 => report.ok("state", said),
                n => report.note("state", format!("{said}, {n} gaps"), "The source's page says when and why."),
            }
        }
        "down" => report.failed("state", joined("down"), "Run weir doctor beside the server: it tries step by step."),
        "paused" => report.note("state", joined("paused"), "It goes on where it stood when somebody resumes it."),
        "off" => report.note("state", joined("off"), ""),
        other => report.note("state", joined(other), ""),
    }
}
