//! What the page's GET forms share: hidden fields for what they keep, and reading what was typed.

use super::{Place, state::Page};
use crate::ui::once::{effect, redrawn};
use leptos::{ev, html, prelude::*};
use wasm_bindgen::JsCast as _;

/// A field's name and how its value is read from the page's place.
type KeptField = (&'static str, fn(&Place) -> Option<String>);

/// One hidden field per part that the form keeps though it doesn't show it.
pub(super) fn kept(page: Page, parts: &'static [KeptField]) -> AnyView {
    redrawn(move || {
        let place = page.place.get();
        let fields: Vec<AnyView> = parts
            .iter()
            .filter_map(|(name, value)| {
                let value = value(&place)?;
                Some(view! { <input type="hidden" name=*name value=value /> }.into_any())
            })
            .collect();
        fields.into_any()
    })
}

/// Stops the form from being sent by the browser, and reads its fields.
pub(super) fn sent(e: &ev::SubmitEvent) -> impl Fn(&str) -> Option<String> + use<> {
    e.prevent_default();
    let form = e.target().and_then(|t| t.dyn_into::<web_sys::Element>().ok());
    move |name| {
        let field = form.as_ref()?.query_selector(&format!("[name={name}]")).ok().flatten()?;
        let value = js_sys::Reflect::get(&field, &"value".into()).ok()?.as_string()?;
        (!value.is_empty()).then_some(value)
    }
}

/// Writes `value` into the field whenever it changes. Not a bound property: what was typed before the
/// page came alive must stay.
pub(super) fn follow_value(input: NodeRef<html::Input>, value: impl Fn() -> String + 'static) {
    let mut before = None::<String>;
    effect(move || {
        let value = value();
        if let (Some(before), Some(input)) = (&before, input.get_untracked())
            && *before != value
        {
            input.set_value(&value);
        }
        before = Some(value);
    });
}
