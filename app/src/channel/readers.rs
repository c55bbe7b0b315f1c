//! Who reads a channel.

use crate::{
    drawn::Address,
    events::{line, visible::plain},
    lag::{
        chart,
        words::{forecast, lag, pill, time_class, time_lag},
    },
    ui::{Empty, format},
};
use leptos::prelude::*;
use leptos_router::location::Url;
use weir_domain::{
    Timestamp,
    access::{Permission, Role},
    catalog::{ChannelPage, Readers},
    lag::{GroupRow, Status},
};

pub(super) fn readers(of: &ChannelPage, address: &Address) -> AnyView {
    let env = address.given("env").map(|e| format!("&env={}", Url::escape(e))).unwrap_or_default();
    let all = format!("/lag?channel={}&source={}{env}", Url::escape(&of.facts.name), of.facts.source.id);
    let (note, body) = match &of.readers {
        None => (None, not_allowed()),
        Some(readers) => (Some(note(readers)), shown(of, readers, &all)),
    };
    let link = of.readers.is_some().then(|| {
        view! {
            <a class="btn btn--ghost btn--sm push" href=all.clone()>
                "On the page of groups"
            </a>
        }
    });
    view! {
        <section class="panel" aria-labelledby="readers">
            <div class="panel__head">
                <h2 class="panel__title" id="readers">
                    "Who reads it"
                </h2>
                <span class="panel__note">{note}</span>
                {link}
            </div>
            {body}
        </section>
    }
    .into_any()
}

fn note(readers: &Readers) -> String {
    let behind = readers.rows.iter().filter(|r| r.status >= Status::Warn || r.loss.is_some()).count();
    match (readers.matching, behind) {
        (0, _) => String::new(),
        (n, 0) => format!("{}, none behind", format::count(n as u64, "group", "groups")),
        (n, behind) => {
            format!("{}, {} behind", format::count(n as u64, "group", "groups"), format::exact(behind as u64))
        }
    }
}

fn not_allowed() -> AnyView {
    let roles = Role::with(Permission::LagSee).join(", ");
    view! {
        <Empty title="You may not see who reads it">
            <p>{format!("Consumer groups are shown to these roles: {roles}.")}</p>
        </Empty>
    }
    .into_any()
}

fn shown(of: &ChannelPage, readers: &Readers, all: &str) -> AnyView {
    let left_out = (readers.left_out > 0).then(|| {
        let n = format::count(readers.left_out as u64, "group is", "groups are");
        view! {
            <p class="capture-note small muted">
                {format!("{n} left out that come and go, are archived or gone. ")}
                <a href=format!("{all}&all=1")>"Show them"</a>
            </p>
        }
    });
    if readers.rows.is_empty() {
        let observed = readers.observed.as_ref().is_some_and(|o| o.observed_at.is_some());
        let (title, words) = match observed {
            true => (
                "Nobody reads it",
                "No consumer group has a position on it. One appears here within seconds of its first commit.",
            ),
            false => (
                "Not known yet",
                "The groups of its source have not been observed yet. That takes some seconds after a source is added.",
            ),
        };
        return view! {
            <Empty title=title>
                <p>{words}</p>
            </Empty>
            {left_out}
        }
        .into_any();
    }
    let more = readers.matching.saturating_sub(readers.rows.len());
    let more = (more > 0).then(|| {
        view! {
            <p class="capture-note small muted">
                {format!("and {} more. ", format::exact(more as u64))} <a href=all.to_owned()>"All of them"</a>
            </p>
        }
    });
    view! {
        <div class="tablewrap">
            <table class="table lag__table" data-rows="">
                <thead>
                    <tr>
                        <th scope="col">"Status"</th>
                        <th scope="col">"Group"</th>
                        <th scope="col" class="num">"Offset lag"</th>
                        <th scope="col" class="num">"Time lag"</th>
                        <th scope="col" class="hide-m">"24 h"</th>
                        <th scope="col" class="num hide-m">"Out/s"</th>
                        <th scope="col">"Forecast"</th>
                        <th scope="col" class="num hide-m">"Members"</th>
                        <th scope="col" class="hide-m">"Owner"</th>
                    </tr>
                </thead>
                <tbody>{readers.rows.iter().map(|r| row(of, r)).collect_view()}</tbody>
            </table>
        </div>
        {more}
        {left_out}
    }
    .into_any()
}

fn row(of: &ChannelPage, r: &GroupRow) -> AnyView {
    let now: Timestamp = of.at;
    let href = format!("/lag/{}?on={}", r.group, Url::escape(&of.facts.name));
    let (time, how) = time_lag(&r.time_lag);
    let bad = r.status >= Status::Warn || r.loss.is_some();
    let members = match r.members {
        0 => "0".to_owned(),
        n => format!("{} of {n}", r.active_members.min(n)),
    };
    view! {
        <tr>
            <td>{pill(r.status, &plain(&r.reason))}</td>
            <th scope="row">
                <a class="mono" href=href>
                    {line(&r.name)}
                </a>
            </th>
            <td class="num">{lag(r.lag)}</td>
            <td class=time_class(r.status) title=how>
                {time}
            </td>
            <td class="hide-m">{chart::spark(&r.spark, bad)}</td>
            <td class="num soft hide-m">{format::rate_or_unknown(r.out_per_s)}</td>
            <td>{forecast(&r.forecast, r.loss.as_ref(), now)}</td>
            <td class="num soft hide-m">{members}</td>
            <td class="hide-m soft">{r.owner.as_deref().map(line)}</td>
        </tr>
    }
    .into_any()
}
