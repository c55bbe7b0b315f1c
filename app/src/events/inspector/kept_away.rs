//! Why something is not shown: hidden, gone, null and empty are four different answers.

use crate::{access::ask_link, ui::Icon};
use leptos::prelude::*;
use weir_domain::events::Absence;

/// The person's roles don't show it; who can, and how to ask. `what`: "The payload", "Reading headers".
pub(super) fn needs_role(what: &'static str, permission: &str, roles: &[String]) -> AnyView {
    let title = format!("{what} needs {permission}");
    let words =
        format!("It is there; your roles don't show it. Ask an administrator for the role {}.", roles.join(" or "));
    let ask = roles.first().map(|role| ask_link(&format!("role={role}&for={permission}")));
    told("lock", title, words, ask)
}

/// It was there and is no more, or there is nothing in it.
pub(super) fn away(icon: &'static str, title: &'static str, words: &'static str) -> AnyView {
    told(icon, title.into(), words.into(), None)
}

/// Key, headers and payload are not in the store: what happened, why, and what to do.
pub(super) fn absent(why: Absence) -> AnyView {
    let (icon, title, words) = absence(why);
    away(icon, title, words)
}

const fn absence(why: Absence) -> (&'static str, &'static str, &'static str) {
    match why {
        Absence::MetadataOnly => (
            "lock",
            "Only metadata is kept",
            "Weir did not store the key, headers and payload, because its source is set to capture = \"metadata\". \
             The broker may still have them at this position. To keep those of events to come, set \
             capture = \"full\" for the source, in weir.toml or under Edit on its page.",
        ),
        Absence::NeverStored => (
            "lock",
            "This event's content is never stored",
            "A rule says that fields of this channel must never be stored, and they could not be cut out of this \
             event alone, so Weir kept only its metadata. Ask an administrator about the rule.",
        ),
        Absence::Erased => (
            "x",
            "This event's content was erased",
            "Somebody had the key, headers and payload taken out of the store for good. Ask an administrator who \
             did it and why; they can't be brought back.",
        ),
        Absence::Expired => (
            "clock",
            "This event's content has expired",
            "The retention of the key, headers and payload has passed and Weir has deleted them; metadata is kept \
             longer. The broker may still have them at this position.",
        ),
    }
}

fn told(icon: &'static str, title: String, words: String, way_out: Option<AnyView>) -> AnyView {
    view! {
        <div class="empty ev-away">
            <Icon name=icon />
            <h3>{title}</h3>
            <p>{words} " " {way_out}</p>
        </div>
    }
    .into_any()
}

/// No such event, or not for this person: the answer must not tell which.
pub(in crate::events) fn not_there() -> AnyView {
    away(
        "search",
        "This event is not here",
        "It may never have been stored, its retention may have passed, or your grants don't reach its channel. \
         Check the link, or search for its key.",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reason_has_words_of_its_own() {
        let reasons = [Absence::MetadataOnly, Absence::NeverStored, Absence::Erased, Absence::Expired];
        let all = reasons.map(absence);
        for (i, (_, title, words)) in all.iter().enumerate() {
            assert!(all.iter().skip(i + 1).all(|(_, t, w)| t != title && w != words));
        }
        // By these words `js/parts.js` knows where to offer a look at the broker.
        for (why, (_, _, words)) in reasons.iter().zip(all) {
            let offered = words.contains("The broker may still have them at this position.");
            assert_eq!(offered, why.may_be_read_live(), "{why:?}");
        }
    }
}
