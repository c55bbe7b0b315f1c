use super::{
    chart::{Chart, Mark, Measure},
    heat::heat,
    words::{self, kind, lag, pill, state, time_lag},
};
use crate::{
    Failure, RequestContext,
    drawn::{self, Address, DrawnPage, Echo, done, failure},
    events::{line, visible::plain},
    ui::{Empty, Icon, format},
};
use leptos::prelude::*;
use leptos_router::location::Url;
use weir_domain::{
    Timestamp,
    lag::{Chunk, Forecast, GroupOnChannel, GroupShown, HappeningKind, Outlook, Place, Restart, Status, Tick, Trend},
};

mod acts;
pub(super) mod skew;
mod tables;

const TABS: &[(&str, &str)] = &[
    ("", "Overview"),
    ("partitions", "Partitions"),
    ("members", "Members"),
    ("happened", "What happened"),
    ("settings", "Settings"),
];
const HOURS: &[(i64, &str)] = &[(1, "1 h"), (6, "6 h"), (24, "24 h"), (168, "7 d"), (2_160, "90 d")];

/// One group, at `/lag/{id}`.
pub(crate) async fn group(cx: &RequestContext, id: &str, address: &Address) -> DrawnPage {
    let Ok(id) = id.parse() else { return drawn::page("Not found", crate::help::not_found) };
    let asked = async {
        let caller = cx.caller_in(address.environment())?;
        let Some(shown) = cx.told(cx.cases.lag.group(&caller, id).await)? else { return Ok(None) };
        let on = chosen(&shown, address).map(|c| c.standing.channel.clone());
        let from = shown.at.plus_secs(-hours(address) * 3_600);
        let past = match on {
            Some(channel) => cx.told(cx.cases.lag.trend(&caller, id, &channel, (from, shown.at)).await)?,
            None => None,
        };
        Ok::<_, Failure>(Some((shown, past.unwrap_or_else(|| Trend::new(from, from)))))
    };
    match asked.await {
        Err(failure) => drawn::not_known("Consumer group", failure),
        Ok(None) => drawn::page("Not found", crate::help::not_found),
        Ok(Some((shown, mut past))) => {
            if let Some(on) = chosen(&shown, address) {
                with_the_last(on, &mut past);
            }
            let title = plain(&shown.group.name).to_string();
            drawn::page(&title, || {
                view! { <div class="page lag" data-live="10">{body(&shown, &past, address)}</div> }.into_any()
            })
        }
    }
}

/// Observations are written some minutes at a time; the newest one is known by how the group stands.
fn with_the_last(on: &GroupOnChannel, past: &mut Trend) {
    let at = on.standing.observed_at;
    if past.points.last().is_some_and(|last| last.at >= at) {
        return;
    }
    let places = on.partitions.iter().map(|p| Place { next: p.next, end: p.end, lag: p.lag }).collect();
    past.add(&Chunk {
        partitions: on.partitions.iter().map(|p| p.partition).collect(),
        ticks: vec![Tick { at, time_lag_ms: on.standing.time_lag.ms(), places }],
    });
}

fn chosen<'a>(shown: &'a GroupShown, address: &Address) -> Option<&'a GroupOnChannel> {
    let wanted = address.given("on");
    let named = shown.channels.iter().find(|c| wanted == Some(c.standing.channel.as_str()));
    // The one that is worst off says what is wrong with the group.
    named.or_else(|| shown.channels.iter().max_by_key(|c| (c.standing.verdict.status, c.standing.lag)))
}

fn hours(address: &Address) -> i64 {
    let wanted = address.given("hours").and_then(|h| h.parse().ok()).unwrap_or(24);
    HOURS.iter().map(|h| h.0).find(|h| *h == wanted).unwrap_or(24)
}

fn body(shown: &GroupShown, past: &Trend, address: &Address) -> AnyView {
    let on = chosen(shown, address);
    let tab = TABS.iter().map(|t| t.0).find(|t| *t == address.value("tab")).unwrap_or("");
    let inside = match (tab, on) {
        ("members", _) => tables::members(shown),
        ("happened", _) => tables::happened(shown),
        ("settings", _) => acts::settings(shown),
        (_, None) => view! {
            <Empty title="No positions yet">
                <p>"It has not committed anything that may be seen here. Members and settings are on their tabs."</p>
            </Empty>
        }
        .into_any(),
        ("partitions", Some(on)) => tables::partitions(on),
        (_, Some(on)) => overview(shown, on, past, address),
    };
    // The overview has headings of its own.
    let named = TABS.iter().find(|t| t.0 == tab && !tab.is_empty()).map(|t| view! { <h2 class="vh">{t.1}</h2> });
    view! {
        {top(shown, on)} {done(address, acts::DONE)} {failure(&Echo::here())}
        <section class="panel" aria-label="Consumer group">
            {on.map(|on| warning(shown, on))} {channels(shown, on, address)} {tabs(shown, on, tab, address)} {named}
            {inside}
        </section>
    }
    .into_any()
}

fn top(shown: &GroupShown, on: Option<&GroupOnChannel>) -> AnyView {
    let g = &shown.group;
    let status = shown.channels.iter().map(|c| c.standing.verdict.status).max().unwrap_or(Status::Unknown);
    let reason = on.map(|c| c.standing.verdict.reason.clone()).unwrap_or_default();
    let owner = g.owner.as_ref().map(|o| view! { ", owner " <b class="med">{line(o)}</b> });
    let apart = match (g.gone_at, &g.archived) {
        (Some(at), _) => Some(view! { ", gone since " {drawn::time(at)} }.into_any()),
        (_, Some(a)) => Some(view! { ", archived by " {line(&a.by)} " " {drawn::time(a.at)} }.into_any()),
        _ => None,
    };
    view! {
        <div class="page__head">
            <h1 class="page__title mono">{line(&g.name)}</h1>
            {pill(status, &plain(&reason))}
            <span class="page__sub">
                {kind(g.kind)} ", " {state(g.state)} ", on " <a href=format!("/lag?source={}", g.source)>{line(&g.source_name)}</a>
                {owner} {apart}
            </span>
            <div class="push row row--wrap">{acts::buttons(shown)}</div>
        </div>
    }
    .into_any()
}

/// What is wrong, and what it comes to if nobody does anything.
fn warning(shown: &GroupShown, on: &GroupOnChannel) -> AnyView {
    let s = &on.standing;
    let outlook = outlook(shown, on);
    let told = words::told(&s.forecast, s.loss.as_ref(), shown.at);
    let lead = s.loss.as_ref().map(|loss| {
        let what = if s.members == 0 { "Restart a member before " } else { "It must be faster before " };
        match loss.first > shown.at {
            true => view! { <b>{what} {drawn::time(loss.first)} " to lose nothing."</b> " " }.into_any(),
            false => view! { <b>"Events are being deleted before they are read."</b> " " }.into_any(),
        }
    });
    let after = s.loss.as_ref().map(|loss| {
        format!(" After that, about {} events/s are deleted unread ({}).", format::rate(loss.per_s), loss.by)
    });
    let restart = outlook.and_then(|o| o.restart).map(|r| restarted(&r, shown.at));
    let expire = s.positions_expire.map(|at| {
        view! { " The broker forgets its positions " {drawn::time(at)} ", because nobody is in the group." }
    });
    let compacted = on.keeps.as_ref().filter(|k| k.compacted).map(|k| {
        if k.deletes {
            " The channel keeps the latest per key, and deletes by age too."
        } else {
            " The channel keeps the latest per key: what is newest is never deleted unread."
        }
    });
    let known = !matches!(s.forecast, Forecast::Unknown { .. });
    let since = (s.verdict.status != Status::Ok).then(|| view! { " Since " {drawn::time(s.since)} "." });
    let quiet = s.loss.is_none() && s.verdict.status <= Status::Rewind && expire.is_none();
    let foretold = (quiet && known).then(|| format!(" {}.", told.2));
    let (class, icon) = match (quiet, s.loss.is_some() || s.verdict.status >= Status::Stall) {
        (true, _) => ("lag__says soft", "check"),
        (false, true) => ("lag__says lag__says--bad", "stop"),
        (false, false) => ("lag__says lag__says--warn", "warn"),
    };
    let icon = if s.verdict.status == Status::Unknown && quiet { "help" } else { icon };
    let reason = sentence(&plain(&s.verdict.reason));
    view! {
        <div class=class role="status">
            <Icon name=icon />
            <p>{lead} {reason} {since} {after} {restart} {expire} {compacted} {foretold}</p>
        </div>
    }
    .into_any()
}

fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().map(|c| c.to_uppercase().to_string()).unwrap_or_default();
    format!("{first}{}.", letters.as_str().trim_end_matches('.'))
}

fn restarted(r: &Restart, now: Timestamp) -> String {
    let within = |at: Option<Timestamp>| {
        at.map_or_else(
            || "never".to_owned(),
            |at| format!("in {}", format::duration_ms(u64::try_from(at.micros_since(now) / 1_000).unwrap_or(0))),
        )
    };
    format!(
        " A restart now drains {} at its best rate ({}/s), {} at its usual rate ({}/s).",
        within(r.best),
        format::rate(r.best_per_s),
        within(r.usual),
        format::rate(r.usual_per_s)
    )
}

fn outlook(shown: &GroupShown, on: &GroupOnChannel) -> Option<Outlook> {
    let lag = on.standing.lag?;
    Some(on.learnt.as_ref()?.outlook(shown.at, lag))
}

/// Which channel is shown, where there are several.
fn channels(shown: &GroupShown, on: Option<&GroupOnChannel>, address: &Address) -> AnyView {
    let hidden = (shown.hidden_channels > 0).then(
        || view! { <span class="small muted">{format!("and {}", format::not_seen(shown.hidden_channels))}</span> },
    );
    if shown.channels.len() < 2 && hidden.is_none() {
        let one = shown.channels.first().map(|c| {
            let s = &c.standing;
            view! {
                <p class="lag__on small soft">
                    "on " {channel_link(c)} ", " {format::count(s.partitions.into(), "partition", "partitions")} ", " {rates(c)} " "
                    {who_else(c)}
                </p>
            }
        });
        return one.into_any();
    }
    let each = shown.channels.iter().map(|c| {
        let here = on.is_some_and(|o| o.standing.channel == c.standing.channel);
        view! {
            <a class="chip" href=address.put("on", &c.standing.channel).text() aria-current=here.then_some("true")>
                {pill(c.standing.verdict.status, &plain(&c.standing.verdict.reason))}
                <span class="mono">{line(&c.standing.channel)}</span>
                {lag(c.standing.lag)}
            </a>
        }
    });
    let others = on.map(|c| view! { <span class="small">{who_else(c)}</span> });
    view! {
        <div class="lag__on row row--wrap" role="group" aria-label="Channels">
            {each.collect_view()} {hidden} {on.map(|c| view! { <span class="small soft">{rates(c)}</span> })} {others}
        </div>
    }
    .into_any()
}

/// What others do on the same channel.
fn who_else(c: &GroupOnChannel) -> AnyView {
    let href = match c.channel_id {
        Some(id) => format!("/channels/{id}#readers"),
        None => format!("/lag?channel={}&source={}", Url::escape(&c.standing.channel), c.standing.source),
    };
    view! { <a href=href>"Who else reads it"</a> }.into_any()
}

/// To its page, where it is captured.
fn channel_link(c: &GroupOnChannel) -> AnyView {
    let name = &c.standing.channel;
    match c.channel_id {
        Some(id) => view! { <a class="mono" href=format!("/channels/{id}")>{line(name)}</a> }.into_any(),
        None => view! { <span class="mono" title="not captured">{line(name)}</span> }.into_any(),
    }
}

fn rates(c: &GroupOnChannel) -> String {
    let s = &c.standing;
    format!("{}/s arrive, {}/s are read", format::rate_or_unknown(s.in_per_s), format::rate_or_unknown(s.out_per_s))
}

fn tabs(shown: &GroupShown, on: Option<&GroupOnChannel>, tab: &str, address: &Address) -> AnyView {
    let each = TABS.iter().map(|&(name, text)| {
        let count = match name {
            "partitions" => on.map(|c| c.partitions.len()),
            "members" => shown.group.members.as_ref().map(Vec::len),
            "happened" => Some(shown.happened.len()),
            _ => None,
        };
        let count = count.map(|n| view! { <span class="n">{format::exact(n as u64)}</span> });
        let here = name == tab;
        view! {
            <a href=address.put("tab", name).text() aria-current=here.then_some("page")>
                {text}
                {count}
            </a>
        }
    });
    view! { <nav class="tabs" aria-label="About this group">{each.collect_view()}</nav> }.into_any()
}

fn overview(shown: &GroupShown, on: &GroupOnChannel, past: &Trend, address: &Address) -> AnyView {
    let span = hours(address);
    let (now, from) = (shown.at, shown.at.plus_secs(-span * 3_600));
    let ranges = HOURS.iter().map(|&(h, text)| {
        view! { <a href=address.put("hours", &h.to_string()).text() aria-current=(h == span).then_some("true")>{text}</a> }
    });
    let outlook = outlook(shown, on);
    view! {
        <div class="lag__charts">
            <div class="panel__body stack">
                <div class="row">
                    <h2 class="h-sect">"Time lag"</h2>
                    <nav class="seg push" aria-label="How far back">{ranges.collect_view()}</nav>
                </div>
                {time_chart(shown, on, past, from, span)}
                <h2 class="h-sect">"Unread events and forecast"</h2>
                {events_chart(shown, on, past, from, span, outlook.as_ref())} {legend(outlook.as_ref())}
            </div>
            <div class="panel__body stack lag__heat">
                <h2 class="h-sect">"Partitions"</h2>
                {heat(past, from, now)} {skew::told(shown, on)} {facts(on)}
            </div>
        </div>
    }
    .into_any()
}

fn marks(shown: &GroupShown, on: &GroupOnChannel) -> Vec<Mark> {
    let here = |channel: &Option<String>| channel.as_ref().is_none_or(|c| *c == on.standing.channel);
    let marked = shown.happened.iter().filter(|h| here(&h.channel)).take(60);
    marked
        .map(|h| Mark {
            at: h.at,
            text: plain(&h.text).to_string(),
            bad: matches!(h.kind, HappeningKind::Lost | HappeningKind::Left | HappeningKind::Gone),
        })
        .collect()
}

fn time_chart(shown: &GroupShown, on: &GroupOnChannel, past: &Trend, from: Timestamp, span: i64) -> AnyView {
    let points: Vec<_> = past.points.iter().map(|p| (p.at, p.time_lag_ms)).collect();
    let s = &on.standing;
    let kept = on.keeps.as_ref().filter(|k| k.deletes).and_then(|k| k.for_ms).and_then(|ms| u64::try_from(ms).ok());
    let limit = kept.map(|ms| (ms, format!("retention {}: older events are deleted", format::duration_ms(ms))));
    let crossed = s.loss.as_ref().filter(|l| l.first > shown.at).map(|l| {
        let ms = u64::try_from(l.first.micros_since(shown.at) / 1_000).unwrap_or(0);
        (l.first, format!("first loss, in {}", format::duration_ms(ms)))
    });
    let near = s.loss.as_ref().is_some_and(|l| l.first.micros_since(shown.at) < span * 3_600_000_000);
    let until = if near { shown.at.plus_secs(span * 1_800) } else { shown.at };
    let (now_text, _) = time_lag(&s.time_lag);
    Chart {
        label: format!("Time lag over time; now {now_text}"),
        measure: Measure::Time,
        from,
        now: shown.at,
        until,
        points,
        ahead: Vec::new(),
        restart: Vec::new(),
        limit,
        crossed,
        marks: marks(shown, on),
        bad: s.verdict.status >= Status::Warn,
    }
    .draw()
}

fn events_chart(
    shown: &GroupShown,
    on: &GroupOnChannel,
    past: &Trend,
    from: Timestamp,
    span: i64,
    outlook: Option<&Outlook>,
) -> AnyView {
    let points: Vec<_> = past.points.iter().map(|p| (p.at, p.lag)).collect();
    let s = &on.standing;
    let ahead = outlook.map(|o| o.curve.clone()).unwrap_or_default();
    let restart = outlook.and_then(|o| o.restart.as_ref()).map(|r| r.curve.clone()).unwrap_or_default();
    let until = if ahead.is_empty() { shown.at } else { shown.at.plus_secs(span * 1_800) };
    Chart {
        label: format!("Unread events over time; now {}", lag(s.lag)),
        measure: Measure::Events,
        from,
        now: shown.at,
        until,
        points,
        ahead,
        restart,
        limit: None,
        crossed: None,
        marks: Vec::new(),
        bad: s.verdict.status >= Status::Warn,
    }
    .draw()
}

fn legend(outlook: Option<&Outlook>) -> AnyView {
    let known = outlook.filter(|o| !o.curve.is_empty());
    let Some(known) = known else { return ().into_any() };
    let restart = known.restart.is_some().then(|| {
        view! {
            <li>
                <svg viewBox="0 0 20 8" aria-hidden="true">
                    <path d="M0 0h20v8H0z" class="c-a1"></path>
                    <path class="c-l1 c-dash" d="M0 4h20"></path>
                </svg>
                "if restarted now: best to usual rate"
            </li>
        }
    });
    view! {
        <ul class="legend">
            <li>
                <svg viewBox="0 0 20 8" aria-hidden="true">
                    <path d="M0 0h20v8H0z" class="c-band"></path>
                    <path class="c-l4 c-dash" d="M0 4h20"></path>
                </svg>
                "if nothing changes, with the band of eight in ten cases"
            </li>
            {restart}
        </ul>
    }
    .into_any()
}

/// Figures beside the charts.
fn facts(on: &GroupOnChannel) -> AnyView {
    let s = &on.standing;
    let (time, how) = time_lag(&s.time_lag);
    let keeps = on.keeps.as_ref().map(|k| {
        let time = k.for_ms.map_or_else(
            || "for ever".to_owned(),
            |ms| format!("for {}", format::duration_ms(u64::try_from(ms).unwrap_or(0))),
        );
        let bytes =
            k.bytes.map(|b| format!(", at most {} per partition", format::bytes(u64::try_from(b).unwrap_or(0))));
        let tiered = k.tiered.then_some(", older segments in another store");
        let text = match (k.compacted, k.deletes) {
            (true, false) => "the latest per key".to_owned(),
            (true, true) => format!("the latest per key, {time}{}", bytes.unwrap_or_default()),
            (false, _) => format!("{time}{}{}", bytes.unwrap_or_default(), tiered.unwrap_or_default()),
        };
        view! {
            <dt>"Kept"</dt>
            <dd>{text}</dd>
        }
    });
    view! {
        <dl class="facts lag__facts">
            <dt>"Unread"</dt>
            <dd class="num">
                {lag(s.lag)} <span class="muted">{format!(" up to the high watermark, {} up to the last stable offset", lag(s.committed_lag))}</span>
            </dd>
            <dt>"Time lag"</dt>
            <dd>
                {time} <span class="muted">{format!(" {how}")}</span>
            </dd>
            {keeps}
        </dl>
    }
    .into_any()
}
