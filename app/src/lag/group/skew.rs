//! Which partition, key or member makes a group fall behind.

use crate::{
    RequestContext,
    drawn::{self, Address, DrawnPage},
    events::{line, visible::plain},
    ui::{ErrorPanel, format},
};
use leptos::prelude::*;
use leptos_router::location::Url;
use std::collections::BTreeMap;
use weir_domain::{
    ChannelId, GroupId,
    events::Masked,
    lag::{
        GroupOnChannel, GroupShown, HotKeyShown, HotPartition, PartitionStanding, SKEWED_TIMES as TIMES, hot_partition,
    },
};

/// Less unread than this is nobody's fault.
const LEAST: u64 = 100;

pub(super) fn told(shown: &GroupShown, on: &GroupOnChannel) -> AnyView {
    let slow = slow(&on.partitions).map(|text| view! { <p class="small soft">{text}</p> });
    view! { {hot(shown, on)} {slow} }.into_any()
}

/// One partition gets more than its share. Which key brings it is looked for once, not with every look at the page.
fn hot(shown: &GroupShown, on: &GroupOnChannel) -> Option<AnyView> {
    let hot = hot_partition(&on.partitions)?;
    let key = on.channel_id.map(|channel| {
        let href = format!("/lag/{}/hot-key/{channel}", shown.group.id);
        let asked = href.clone();
        view! {
            <div data-part=asked>
                <a href=href>"Which key brings it"</a>
            </div>
        }
    });
    Some(view! { <div class="small soft lag__hot"><p>{taking(&hot)}</p> {key}</div> }.into_any())
}

fn taking(hot: &HotPartition) -> String {
    format!(
        "Partition {} takes {}× its share of what arrives ({}/s of {}/s).",
        hot.partition,
        format::fixed(hot.times, 1),
        format::rate(hot.per_s),
        format::rate(hot.all_per_s)
    )
}

/// Which key brings a partition more than its share, at `/lag/{id}/hot-key/{channel}`: a part of the group's page.
pub(crate) async fn hot_key(cx: &RequestContext, id: &str, channel: &str, address: &Address) -> DrawnPage {
    let (Ok(id), Ok(channel)) = (id.parse::<GroupId>(), channel.parse::<ChannelId>()) else {
        return drawn::page("Not found", crate::help::not_found);
    };
    let found = match cx.caller() {
        Ok(caller) => cx.told(cx.cases.lag.hot_key(&caller, id, channel).await),
        Err(failure) => Err(failure),
    };
    let part = address.value("part") == "1";
    drawn::page("Hot key", || {
        let inside = match &found {
            Ok(found) => key_told(found.as_ref(), channel),
            Err(failure) => view! { <ErrorPanel failure=failure.clone() /> }.into_any(),
        };
        if part {
            return inside;
        }
        let taking = found.as_ref().ok().and_then(Option::as_ref).map(|f| view! { <p>{taking(&f.partition)}</p> });
        let back = view! {
            <a class="btn btn--ghost btn--sm" href=format!("/lag/{id}")>
                "The group"
            </a>
        };
        view! {
            <div class="page page--text">
                {drawn::head("Hot key", "which key brings a partition more than its share", back.into_any())}
                <section class="panel">
                    <div class="panel__body stack">{taking} {inside}</div>
                </section>
            </div>
        }
        .into_any()
    })
}

fn key_told(found: Option<&HotKeyShown>, channel: ChannelId) -> AnyView {
    let Some(found) = found else {
        return view! { <p class="muted">"No partition takes more than its share now."</p> }.into_any();
    };
    let (of, number) = (found.newest.events, found.partition.partition);
    let newest = format!("of the newest {} stored of partition {number}", format::count(of, "event", "events"));
    let Some((key, letters)) = &found.key else {
        let why = match (of, found.newest.most) {
            (0, _) => "nothing of it is stored.".to_owned(),
            (_, None) => format!("no key is kept {newest}."),
            (_, Some((most, _))) => format!(
                "{} different keys {newest}; the most frequent one has {}.",
                format::exact(found.newest.keys),
                format::exact(most)
            ),
        };
        return view! { <p class="muted">"No single key brings it: " {why}</p> }.into_any();
    };
    let share = format!("{} % {newest}", key.percent());
    match letters {
        Masked::NeedsRole { roles, .. } => view! {
            <p>
                <b class="med">"One key"</b>
                " is "
                {share}
                ". "
                <span class="muted">{format!("Keys are shown to these roles: {}.", roles.join(", "))}</span>
            </p>
        }
        .into_any(),
        Masked::Shown(None) => view! {
            <p>
                <b class="med">"One key"</b>
                " is "
                {share}
                ". "
                <span class="muted">"Its letters are not stored any more."</span>
            </p>
        }
        .into_any(),
        Masked::Shown(Some(text)) => {
            let name = view! { <code class="mono">{line(&format::middle(&text.text, 80))}</code> };
            // A key that is cut finds nothing.
            let name = match text.cut {
                true => name.into_any(),
                false => {
                    let href = format!("/events?channel=%23{channel}&key={}", Url::escape(&text.text));
                    view! { <a href=href>{name}</a> }.into_any()
                }
            };
            view! { <p>{name} " is " {share} "."</p> }.into_any()
        }
    }
}

/// One member has most of what is unread, though it holds no more than others.
fn slow(partitions: &[PartitionStanding]) -> Option<String> {
    let mut by_member: BTreeMap<&(String, String), (u64, u64)> = BTreeMap::new();
    for p in partitions {
        if let (Some(holder), Some(lag)) = (&p.held_by, p.lag) {
            let (unread, held) = by_member.entry(holder).or_default();
            (*unread, *held) = (unread.saturating_add(lag), *held + 1);
        }
    }
    let (unread, held) = by_member.values().fold((0_u64, 0), |(u, h), (a, b)| (u.saturating_add(*a), h + b));
    let ((client, host), (most, holds)) = by_member.iter().max_by_key(|(_, v)| v.0)?;
    let share = unread as f64 * *holds as f64 / held.max(1) as f64;
    (by_member.len() > 1 && unread >= LEAST && *most as f64 > TIMES * share && *most * 2 > unread).then(|| {
        format!(
            "{} at {} has {} of the {} unread events, with {holds} of {held} partitions: it is slower than the others.",
            plain(client),
            plain(host),
            format::exact(*most),
            format::exact(unread)
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use weir_domain::{
        EventId, PartitionId, Position,
        events::Capped,
        lag::{HotKey, NewestKeys, Status, TimeLag, Verdict},
    };

    fn partition(number: i32, in_per_s: f64, lag: u64, member: &str) -> PartitionStanding {
        let verdict = Verdict { status: Status::Ok, rule: String::new(), reason: String::new() };
        PartitionStanding {
            partition: number,
            start: None,
            end: None,
            stable_end: None,
            next: None,
            lag: Some(lag),
            committed_lag: None,
            time_lag: TimeLag::None,
            burrow: verdict.clone(),
            verdict,
            in_per_s: Some(in_per_s),
            out_per_s: None,
            held_by: Some((member.into(), "h".into())),
            last_moved: None,
            lost_at: None,
            problem: None,
        }
    }

    #[test]
    fn one_slow_member_is_named() {
        let even = [partition(0, 10.0, 500, "a"), partition(1, 11.0, 480, "b")];
        assert_eq!(slow(&even), None);
        let skewed = [partition(0, 10.0, 5, "a"), partition(1, 10.0, 5, "a"), partition(2, 40.0, 5_000, "b")];
        assert!(slow(&skewed).unwrap().starts_with("b at h has 5,000 of the 5,010 unread events, with 1 of 3"));
        assert_eq!(slow(&[]), None);
        let hot = hot_partition(&skewed).unwrap();
        assert_eq!(taking(&hot), "Partition 2 takes 2.0× its share of what arrives (40.0/s of 60.0/s).");
    }

    #[test]
    fn a_key_is_told_with_its_share_or_why_it_is_not() {
        let id = EventId { partition: PartitionId(1), position: Position(7) };
        let partition = HotPartition { partition: 3, per_s: 40.0, all_per_s: 60.0, times: 2.0 };
        let newest = NewestKeys { events: 1_000, keys: 90, most: Some((620, id)), from: None, to: None };
        let key = HotKey { events: 620, of: 1_000, newest: id };
        let told =
            |key| key_told(Some(&HotKeyShown { partition, newest: newest.clone(), key }), ChannelId(5)).to_html();
        let capped = |text: &str, cut| Masked::Shown(Some(Capped { text: text.into(), total: 3, cut }));
        let named = told(Some((key, capped("a&b", false))));
        assert!(named.contains("href=\"/events?channel=%235&amp;key=a%26b\""), "{named}");
        assert!(named.contains("62 % of the newest 1,000 events stored of partition 3"), "{named}");
        assert!(!told(Some((key, capped("a", true)))).contains("href"));
        let needs = Masked::NeedsRole { permission: "events.key".into(), roles: vec!["support".into()] };
        let masked = told(Some((key, needs)));
        assert!(masked.contains("One key") && masked.contains("62 %") && masked.contains("support"), "{masked}");
        assert!(told(Some((key, Masked::Shown(None)))).contains("not stored any more"));
        assert!(told(None).contains("90 different keys"));
    }
}
