use super::{
    chart,
    words::{counted, forecast, kind, lag, pill, time_class, time_lag},
};
use crate::{
    Failure, RequestContext,
    drawn::{self, Address, DrawnPage},
    events::{line, visible::plain},
    ui::{Empty, ErrorPanel, Icon, format},
};
use leptos::prelude::*;
use leptos_router::location::Url;
use weir_domain::{
    EventId, Timestamp,
    lag::{GroupKind, GroupRow, GroupSort, GroupsPage, GroupsWanted, SourceObserved, Status},
};

const TITLE: &str = "Consumer lag";
/// Groups of one page.
const MOST: usize = 100;

/// All groups of all sources, at `/lag`.
pub(crate) async fn list(cx: &RequestContext, address: &Address) -> DrawnPage {
    let mut wanted = wanted(address);
    let found = async {
        let caller = cx.caller_in(address.environment())?;
        // To move one of its channel's groups there.
        if let Some(event) = address.given("event").and_then(|e| e.parse::<EventId>().ok())
            && let Some(found) = cx.told(cx.cases.events.detail(&caller, event).await)?
        {
            (wanted.channel, wanted.source) = (Some(found.row.channel_name), Some(found.row.source));
        }
        cx.told(cx.cases.lag.groups(&caller, &wanted).await)
    };
    let found = found.await;
    drawn::page(TITLE, || {
        view! { <div class="page lag" data-live="10">{body(&found, &wanted, address)}</div> }.into_any()
    })
}

/// What the address of the page asks for.
pub fn wanted(address: &Address) -> GroupsWanted {
    let page: usize = address.given("page").and_then(|p| p.parse().ok()).unwrap_or(1);
    GroupsWanted {
        text: address.given("q").unwrap_or_default().chars().take(200).collect(),
        status: address.given("status").and_then(Status::parse),
        source: address.given("source").and_then(|s| s.parse().ok()),
        kind: address.given("kind").and_then(GroupKind::parse),
        channel: address.given("channel").map(str::to_owned),
        all: address.value("all") == "1",
        sort: address.given("sort").and_then(GroupSort::parse).unwrap_or_default(),
        reverse: address.value("rev") == "1",
        from: page.saturating_sub(1).saturating_mul(MOST),
        most: MOST,
    }
}

fn body(found: &Result<GroupsPage, Failure>, wanted: &GroupsWanted, address: &Address) -> AnyView {
    let found = match found {
        Ok(found) => found,
        Err(failure) => {
            return view! {
                <div class="page__head">
                    <h1 class="page__title">{TITLE}</h1>
                </div>
                <section class="panel">
                    <ErrorPanel failure=failure.clone() />
                </section>
            }
            .into_any();
        }
    };
    let now = found.at;
    view! {
        {top(found, wanted, address, now)} {choosing(address)} {troubles(&found.sources)} {narrowed(found, wanted, address)}
        <section class="panel" aria-label="Consumer groups">
            {table(found, wanted, address, now)}
        </section>
        {pages(found, wanted, address)}
    }
    .into_any()
}

fn top(found: &GroupsPage, wanted: &GroupsWanted, address: &Address, now: Timestamp) -> AnyView {
    let total: usize = found.statuses.iter().sum();
    let read = found.sources.iter().filter_map(|s| s.observed_at).max();
    let read = read.map(|at| {
        format!(", read {} ago", format::duration_ms(u64::try_from(now.micros_since(at) / 1_000).unwrap_or(0)))
    });
    let first = address.without("page");
    let pills = Status::ALL.into_iter().zip(found.statuses).rev().filter(|(s, n)| *n > 0 || wanted.status == Some(*s));
    let pills = pills.map(|(status, count)| {
        let chosen = wanted.status == Some(status);
        let to = if chosen { first.without("status") } else { first.put("status", status.as_str()) };
        counted(status, count, to.text(), chosen)
    });
    view! {
        <div class="page__head">
            <h1 class="page__title">{TITLE}</h1>
            <span class="page__sub">{format::count(total as u64, "group", "groups")} {read}</span>
            <div class="push row row--wrap">
                <div class="row row--pills" role="group" aria-label="Filter by status">
                    {pills.collect_view()}
                </div>
                <form class="row" role="search" aria-label="Groups" method="get" action="/lag" data-typed="">
                    {kept(address)}
                    <input
                        class="input lag__filter"
                        type="search"
                        name="q"
                        value=wanted.text.clone()
                        maxlength="200"
                        placeholder="Filter groups  /"
                        aria-label="Filter groups, channels, sources and owners"
                        data-slash=""
                    />
                </form>
                <a class="btn btn--sm" href=export(address) download="" rel="external" title="All that match, as they are sorted, as a table">
                    <Icon name="download" small=true />
                    "CSV"
                </a>
                <a class="btn btn--sm" href="/alerts">
                    "Alerts"
                </a>
            </div>
        </div>
    }
    .into_any()
}

/// Whichever page of them is shown.
fn export(address: &Address) -> String {
    let all = address.without("page").without("event").text();
    let query = all.split_once('?').map(|(_, query)| format!("?{query}")).unwrap_or_default();
    format!("/lag/export{query}")
}

/// What a form sends along, besides what is typed into it.
fn kept(address: &Address) -> AnyView {
    let names = ["env", "event", "status", "source", "kind", "channel", "all", "sort", "rev"];
    let kept = names.into_iter().filter_map(|name| Some((name, address.given(name)?.to_owned())));
    kept.map(|(name, value)| view! { <input type="hidden" name=name value=value /> }).collect_view().into_any()
}

/// What is not as it should be with a source: that part of the page is old or missing.
fn troubles(sources: &[SourceObserved]) -> AnyView {
    let line = |source: &SourceObserved| {
        let name = view! { <a href=format!("/sources/{}", source.source)>{line(&source.name)}</a> };
        let as_of = source.observed_at.map(|at| view! { " What is shown of it is as of " {drawn::time(at)} "." });
        let text = match (&source.failed, source.paused, source.problems.is_empty()) {
            (_, true, _) => view! { {name} " is paused: its groups are not observed." {as_of} }.into_any(),
            (Some(why), ..) => view! { {name} " can't be observed: " {plain(why)} {as_of} }.into_any(),
            (None, false, false) => {
                let all = source.problems.iter().map(|p| plain(p).to_string()).collect::<Vec<_>>().join("; ");
                view! { {name} ": " {all} "." }.into_any()
            }
            (None, false, true) => return None,
        };
        Some(view! {
            <div class="banner banner--warn lag__trouble" role="status">
                <Icon name="warn" />
                <p>{text}</p>
            </div>
        })
    };
    sources.iter().filter_map(line).collect_view().into_any()
}

/// An event was found, and one of the groups is to go there.
fn choosing(address: &Address) -> AnyView {
    let event = address.given("event").map(|event| {
        let (text, href) = (plain(event).to_string(), format!("/events/{}", Url::escape(event)));
        view! {
            <div class="banner lag__trouble" role="status">
                <Icon name="undo" />
                <p>
                    "Choose the group whose position is to be moved to the event " <a class="mono" href=href>{text}</a>
                    ". What that means is shown before anything is moved."
                </p>
            </div>
        }
    });
    event.into_any()
}

/// What of all groups is shown, where it is not all of them.
fn narrowed(found: &GroupsPage, wanted: &GroupsWanted, address: &Address) -> AnyView {
    let first = address.without("page");
    let mut notes: Vec<AnyView> = Vec::new();
    let mut chosen = |what: String, name: &'static str| {
        notes.push(
            view! {
                <a class="chip" href=first.without(name).text() title="Show all again">
                    {what}
                    <Icon name="x" small=true />
                </a>
            }
            .into_any(),
        );
    };
    if let Some(id) = wanted.source {
        let name = found.sources.iter().find(|s| s.source == id).map_or_else(|| format!("#{id}"), |s| s.name.clone());
        chosen(format!("source {}", plain(&name)), "source");
    }
    if let Some(of) = wanted.kind {
        chosen(kind(of).to_owned(), "kind");
    }
    if let Some(channel) = &wanted.channel {
        chosen(format!("reads {}", plain(channel)), "channel");
    }
    let apart = found.left_out as u64;
    let more = match (wanted.all, apart) {
        (true, _) => Some(view! { <a href=first.without("all").text()>"Leave out those that come and go, archived and gone ones"</a> }.into_any()),
        (false, 0) => None,
        (false, n) => Some(
            view! {
                {format!("{} left out that come and go, are archived or gone. ", format::count(n, "group is", "groups are"))}
                <a href=first.put("all", "1").text()>"Show them"</a>
            }
            .into_any(),
        ),
    };
    let hidden = (found.hidden > 0).then(|| {
        format!("{} read only channels that you may not see. ", format::count(found.hidden.into(), "group", "groups"))
    });
    let any = !notes.is_empty() || more.is_some() || hidden.is_some();
    any.then(|| view! { <p class="small muted row row--wrap lag__narrowed">{notes} <span>{hidden} {more}</span></p> })
        .into_any()
}

/// Columns: their sort, name and class.
const COLUMNS: &[(GroupSort, &str, &str)] = &[
    (GroupSort::Status, "Status", ""),
    (GroupSort::Group, "Group", ""),
    (GroupSort::Channel, "Channel", "hide-m"),
    (GroupSort::Lag, "Offset lag", "num"),
    (GroupSort::TimeLag, "Time lag", "num"),
];
const BEHIND: &[(GroupSort, &str, &str)] = &[
    (GroupSort::In, "In/s", "num hide-n"),
    (GroupSort::Out, "Out/s", "num hide-m"),
    (GroupSort::Forecast, "Forecast", ""),
    (GroupSort::Members, "Members", "num hide-m"),
    (GroupSort::Source, "Source", "hide-m"),
];

fn table(found: &GroupsPage, wanted: &GroupsWanted, address: &Address, now: Timestamp) -> AnyView {
    if found.rows.is_empty() {
        return empty(found, wanted, address);
    }
    let head = |&(sort, name, class): &(GroupSort, &'static str, &'static str)| {
        let here = wanted.sort == sort;
        let to = address.without("page").put("sort", sort.as_str());
        let to = if here && !wanted.reverse { to.put("rev", "1") } else { to.without("rev") };
        // Each column begins with what an operator looks for; for figures that is the most.
        let falls = !matches!(sort, GroupSort::Group | GroupSort::Channel | GroupSort::Source | GroupSort::Owner);
        let down = falls != wanted.reverse;
        let order = here.then_some(if down { "descending" } else { "ascending" });
        let icon = here.then(|| view! { <Icon name=if down { "dn" } else { "up" } small=true /> });
        view! {
            <th scope="col" class=class aria-sort=order>
                <a class="sort" href=to.text()>
                    {name}
                    {icon}
                </a>
            </th>
        }
    };
    let event = address.given("event");
    let rows = found.rows.iter().map(|r| row(r, event, now)).collect_view();
    view! {
        <div class="tablewrap">
            <table class="table lag__table" data-rows="">
                <thead>
                    <tr>
                        {COLUMNS.iter().map(head).collect_view()}
                        <th scope="col" class="hide-m">
                            "24 h"
                        </th>
                        {BEHIND.iter().map(head).collect_view()}
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
    .into_any()
}

fn row(r: &GroupRow, event: Option<&str>, now: Timestamp) -> AnyView {
    let href = match event {
        None => format!("/lag/{}", r.group),
        Some(event) => format!("/lag/{}/reset?event={}", r.group, Url::escape(event)),
    };
    let (time, how) = time_lag(&r.time_lag);
    let bad = r.status >= Status::Warn || r.loss.is_some();
    let more = r.channels.len().saturating_sub(1) as u64 + u64::from(r.hidden_channels);
    let more = (more > 0).then(|| format!(" +{more}"));
    let channel = r.channels.first().cloned().unwrap_or_default();
    let members = match r.members {
        0 => "0".to_owned(),
        n => format!("{} of {n}", r.active_members.min(n)),
    };
    let apart = match (r.gone, r.archived) {
        (true, _) => Some("gone"),
        (_, true) => Some("archived"),
        _ => r.ephemeral.then_some("comes and goes"),
    };
    let apart = apart.map(|word| view! { " " <span class="muted small">{word}</span> });
    let lag_title = r
        .committed_lag
        .filter(|c| Some(*c) != r.lag)
        .map(|c| format!("{} up to the last stable offset", format::exact(c)));
    view! {
        <tr>
            <td>{pill(r.status, &plain(&r.reason))}</td>
            <th scope="row">
                <a href=href class="mono">
                    {line(&r.name)}
                </a>
                {apart}
            </th>
            <td class="hide-m mono soft" title=r.channels.join(", ")>
                {line(&channel)}
                {more}
            </td>
            <td class="num" title=lag_title>
                {lag(r.lag)}
            </td>
            <td class=time_class(r.status) title=how>
                {time}
            </td>
            <td class="hide-m">{chart::spark(&r.spark, bad)}</td>
            <td class="num soft hide-n">{format::rate_or_unknown(r.in_per_s)}</td>
            <td class="num soft hide-m">{format::rate_or_unknown(r.out_per_s)}</td>
            <td>{forecast(&r.forecast, r.loss.as_ref(), now)}</td>
            <td class="num soft hide-m">{members}</td>
            <td class="hide-m soft">{line(&r.source_name)}</td>
        </tr>
    }
    .into_any()
}

fn empty(found: &GroupsPage, wanted: &GroupsWanted, address: &Address) -> AnyView {
    let asked = !wanted.text.is_empty()
        || wanted.status.is_some()
        || wanted.source.is_some()
        || wanted.kind.is_some()
        || wanted.channel.is_some();
    if asked {
        let env = address.given("env").unwrap_or_default();
        let all = Address::parse(&address.path).put("env", env).text();
        return view! {
            <Empty title="No group matches">
                <p>
                    "Groups are looked for by their name, channels, source and owner. " <a href=all>"Show all"</a>
                </p>
            </Empty>
        }
        .into_any();
    }
    if wanted.from > 0 {
        let first = address.without("page").text();
        return view! {
            <Empty title="This page is empty">
                <p>
                    <a href=first>"Go to the first page"</a>
                </p>
            </Empty>
        }
        .into_any();
    }
    let observed = found.sources.iter().any(|s| s.observed_at.is_some());
    let words = if observed {
        "No consumer group has committed anything yet. Groups appear here within seconds of their first commit."
    } else {
        "Groups appear here as soon as a source's broker has been asked. That takes some seconds after a source is added."
    };
    view! {
        <Empty title="No consumer groups yet">
            <p>{words}</p>
        </Empty>
    }
    .into_any()
}

fn pages(found: &GroupsPage, wanted: &GroupsWanted, address: &Address) -> AnyView {
    let last = found.matching.div_ceil(MOST).max(1);
    let here = wanted.from / MOST + 1;
    if last == 1 && here == 1 {
        return ().into_any();
    }
    let to = |page: usize| match page {
        1 => address.without("page").text(),
        n => address.put("page", &n.to_string()).text(),
    };
    let before = (here > 1).then(|| view! { <a class="btn btn--sm" rel="prev" href=to(here - 1)>"Before"</a> });
    let next = (here < last).then(|| view! { <a class="btn btn--sm" rel="next" href=to(here + 1)>"Next"</a> });
    let shown = format!(
        "{}–{} of {}",
        format::exact(wanted.from as u64 + 1),
        format::exact((wanted.from + found.rows.len()) as u64),
        format::exact(found.matching as u64)
    );
    view! {
        <nav class="row pager" aria-label="Pages of groups">
            {before} {next} <span class="small muted">{shown}</span>
        </nav>
    }
    .into_any()
}
