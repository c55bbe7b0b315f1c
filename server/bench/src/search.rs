//! What questions cost over the events that were just captured, each beside what people do today. The store is asked
//! in this process: what a page adds (permission, audit, drawing) is the same for every question.

use crate::{Failure, cpu};
use std::{
    process::{Command, Stdio},
    time::{Duration, Instant},
};
use weir_domain::{
    EventId, PersonId,
    access::{Caller, Credential, Grant, Role, SystemView, View, VisibleChannels, authorise},
    catalog::Catalog as _,
    events::{EventFilter, EventRows as _, PageCursor},
    search::Query,
};
use weir_store::{Store, StoreOptions};

/// The price that few orders reach.
const FIELD: &str = "data.amount>1799.5";
const JQ: &str = "select(.data.amount > 1799.5)";
const ROWS: u32 = 200;
/// Of what most events hold, so many are walked: as many as a person scrolls through.
const MOST_HITS: usize = 100_000;

/// Everything that one search finds, and what it cost.
struct Searched {
    hits: usize,
    newest: Vec<EventId>,
    opened: u64,
    took: Duration,
    cpu: f64,
    first: Duration,
}

pub async fn report(url: &str, postgres: i32, bootstrap: &str, topic: &str, count: u64) -> Result<(), Failure> {
    let store = Store::connect(url, StoreOptions::default()).await?;
    let view = view(&store).await?;
    let today = kcat_jq(bootstrap, topic)?;
    // The first one finds nothing in memory.
    let cold = all(&store, &view, postgres, FIELD).await?;
    let field = all(&store, &view, postgres, FIELD).await?;
    println!(
        "search {FIELD} over {count}: {} hits in {:.2} s (cold {:.2} s), {:.2} CPU s, first page after {:.0} ms, {} of {count} events opened",
        field.hits,
        field.took.as_secs_f64(),
        cold.took.as_secs_f64(),
        field.cpu,
        field.first.as_secs_f64() * 1e3,
        field.opened
    );
    match today {
        Some((hits, took, cpu)) => {
            println!(
                "  kcat | jq: {hits} hits in {:.1} s, {cpu:.1} CPU s; ratio {:.0} times in time, {:.0} times in CPU (goal 25)",
                took.as_secs_f64(),
                took.as_secs_f64() / field.took.as_secs_f64(),
                cpu / field.cpu.max(0.01)
            );
            if hits != field.hits {
                return Err(format!("kcat | jq finds {hits} events, the store {}", field.hits).into());
            }
        }
        None => println!("  kcat | jq: not run, one of them is not installed"),
    }
    for (what, text) in [
        ("a word in three of four events", "Lyon"),
        ("a rare word", "user4711@example.org"),
        ("a word that is nowhere", "user47110000@example.net"),
    ] {
        let found = all(&store, &view, postgres, text).await?;
        println!(
            "search {text} ({what}): {} hits in {:.2} s, {:.2} CPU s, first page after {:.0} ms, {} opened",
            found.hits,
            found.took.as_secs_f64(),
            found.cpu,
            found.first.as_secs_f64() * 1e3,
            found.opened
        );
    }
    for text in [FIELD, "Lyon AND amount"] {
        println!("memory of the search {text}: {}", in_own_process(url, text)?);
    }
    let order = format!("key:ord-{:08}", count / 13);
    let page = async |text: &str, rows: u32| {
        let query = Query::parse(text).map_err(|e| format!("{e:?}"))?;
        let (rows, ..) = store.list(&view, &EventFilter::default(), &query, None, rows).await?;
        Ok::<_, Failure>(rows.len())
    };
    for (what, text, rows) in [
        ("by key", order.as_str(), ROWS),
        ("newest 100", "", 100),
        ("newest 100 of a type", "type:payment.failed", 100),
    ] {
        let mut times = Vec::new();
        let mut found = 0;
        for _ in 0..20 {
            let begun = Instant::now();
            found = page(text, rows).await?;
            times.push(begun.elapsed());
        }
        println!("{what} {text}: {found} rows, {}", spread(times));
    }
    let mut times = Vec::new();
    for id in field.newest.iter().cycle().take(50) {
        let begun = Instant::now();
        store.event(&view, *id).await?.ok_or("an event that was found is not there")?;
        times.push(begun.elapsed());
    }
    println!("one event: {}", spread(times));
    for text in ["", "type:payment.failed", FIELD] {
        let query = Query::parse(text).map_err(|e| format!("{e:?}"))?;
        let mut times = Vec::new();
        for _ in 0..10 {
            let begun = Instant::now();
            store.breakdown(&view, &EventFilter::default(), &query, None, 80, 8).await?;
            times.push(begun.elapsed());
        }
        println!("breakdown {text}: {}", spread(times));
    }
    Ok(())
}

/// By how much this process grows while it searches: printed for [`in_own_process`].
pub async fn memory(url: &str, text: &str) -> Result<(), Failure> {
    let store = Store::connect(url, StoreOptions::default()).await?;
    let view = view(&store).await?;
    let query = Query::parse(text).map_err(|e| format!("{e:?}"))?;
    let own = i32::try_from(std::process::id())?;
    let before = cpu::resident_mb(own).0;
    let (mut place, mut pages, mut hits) = (None::<PageCursor>, 0, 0);
    loop {
        let (rows, _, next) = store.list(&view, &EventFilter::default(), &query, place, ROWS).await?;
        (place, pages, hits) = (next, pages + 1, hits + rows.len());
        if place.is_none() || pages == 200 {
            break;
        }
    }
    println!(
        "{:.0} MB more at its highest over {pages} pages with {hits} hits (goal 64)",
        cpu::resident_mb(own).1 - before
    );
    Ok(())
}

/// What was held before would hide what a search takes.
fn in_own_process(url: &str, text: &str) -> Result<String, Failure> {
    let asked = Command::new(std::env::current_exe()?).args(["--search-memory", url, "--query", text]).output()?;
    if !asked.status.success() {
        return Err(format!("not measured: {}", String::from_utf8_lossy(&asked.stderr)).into());
    }
    Ok(String::from_utf8_lossy(&asked.stdout).trim().to_owned())
}

fn spread(mut times: Vec<Duration>) -> String {
    times.sort_unstable();
    let ms = |t: Option<&Duration>| t.map_or(0.0, |t| t.as_secs_f64() * 1e3);
    format!("median {:.1} ms, worst {:.1} ms of {}", ms(times.get(times.len() / 2)), ms(times.last()), times.len())
}

async fn all(store: &Store, view: &View, postgres: i32, text: &str) -> Result<Searched, Failure> {
    let query = Query::parse(text).map_err(|e| format!("{e:?}"))?;
    let own = i32::try_from(std::process::id())?;
    let cpu = || cpu::seconds(own) + cpu::seconds(postgres);
    let (spent, begun) = (cpu(), Instant::now());
    let (mut before, mut first) = (None::<PageCursor>, None);
    let mut found =
        Searched { hits: 0, newest: Vec::new(), opened: 0, took: Duration::ZERO, cpu: 0.0, first: Duration::ZERO };
    loop {
        let (rows, scanned, next) = store.list(view, &EventFilter::default(), &query, before, ROWS).await?;
        found.hits += rows.len();
        found.opened += scanned.opened;
        found.newest.extend(rows.iter().map(|r| r.id).take(50 - found.newest.len().min(50)));
        if !rows.is_empty() {
            first.get_or_insert_with(|| begun.elapsed());
        }
        before = next;
        if before.is_none() || found.hits >= MOST_HITS {
            break;
        }
    }
    (found.took, found.cpu) = (begun.elapsed(), cpu() - spent);
    found.first = first.unwrap_or(found.took);
    Ok(found)
}

/// Hits, time, and the CPU seconds of both.
fn kcat_jq(bootstrap: &str, topic: &str) -> Result<Option<(usize, Duration, f64)>, Failure> {
    let begun = Instant::now();
    let kcat = Command::new("kcat")
        .args(["-C", "-q", "-e", "-o", "beginning", "-b", bootstrap, "-t", topic])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn();
    let Ok(mut kcat) = kcat else { return Ok(None) };
    // With those of children that were waited for.
    let own = i32::try_from(std::process::id())?;
    let before = cpu::seconds(own);
    let jq = match kcat.stdout.take() {
        Some(events) => Command::new("jq").args(["-c", JQ]).stdin(events).output(),
        None => return Ok(None),
    };
    let ended = kcat.wait()?;
    let Ok(jq) = jq else { return Ok(None) };
    if !ended.success() || !jq.status.success() {
        return Err(format!("kcat | jq failed: {}", String::from_utf8_lossy(&jq.stderr)).into());
    }
    let hits = jq.stdout.iter().filter(|b| **b == b'\n').count();
    Ok(Some((hits, begun.elapsed(), cpu::seconds(own) - before)))
}

async fn view(store: &Store) -> Result<View, Failure> {
    let caller = Caller {
        person: PersonId("bench".into()),
        session: None,
        login: "bench".into(),
        name: "Bench".into(),
        roles: vec![Role::Support],
        grants: vec![Grant::everything()],
        by: Credential::Session,
        environment: None,
        origin: "bench".into(),
    };
    let entries = store.entries(&SystemView::for_composition_root()).await?;
    let catalog = entries.iter().map(|e| (e.channel, e.environment, e.source, e.channel_name.as_str()));
    authorise(&caller, "events/list", VisibleChannels::from_catalog(&caller, catalog))
        .map_err(|e| format!("{e:?}").into())
}
