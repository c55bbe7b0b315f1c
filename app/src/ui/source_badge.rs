use leptos::prelude::*;

/// A source's broker letter and name.
#[component]
pub fn SourceBadge(
    /// "kafka", …
    #[prop(into)]
    kind: String,
    #[prop(into)] name: String,
) -> impl IntoView {
    let (class, letter) = broker(&kind);
    view! {
        <span class=class>
            <b aria-hidden="true">{letter}</b>
            <span class="trunc">{name}</span>
        </span>
    }
    .into_any()
}

/// Style class and letter of a broker kind.
pub(crate) fn broker(kind: &str) -> (&'static str, String) {
    let class = match kind {
        "kafka" => "src src--k",
        _ => "src",
    };
    (class, kind.chars().next().unwrap_or('?').to_ascii_uppercase().to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_has_a_letter() {
        assert_eq!(broker("kafka"), ("src src--k", "K".into()));
        assert_eq!(broker("other"), ("src", "O".into()));
        assert_eq!(broker(""), ("src", "?".into()));
    }
}
