use leptos::prelude::*;
use weir_domain::search::FIELDS;

/// What can be asked, by example, in the order in which people come to need it.
const EXAMPLES: &[(&[&str], &str)] = &[
    (&["declined"], "the word, in any case, in key, headers or payload; never inside a longer word"),
    (&["\"card declined\""], "the words in this order, one space apart"),
    (&["declin*", "*clined"], "words that begin or end so"),
    (&["key:ord-4711", "key:ord-*", "key:hex:00ff"], "the whole key, letter by letter; its beginning; its bytes"),
    (&["type:payment.failed", "type:payment.*"], "events of one type, of several"),
    (&["channel:orders.* source:shop"], "what travels there"),
    (&["header.tenant:acme", "header.retries>3", "header.trace:*"], "a header's value; that it is there"),
    (&["data.amount>900", "data.amount:900"], "numbers by value: 900, 900.0 and 9e2 are the same"),
    (&["data.city:lyon", "data.city=Lyon"], "the whole value in any case; letter by letter"),
    (&["data.note:*urgent*"], "a value that has it somewhere"),
    (&["data.at>=2026-11-22"], "texts in the order of their letters, as dates are written"),
    (&["data.paid:true", "data.reason:null", "data.code:\"900\""], "JSON's words; a text that looks like a number"),
    (&["data.items.sku:HB-1", "data.items[0].sku:HB-1"], "any element of a list, the first one"),
    (&["data.reason:*", "NOT data.reason:*"], "there is such a member; there is none"),
    (&["data.state!=done"], "it is there, and it is not done"),
    (&["payload:*", "NOT payload:*"], "no tombstone; tombstones"),
    (&["time:2026-11-22", "time>=2026-11-22T14:30"], "a day; from a minute on; UTC, or with Z, +01:00"),
    (&["partition:3 offset>=120000 offset<130000"], "a stretch of a partition"),
    (&["size>1MB"], "large events; KB is 1,000, KiB is 1,024"),
    (&["refused type:payment.failed"], "both: AND may be left out"),
    (&["(type:a OR type:b) -test"], "either, in brackets; without a word, like NOT test"),
];

/// The reference of the query bar.
#[component]
pub(super) fn QueryReference() -> impl IntoView {
    let examples = EXAMPLES.iter().map(|(queries, finds)| {
        let queries = queries.iter().map(|query| {
            let mut address = String::from("/events?q=");
            crate::events::encode(query, &mut address);
            view! { <a class="mono" href=address>{*query}</a> " " }
        });
        view! {
            <dt>{queries.collect_view()}</dt>
            <dd>{*finds}</dd>
        }
    });
    let fields = FIELDS.iter().map(|f| {
        view! {
            <dt class="mono">{f.name}</dt>
            <dd>{f.what} ", as in " <code>{f.example}</code></dd>
        }
    });
    view! {
        <section class="panel" aria-labelledby="query">
            <div class="panel__head">
                <h2 class="panel__title" id="query">
                    "What the query bar understands"
                </h2>
                <span class="panel__note">"the same by program: query= of /api/v1/events, weir search"</span>
            </div>
            <dl class="panel__body meanings meanings--wide">{examples.collect_view()}</dl>
            <div class="panel__body prose">
                <ul>
                    <li>
                        <b class="strong">"A name before : is a field of the event, or a path into its JSON payload. "</b>
                        "Where a payload has a member called like a field of the event, write payload before it: "
                        <code>"payload.type:order"</code> "."
                    </li>
                    <li>
                        <b class="strong">"Paths lead into JSON only. "</b>
                        "Words are looked for in the bytes as they were sent: in XML and MessagePack too, and not in what is packed by gzip, zstd or snappy. The inspector reads all of them."
                    </li>
                    <li>
                        <b class="strong">"AND, OR and NOT are written in capitals. "</b>
                        "NOT binds closest, then AND, then OR. In quotes, and after a backslash, every sign stands for itself."
                    </li>
                    <li>
                        <b class="strong">"Case "</b>
                        "does not matter for words, after : and in names of headers. It does after = and !=, in keys and in names of members."
                    </li>
                    <li>
                        <b class="strong">"What can't be looked into, "</b>
                        "because it was not kept or you may not see it, is neither found nor ruled out: such an event matches only where the answer does not hang on it, under NOT too."
                    </li>
                    <li>
                        <b class="strong">"At most "</b>
                        "64 KiB, 1,024 terms and 64 brackets in one another. A mistake is told with the place where it stands."
                    </li>
                </ul>
            </div>
            <dl class="panel__body meanings">{fields.collect_view()}</dl>
        </section>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;
    use weir_domain::search::{Field, Query};

    #[test]
    fn every_example_is_a_query_that_means_what_it_looks_like() {
        let examples = EXAMPLES.iter().flat_map(|(queries, _)| queries.iter());
        for query in examples.chain(FIELDS.iter().map(|f| &f.example)) {
            let read = Query::parse(query).unwrap_or_else(|e| panic!("{query}: {e}"));
            assert!(read.root.is_some() && read.hints().is_empty(), "{query}");
        }
    }

    #[test]
    fn every_field_has_an_example() {
        let all = EXAMPLES.iter().flat_map(|(queries, _)| queries.iter()).copied().collect::<Vec<_>>().join(" ");
        for field in FIELDS.iter().filter(|f| !["environment", "captured"].contains(&f.name)) {
            assert!(all.contains(field.name), "{}", field.name);
        }
        assert_eq!(Field::Size.name(), "size");
    }
}
