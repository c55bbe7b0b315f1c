use super::{Time, TimeForm, format};
use crate::Env;
use leptos::prelude::*;
use weir_domain::Timestamp;

/// A channel's name at the head of its row; it leads where its page says.
pub(crate) fn channel_name(path: &str, name: String, env: Env) -> AnyView {
    view! {
        <th scope="row">
            <a class="mono" href=env.link(path) title=name.clone()>
                {name.clone()}
            </a>
        </th>
    }
    .into_any()
}

/// When its last event was; the last cell of the row.
pub(crate) fn last_event(at: Option<Timestamp>) -> AnyView {
    let last = match at {
        Some(at) => view! { <Time at form=TimeForm::Date /> }.into_any(),
        None => format::UNKNOWN.into_any(),
    };
    view! { <td class="hide-m">{last}</td> }.into_any()
}
