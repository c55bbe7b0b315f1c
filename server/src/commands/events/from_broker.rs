//! A channel searched in its broker: step after step, until there is nothing more or enough was found.

use serde::Serialize;

use super::lines::Lines;
use crate::{
    client::Client,
    ended::{Code, Ended},
    http::rest::{BrokerStep, CapturedChannels, Event},
    print,
};

/// What all steps came to: the last line for programs.
#[derive(Debug, Default, Serialize)]
struct End {
    /// Begins the line, so that it is told from an event.
    complete: bool,
    matches: u64,
    read: u64,
    bytes: u64,
    kept_away: u64,
    other: u64,
    problems: Vec<String>,
    unseen: Vec<String>,
    /// Where it was stopped, if it was.
    next: Option<String>,
    /// There were more matches than were asked for.
    #[serde(skip)]
    cut: bool,
}

/// Prints what a channel has at its broker now.
pub async fn search(
    client: &Client,
    channel: &str,
    source: Option<&str>,
    asked: &[(&'static str, String)],
    limit: Option<u32>,
    json: bool,
) -> Result<(), Ended> {
    let id = id_of(client, channel, source).await?;
    let path = format!("/api/v1/channels/{id}/at-broker");
    let mut lines = Lines::new(json, false);
    let mut left = limit.map_or(usize::MAX, |limit| limit as usize);
    let mut end = End { complete: true, ..End::default() };
    loop {
        let mut step = asked.to_vec();
        step.extend(end.next.clone().map(|at| ("after", at)));
        let found: BrokerStep = client.json(&path, &step).await?;
        let behind = found.events.get(left.saturating_sub(1)).map(|last| last.next.clone());
        let cut = found.events.len() > left;
        let shown: Vec<Event> = found.events.into_iter().map(|found| found.event).take(left).collect();
        lines.print(&shown)?;
        left = left.saturating_sub(shown.len());
        let s = found.searched;
        end.matches += shown.len() as u64;
        end.read += s.read;
        end.bytes += s.bytes;
        end.kept_away += s.kept_away;
        end.other += s.other;
        // The broker is busy: asking again at once changes nothing.
        let stands = found.next.is_some() && s.parts.iter().all(|p| !p.done && p.from == p.next);
        let problems = s.parts.into_iter().flat_map(|p| {
            let number = p.partition;
            p.problems.into_iter().map(move |why| format!("partition {number}: {why}"))
        });
        end.problems.extend(problems);
        end.unseen = s.unseen;
        end.next = found.next;
        if cut {
            end.next = behind;
            end.cut = true;
        }
        if end.next.is_none() || left == 0 || stands {
            break;
        }
    }
    end.complete = !end.cut && end.next.is_none() && end.problems.is_empty() && end.unseen.is_empty();
    if json {
        return print::json(&end);
    }
    told(&end);
    Ok(())
}

fn told(end: &End) {
    let all = if end.complete { "that is all the broker has" } else { "that is not all" };
    print::note(&format!("{} events read live, not stored, {all}: {} read.", end.matches, end.read));
    if end.kept_away > 0 {
        print::note(&format!("{} events were not looked into: erased, or never to be stored.", end.kept_away));
    }
    if end.other > 0 {
        print::note(&format!("{} matches are not shown: another event is known there.", end.other));
    }
    if !end.unseen.is_empty() {
        print::note(&format!("Not looked into, because this token may not see it: {}.", end.unseen.join(", ")));
    }
    end.problems.iter().for_each(|problem| print::note(&print::plain(problem)));
}

/// A channel by its name, or `#` and its id; a name that several sources have needs its source.
async fn id_of(client: &Client, channel: &str, source: Option<&str>) -> Result<String, Ended> {
    if let Some(id) = channel.strip_prefix('#') {
        return Ok(id.to_owned());
    }
    let all: CapturedChannels = client.json("/api/v1/capture", &[]).await?;
    let mut named: Vec<_> = all.channels.into_iter().filter(|c| c.channel.name == channel).collect();
    if let Some(source) = source {
        named.retain(|c| c.source.name == source || c.source.id == source);
    }
    match named.as_slice() {
        [one] => Ok(one.channel.id.clone()),
        [] => Err(Ended::new(
            Code::Usage,
            format!("There is no channel {}, or none that this token may see.", print::plain(channel)),
            "Look at the names on the page Capture.",
        )),
        _ => Err(Ended::new(
            Code::Usage,
            format!("Several sources have a channel {}.", print::plain(channel)),
            "Name one with --source.",
        )),
    }
}
