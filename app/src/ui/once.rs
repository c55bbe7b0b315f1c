//! Closures of one shape, compiled once: behind a pointer they share the machinery of effects and
//! event handlers, which is generic and would otherwise be in the bundle once per closure.

use leptos::{ev::MouseEvent, prelude::*};

/// What a click does.
pub(crate) type OnClick = Box<dyn FnMut(MouseEvent)>;

pub(crate) fn click(act: impl Fn() + 'static) -> OnClick {
    Box::new(move |_| act())
}

/// Runs in the browser now, and again whenever what it read changes.
pub(crate) fn effect(run: impl FnMut() + 'static) {
    fn boxed(mut run: Box<dyn FnMut()>) {
        Effect::new(move |_| run());
    }
    boxed(Box::new(run));
}

/// A link. `on_href` is read anew whenever the address changes; the page doesn't scroll.
pub(crate) fn link(class: &'static str, href: impl Fn() -> String + Send + Sync + 'static, inner: AnyView) -> AnyView {
    view! {
        <a class=class href=varying(href) data-noscroll="">
            {inner}
        </a>
    }
    .into_any()
}

/// What follows signals in a view: a text, a part of the page, an attribute.
pub(crate) fn varying<T>(f: impl FnMut() -> T + Send + 'static) -> Box<dyn FnMut() -> T + Send> {
    Box::new(f)
}

/// A part of the page that is drawn anew whenever what it read changes.
pub(crate) fn redrawn(draw: impl Fn() -> AnyView + Send + Sync + 'static) -> AnyView {
    varying(draw).into_any()
}
