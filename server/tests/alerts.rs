//! `alerts.yml`, the rules for Prometheus: that it is what Prometheus reads, and that it asks for figures there are.

#![expect(clippy::unwrap_used, reason = "a test ends at its first surprise")]

use std::{collections::BTreeSet, path::Path};

use serde_yaml_ng::Value;

fn file(name: &str) -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(name)).unwrap()
}

/// Words that begin with `weir_`.
fn names(text: &str) -> BTreeSet<String> {
    let words = text.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_'));
    words.filter(|w| w.starts_with("weir_")).map(str::to_owned).collect()
}

/// As they are registered: counters get `_total` behind them, and the one with labels `_info`.
fn registered() -> BTreeSet<String> {
    let all =
        ["groups", "mod", "process", "serve", "taps", "web"].map(|m| names(&file(&format!("src/metrics/{m}.rs"))));
    all.into_iter()
        .flatten()
        .flat_map(|n| ["", "_total", "_info", "_bucket", "_sum", "_count"].map(|end| format!("{n}{end}")))
        .collect()
}

#[test]
fn the_rules_are_what_prometheus_reads_and_ask_for_what_there_is() {
    let document: Value = serde_yaml_ng::from_str(&file("alerts.yml")).unwrap();
    let groups = document["groups"].as_sequence().unwrap();
    let rules: Vec<&Value> = groups.iter().flat_map(|g| g["rules"].as_sequence().unwrap()).collect();
    let known = registered();
    let mut alerts = BTreeSet::new();
    for rule in &rules {
        let name = rule["alert"].as_str().unwrap();
        assert!(alerts.insert(name), "{name} twice");
        let keys: BTreeSet<_> = rule.as_mapping().unwrap().keys().map(|k| k.as_str().unwrap()).collect();
        let allowed = ["alert", "expr", "for", "labels", "annotations"];
        assert!(keys.iter().all(|k| allowed.contains(k)), "{name}: {keys:?}");
        let expr = rule["expr"].as_str().unwrap();
        assert_eq!(expr.matches('(').count(), expr.matches(')').count(), "{name}: {expr}");
        // Every process tells the figures of groups and of how they are observed: who is asked for them is asked once.
        let told_by_all = ["weir_group_", "weir_lag_observed_"];
        for (at, figure) in told_by_all.iter().flat_map(|f| expr.match_indices(f)) {
            let labels = if figure == "weir_group_" { "source, group, channel" } else { "source" };
            let before = expr[..at].trim_end_matches("deriv(");
            let once = ["max", "min"].map(|worst| format!("{worst} by ({labels}) ("));
            assert!(once.iter().any(|o| before.ends_with(o.as_str())), "{name}: {figure} in {expr}");
            for label in ["group", "channel"] {
                let text = format!("{:?}", rule["annotations"]);
                assert!(!text.contains(&format!("$labels.{label}")) || labels.contains(label), "{name}: {label}");
            }
        }
        let asked = names(expr);
        assert!(!asked.is_empty() && asked.is_subset(&known), "{name} asks for {:?}", asked.difference(&known));
        if let Some(patience) = rule.get("for") {
            let patience = patience.as_str().unwrap();
            assert!(patience.strip_suffix('m').is_some_and(|n| n.parse::<u32>().is_ok()), "{name}: {patience}");
        }
        assert!(["page", "notify"].contains(&rule["labels"]["severity"].as_str().unwrap()), "{name}");
        for text in ["summary", "description"] {
            let text = rule["annotations"][text].as_str().unwrap();
            assert_eq!(text.matches("{{").count(), text.matches("}}").count(), "{name}: {text}");
        }
    }
    // One for each kind of rule that comes with Weir, the two of sources apart, and two for what makes the others blind.
    assert_eq!(rules.len(), 7);
}

/// The limits are those that Weir itself has.
#[test]
fn the_rules_are_those_that_come_with_weir() {
    use weir_domain::monitors::RuleKind;
    let text = file("alerts.yml");
    let seconds = |kind: RuleKind| (kind.default_rule().limit_min * 60).to_string();
    assert!(text.contains(&format!("(weir_group_loss_seconds) < {}", seconds(RuleKind::LosesUnread))));
    assert!(text.contains(&format!("(weir_group_time_lag_seconds) > {}", seconds(RuleKind::TimeLag))));
    assert!(text.contains(&format!("for: {}m", RuleKind::StandsStill.default_rule().limit_min)));
    assert!(text.contains(&format!("for: {}m", RuleKind::Source.default_rule().limit_min)));
}
