use super::{
    kept_away::{absent, away, needs_role},
    tree::tree,
};
use crate::{
    events::visible,
    shell::{use_keys, use_toasts},
    ui::{Banner, CopyButton, format},
};
use leptos::prelude::*;
use weir_domain::{
    EventId,
    events::{Capped, EventDetail, JsonNode, Masked, PayloadShown},
};

/// The payload, decoded as far as it goes. What has no values is shown as text, what is no text as bytes.
pub(super) fn payload(detail: &EventDetail) -> AnyView {
    match &detail.payload {
        Masked::NeedsRole { permission, roles } => needs_role("The payload", permission, roles),
        Masked::Shown(PayloadShown::Null) => away(
            "x",
            "The payload is null",
            "This is a tombstone: on a compacted channel it deletes what has its key. Null is not the same as empty.",
        ),
        Masked::Shown(PayloadShown::Absent(_)) => absent(detail.row.id),
        Masked::Shown(PayloadShown::Present { total: 0, .. }) => {
            away("check", "The payload is empty", "It is there and has 0 bytes. Empty is not the same as null.")
        }
        Masked::Shown(PayloadShown::Present { how, tree, tree_cut, problem, text, total, .. }) => present(&Present {
            id: detail.row.id,
            how,
            tree,
            tree_cut: *tree_cut,
            problem: problem.as_deref(),
            text: text.as_ref(),
            total: *total,
        }),
    }
}

struct Present<'a> {
    id: EventId,
    how: &'a str,
    tree: &'a [JsonNode],
    tree_cut: bool,
    problem: Option<&'a str>,
    text: Option<&'a Capped>,
    total: u64,
}

impl Present<'_> {
    /// What of it is left out of sight.
    fn cut(&self) -> Option<String> {
        match (self.tree.is_empty(), self.tree_cut, self.text) {
            (false, true, _) => {
                Some(format!("The tree shows the first {} values.", format::exact(self.tree.len() as u64)))
            }
            (true, _, Some(text)) if text.cut => {
                let shown = format::bytes(text.text.len() as u64);
                Some(format!("The first {shown} of {} are shown.", format::bytes(text.total)))
            }
            _ => None,
        }
    }
}

fn present(p: &Present<'_>) -> AnyView {
    let problem = p.problem.map(|problem| {
        let problem = problem.to_owned();
        view! {
            <Banner tone="banner--warn" icon="warn">
                {problem}
            </Banner>
        }
        .into_any()
    });
    let href = payload_href(p.id);
    let cut = p.cut().map(|words| {
        view! {
            <p class="ev-cut small soft">
                {words} " " <a href=href download="" rel="external">
                    "Download the whole payload"
                </a>
            </p>
        }
        .into_any()
    });
    let copy = p.text.map(|t| {
        let what = if t.cut { "beginning of the payload" } else { "payload" };
        let (text, toasts) = (t.text.clone(), use_toasts());
        use_keys().bind("c", "Copy the payload", move || crate::ui::copy(text.clone(), what.into(), toasts));
        view! { <CopyButton text=Signal::stored(t.text.clone()) what=what /> }.into_any()
    });
    let body = match (p.tree.is_empty(), p.text) {
        (false, _) => tree(p.tree),
        (true, Some(text)) => text_block(&text.text),
        (true, None) => {
            let words = "These bytes are no text. The tab Raw shows the first of them.";
            view! { <p class="soft small">{words}</p> }.into_any()
        }
    };
    view! {
        <div class="row small soft ev-kind">
            <span class="tag tag--accent">{p.how.to_owned()}</span>
            <span class="push muted">{format::bytes(p.total)}</span>
            {copy}
        </div>
        {problem}
        {body}
        {cut}
    }
    .into_any()
}

/// Foreign text over several lines.
pub(super) fn text_block(text: &str) -> AnyView {
    view! {
        <pre class="ev-text" tabindex="0">
            {visible::block(text)}
        </pre>
    }
    .into_any()
}

/// Where the payload's own bytes can be had.
pub(super) fn payload_href(id: EventId) -> String {
    format!("/events/{id}/payload")
}

#[cfg(test)]
mod tests {
    use super::*;
    use weir_domain::{PartitionId, Position, events::json_tree};

    fn text(text: &str, cut: bool) -> Capped {
        Capped { text: text.into(), total: 10_000_000, cut }
    }

    fn p<'a>(tree: &'a [JsonNode], tree_cut: bool, text: Option<&'a Capped>) -> Present<'a> {
        let id = EventId { partition: PartitionId(1), position: Position(2) };
        Present { id, how: "JSON", tree, tree_cut, problem: None, text, total: 10_000_000 }
    }

    #[test]
    fn what_is_left_out_is_said() {
        let (nodes, _) = json_tree(b"[1,2]", 10).unwrap();
        let (whole, part) = (text("[1,2]", false), text("abc", true));
        assert_eq!(p(&nodes, false, Some(&whole)).cut(), None);
        assert_eq!(p(&nodes, true, Some(&part)).cut().unwrap(), "The tree shows the first 3 values.");
        assert_eq!(p(&[], false, Some(&part)).cut().unwrap(), "The first 3 B of 10.0 MB are shown.");
        assert_eq!(p(&[], false, None).cut(), None);
    }
}
