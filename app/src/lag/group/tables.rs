//! Partitions, members and what happened, each as a table.

use super::acts;
use crate::{
    drawn,
    events::{line, visible::plain},
    lag::words::{lag, numbers, pill, time_class, time_lag},
    ui::{Empty, Icon, format},
};
use leptos::prelude::*;
use leptos_router::location::Url;
use weir_domain::lag::{GroupOnChannel, GroupShown, HappeningKind, PartitionStanding};

pub(super) fn partitions(on: &GroupOnChannel) -> AnyView {
    let rows = on.partitions.iter().map(|p| partition(on, p)).collect_view();
    let others = on.channel_id.map(|id| {
        view! {
            <p class="capture-note small muted">
                "What comes in on the channel, how large it is and who else reads it: "
                <a href=format!("/channels/{id}")>{line(&on.standing.channel)}</a>
            </p>
        }
    });
    view! {
        <div class="tablewrap">
            <table class="table" data-rows="">
                <thead>
                    <tr>
                        <th scope="col" class="num">"Partition"</th>
                        <th scope="col">"Status"</th>
                        <th scope="col" class="num">"Lag"</th>
                        <th scope="col" class="num">"Time lag"</th>
                        <th scope="col" class="num">"Position"</th>
                        <th scope="col" class="num hide-n">"End"</th>
                        <th scope="col" class="num hide-m">"In/s"</th>
                        <th scope="col" class="num hide-m">"Out/s"</th>
                        <th scope="col">"Held by"</th>
                        <th scope="col" class="hide-m">"Moved"</th>
                        <th scope="col">"Why"</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
        {others}
    }
    .into_any()
}

fn partition(on: &GroupOnChannel, p: &PartitionStanding) -> AnyView {
    let (time, how) = time_lag(&p.time_lag);
    // Where it stands, and where the channel ends: one click away.
    let to = |position: Option<i64>| {
        let Some(position) = position else { return format::UNKNOWN.into_any() };
        let text = format::exact_signed(position);
        match on.channel_id {
            None => text.into_any(),
            Some(_) => {
                let s = &on.standing;
                let href = format!(
                    "/events?source={}&channel={}&q=partition={} offset>={position}",
                    Url::escape(&s.source_name),
                    Url::escape(&s.channel),
                    p.partition
                );
                view! { <a href=href.replace(' ', "%20").replace(">=", "%3E%3D")>{text}</a> }.into_any()
            }
        }
    };
    let held = p.held_by.as_ref().map_or_else(
        || view! { <span class="muted">"nobody"</span> }.into_any(),
        |(client, host)| {
            view! { <span class="mono">{line(client)}</span> " " <span class="muted">{line(host)}</span> }.into_any()
        },
    );
    let differs = (p.burrow.status != p.verdict.status).then(|| {
        view! { <span class="muted" title=plain(&p.burrow.reason).to_string()>{format!(" Burrow's rules: {}.", p.burrow.status.as_str())}</span> }
    });
    let end = p.end.map(|e| e.saturating_sub(1)).filter(|e| p.start.is_none_or(|s| *e >= s));
    let lost = p.lost_at.map(|at| view! { <span class="bad-t">" Loses unread data " {drawn::time(at)} "."</span> });
    let lag_title = p
        .committed_lag
        .filter(|c| Some(*c) != p.lag)
        .map(|c| format!("{} up to the last stable offset", format::exact(c)));
    view! {
        <tr>
            <th scope="row" class="num">{p.partition}</th>
            <td>{pill(p.verdict.status, &p.verdict.rule)}</td>
            <td class="num" title=lag_title>{lag(p.lag)}</td>
            <td class=time_class(p.verdict.status) title=how>{time}</td>
            <td class="num">{to(p.next)}</td>
            <td class="num hide-n">{to(end)}</td>
            <td class="num soft hide-m">{format::rate_or_unknown(p.in_per_s)}</td>
            <td class="num soft hide-m">{format::rate_or_unknown(p.out_per_s)}</td>
            <td>{held}</td>
            <td class="hide-m soft">{p.last_moved.map(drawn::time)}</td>
            <td class="lag__why soft">{plain(&p.verdict.reason).to_string()} {lost} {differs}</td>
        </tr>
    }
    .into_any()
}

pub(super) fn members(shown: &GroupShown) -> AnyView {
    let g = &shown.group;
    let holds = |holds: &[(String, Vec<i32>)]| {
        let text: Vec<String> = holds.iter().map(|(channel, n)| format!("{} {}", plain(channel), numbers(n))).collect();
        if text.is_empty() { "nothing".to_owned() } else { text.join("; ") }
    };
    let now = g.members.iter().flatten().map(|m| {
        view! {
            <tr>
                <th scope="row" class="mono">{line(&m.client_id)}</th>
                <td class="mono soft">{line(&m.host)}</td>
                <td class="soft">{holds(&m.holds)}</td>
                <td class="mono soft hide-m">{m.instance.as_deref().map(line)}</td>
                <td class="soft">"in the group"</td>
            </tr>
        }
    });
    let before = g.last_members.iter().map(|(m, at)| {
        view! {
            <tr class="muted">
                <th scope="row" class="mono">{line(&m.client_id)}</th>
                <td class="mono">{line(&m.host)}</td>
                <td>{holds(&m.holds)}</td>
                <td class="mono hide-m">{m.instance.as_deref().map(line)}</td>
                <td>"left " {drawn::time(*at)}</td>
            </tr>
        }
    });
    if g.members.as_ref().is_none_or(Vec::is_empty) && g.last_members.is_empty() {
        let why = g.problem.clone().map(|p| plain(&p).to_string());
        return view! {
            <Empty title="Nobody is in it">
                <p>{why.unwrap_or_else(|| "Members appear here with what they hold. Consumers that choose their partitions themselves are in no group.".to_owned())}</p>
            </Empty>
        }
        .into_any();
    }
    let told = [
        g.assignor.as_ref().map(|a| format!("assignor {}", plain(a))),
        g.coordinator.as_ref().map(|c| format!("coordinator {}", plain(c))),
    ];
    let told: Vec<String> = told.into_iter().flatten().collect();
    view! {
        <div class="tablewrap">
            <table class="table">
                <thead>
                    <tr>
                        <th scope="col">"Member"</th>
                        <th scope="col">"Host"</th>
                        <th scope="col">"Partitions"</th>
                        <th scope="col" class="hide-m">"Instance"</th>
                        <th scope="col">"Seen"</th>
                    </tr>
                </thead>
                <tbody>{now.collect_view()} {before.collect_view()}</tbody>
            </table>
        </div>
        <p class="capture-note small muted">{told.join(", ")}</p>
    }
    .into_any()
}

pub(super) fn happened(shown: &GroupShown) -> AnyView {
    if shown.happened.is_empty() && !shown.resets.is_empty() {
        return acts::resets(shown);
    }
    if shown.happened.is_empty() {
        return view! {
            <Empty title="Nothing happened in the last 7 days">
                <p>"Rebalances, members that come and go, positions that move back, and what retention deletes unread appear here."</p>
            </Empty>
        }
        .into_any();
    }
    let rows = shown.happened.iter().map(|h| {
        let (icon, word) = what(h.kind);
        let place = h.channel.as_ref().map(|c| {
            let partition = h.partition.map(|p| format!(", partition {p}"));
            view! { <span class="mono">{line(c)}</span> {partition} }
        });
        view! {
            <tr>
                <td>{drawn::time(h.at)}</td>
                <td>
                    <span class="row">
                        <Icon name=icon small=true />
                        {word}
                    </span>
                </td>
                <td>{plain(&h.text).to_string()}</td>
                <td class="soft hide-m">{place}</td>
            </tr>
        }
    });
    view! {
        {acts::resets(shown)}
        <div class="tablewrap">
            <table class="table">
                <thead>
                    <tr>
                        <th scope="col">"When"</th>
                        <th scope="col">"What"</th>
                        <th scope="col">"Told"</th>
                        <th scope="col" class="hide-m">"Where"</th>
                    </tr>
                </thead>
                <tbody>{rows.collect_view()}</tbody>
            </table>
        </div>
    }
    .into_any()
}

const fn what(kind: HappeningKind) -> (&'static str, &'static str) {
    match kind {
        HappeningKind::Rebalanced => ("undo", "rebalance"),
        HappeningKind::Joined => ("right", "joined"),
        HappeningKind::Left => ("out", "left"),
        HappeningKind::Reset => ("rewind", "position moved back"),
        HappeningKind::Lost => ("warn", "deleted unread"),
        HappeningKind::PartitionsAdded => ("box", "partitions added"),
        HappeningKind::Recreated => ("gap", "channel made again"),
        HappeningKind::Gone => ("x", "gone"),
        HappeningKind::Returned => ("check", "back"),
    }
}
