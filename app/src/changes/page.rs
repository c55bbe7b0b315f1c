use super::icon;
use crate::{
    Failure, RequestContext,
    drawn::{self, Address, DrawnPage, time},
    ui::{Empty, ErrorPanel, Icon},
};
use leptos::prelude::*;
use weir_domain::changes::{ChangeFilter, ChangeKind, ChangePage, ChangeShown};

const PER_PAGE: u32 = 100;

/// The change feed. Filters stand in the address: `kind`, `text`, `source`, `channel`, and `cursor` for the next page.
pub(crate) async fn changes(cx: &RequestContext, address: &Address) -> DrawnPage {
    let filter = ChangeFilter {
        kind: address.given("kind").and_then(ChangeKind::parse),
        text: address.given("text").map(str::to_owned),
        source: address.given("source").and_then(|s| s.parse().ok()),
        channel: address.given("channel").and_then(|c| c.parse().ok()),
        ..ChangeFilter::default()
    };
    let answer = match cx.caller_in(address.environment()) {
        Ok(caller) => cx.told(cx.cases.changes.list(&caller, filter.clone(), address.given("cursor"), PER_PAGE).await),
        Err(failure) => Err(failure),
    };
    drawn::page("What changed", || {
        let body = match answer {
            Ok(page) => listed(page, &filter, address),
            Err(failure) => failed(failure),
        };
        view! {
            <div class="page">
                {drawn::head("What changed", "newest first, times in UTC", ().into_any())} {form(&filter, address)} {body}
            </div>
        }
        .into_any()
    })
}

fn failed(failure: Failure) -> AnyView {
    view! { <ErrorPanel failure /> }.into_any()
}

fn form(filter: &ChangeFilter, address: &Address) -> AnyView {
    let options = ChangeKind::ALL
        .iter()
        .map(|k| {
            view! {
                <option value=k.as_str() selected=filter.kind == Some(*k)>
                    {k.words()}
                </option>
            }
        })
        .collect_view();
    let kept = ["env", "source", "channel"]
        .into_iter()
        .filter_map(|name| address.given(name).map(|value| (name, value.to_owned())))
        .map(|(name, value)| view! { <input type="hidden" name=name value=value /> })
        .collect_view();
    view! {
        <form class="row filters" method="get" action="/changes" role="search">
            {kept}
            <label class="vh" for="kind">
                "Kind"
            </label>
            <select class="select" id="kind" name="kind">
                <option value="">"every kind"</option>
                {options}
            </select>
            <label class="vh" for="text">
                "Text"
            </label>
            <input
                class="input"
                id="text"
                name="text"
                type="search"
                maxlength="200"
                placeholder="application, channel, word"
                value=filter.text.clone()
            />
            <button type="submit" class="btn">
                "Show"
            </button>
        </form>
    }
    .into_any()
}

fn listed(page: ChangePage, filter: &ChangeFilter, address: &Address) -> AnyView {
    let hidden = match page.hidden_channels {
        0 => String::new(),
        1 => "Changes of 1 channel that you may not see are left out.".to_owned(),
        n => format!("Changes of {n} channels that you may not see are left out."),
    };
    let more = page.next.map(|next| {
        view! {
            <a class="btn" href=address.with("cursor", &next)>
                "Older changes"
            </a>
        }
    });
    let body = if page.changes.is_empty() {
        let filtered = *filter != ChangeFilter::default();
        let words = if filtered {
            "No change fits this filter. Choose every kind, or leave the text empty."
        } else {
            "Sources that come and go, channels and partitions that appear, gaps and deployments are listed here as they happen."
        };
        view! {
            <Empty title="Nothing changed">
                <p>{words}</p>
            </Empty>
        }
        .into_any()
    } else {
        view! { <ul class="changes changes--long panel__body">{page.changes.iter().map(line).collect_view()}</ul> }
            .into_any()
    };
    view! {
        <section class="panel">{body}</section>
        <p class="small muted" hidden=page.hidden_channels == 0>
            {hidden}
        </p>
        <div class="row">{more}</div>
    }
    .into_any()
}

fn line(change: &ChangeShown) -> AnyView {
    let title = match change.link.clone() {
        Some(link) if link.starts_with('/') => view! { <a href=link>{change.title.clone()}</a> }.into_any(),
        Some(link) => view! {
            <a href=link rel="noopener noreferrer external" target="_blank">
                {change.title.clone()}
            </a>
        }
        .into_any(),
        None => view! { <b class="med">{change.title.clone()}</b> }.into_any(),
    };
    let by = change.actor.as_ref().map(|actor| format!("by {actor}"));
    view! {
        <li id=format!("change-{}", change.id)>
            {time(change.at)}
            <Icon name=icon(change.kind) />
            <span>
                {title} " " <span class="soft">{change.detail.clone()}</span> " "
                <span class="muted">{by}</span>
            </span>
        </li>
    }
    .into_any()
}
