//! Why an event has no content: the part of its inspector that says so.

use super::words::{days, given_up_why, mode};
use crate::{
    RequestContext,
    drawn::{self, DrawnPage, time},
    events::line,
    help,
    ui::{ErrorPanel, Icon},
};
use leptos::prelude::*;
use weir_domain::{ChannelId, EventId, capture::Missing, events::Absence};

/// `/events/<id>/missing`
pub(crate) async fn missing(cx: &RequestContext, id: &str) -> DrawnPage {
    let Ok(id) = id.parse() else { return drawn::page("Not found", help::not_found) };
    let found = match cx.caller() {
        Ok(caller) => cx.told(cx.cases.events.missing(&caller, id).await),
        Err(failure) => Err(failure),
    };
    match found {
        Ok(Some(found)) => drawn::page("Not in the store", || shown(id, &found)),
        Ok(None) => drawn::page("Not found", help::not_found),
        Err(failure) => drawn::page("Not in the store", || view! { <ErrorPanel failure /> }.into_any()),
    }
}

fn shown(id: EventId, found: &Missing) -> AnyView {
    let (icon, title, words) = words(found.absent);
    view! {
        <Icon name=icon />
        <h3>{title}</h3>
        <p>{words} " " {more(found)}</p>
        {found.absent.filter(|why| why.may_be_read_live()).map(|_| at_broker(id, found.channel))}
    }
    .into_any()
}

/// Offers to read it where it came from, once somebody opens this.
fn at_broker(id: EventId, channel: ChannelId) -> AnyView {
    view! {
        <details class="at-broker__ask" data-part=format!("/at-broker/{id}")>
            <summary>"Read it from the broker"</summary>
            <div></div>
        </details>
        <p class="small">
            <a href=format!("/channels/{channel}/content")>"Fill the content of a range"</a>
            " to store it, as far as the broker still has it."
        </p>
    }
    .into_any()
}

const fn words(why: Option<Absence>) -> (&'static str, &'static str, &'static str) {
    match why {
        None => ("check", "Its content is there", "It was not when this was opened. Open the event again to see it."),
        Some(Absence::MetadataOnly) => (
            "lock",
            "Only metadata is kept",
            "Weir did not store the key, headers and payload, because its source is set to capture = \"metadata\". \
             The broker may still have them at this position. To keep those of events to come, set \
             capture = \"full\" for the source, in weir.toml or under Edit on its page.",
        ),
        Some(Absence::ChannelPolicy) => (
            "lock",
            "Its channel keeps metadata only",
            "Weir did not store the key, headers and payload, because the policy of the channel was to keep metadata. \
             The broker may still have them at this position.",
        ),
        Some(Absence::SampledOut) => (
            "lock",
            "It is not part of the sample",
            "The policy of its channel was to keep everything of some keys and metadata of the others, and its key is \
             one of the others. The broker may still have its content at this position.",
        ),
        Some(Absence::OverBudget) => (
            "lock",
            "There was no room for it",
            "Weir did not store the key, headers and payload, because the store's budget was used up and its channel gave \
             way. The broker may still have them at this position.",
        ),
        Some(Absence::NeverStored) => (
            "lock",
            "This event's content is never stored",
            "A rule says that fields of this channel must never be stored, and they could not be cut out of this \
             event alone, so Weir kept only its metadata. Ask an administrator about the rule.",
        ),
        Some(Absence::Erased) => (
            "x",
            "This event's content was erased",
            "Somebody had the key, headers and payload taken out of the store for good. Ask an administrator who \
             did it and why; they can't be brought back.",
        ),
        Some(Absence::Expired) => (
            "clock",
            "This event's content has expired",
            "The retention of the key, headers and payload has passed and Weir has deleted them; metadata is kept \
             longer. The broker may still have them at this position.",
        ),
        Some(Absence::GivenUp) => (
            "clock",
            "This event's content was given up",
            "Weir has deleted the key, headers and payload before their time; metadata is kept. The broker may still \
             have them at this position.",
        ),
    }
}

/// What is known of it, and where the channel's policy stands.
fn more(found: &Missing) -> AnyView {
    let when = found.given_up.as_ref().map(|g| {
        let why = given_up_why(g);
        let until = (g.first_at != g.last_at).then(|| view! { " and " {time(g.last_at)} });
        let between = if g.first_at == g.last_at { "It was at " } else { "It was between " };
        view! { {between} {time(g.first_at)} {until} " UTC, because " {why} ". " }
    });
    let policy = matches!(
        found.absent,
        Some(Absence::ChannelPolicy | Absence::SampledOut | Absence::OverBudget | Absence::Expired | Absence::GivenUp)
    );
    let policy = policy.then(|| {
        let now = format!(" keeps now: {}; payloads for {}.", mode(found.policy.mode), days(found.policy.payload_days));
        view! { <a href=format!("/channels/{}/capture", found.channel)>{line(&found.channel_name)}</a> {now} }
    });
    view! { {when} {policy} }.into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reason_has_words_of_its_own() {
        let all = [
            None,
            Some(Absence::MetadataOnly),
            Some(Absence::ChannelPolicy),
            Some(Absence::SampledOut),
            Some(Absence::OverBudget),
            Some(Absence::NeverStored),
            Some(Absence::Erased),
            Some(Absence::Expired),
            Some(Absence::GivenUp),
        ]
        .map(words);
        for (i, (_, title, words)) in all.iter().enumerate() {
            assert!(all.iter().skip(i + 1).all(|(_, t, w)| t != title && w != words));
        }
    }
}
