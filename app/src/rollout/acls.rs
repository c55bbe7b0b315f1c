//! Kafka's rights for a tap, as commands to copy.

/// `kafka-acls` for what a step needs. `patterns` are Weir's own: `*` alone is every topic, one at the end a prefix.
pub(super) fn commands(principal: &str, patterns: &[String], read: bool) -> String {
    let mut lines = vec![
        format!("kafka-acls --bootstrap-server $BROKER --add --allow-principal {principal} \\"),
        "  --operation Describe --cluster".to_owned(),
    ];
    let operations = if read { "--operation Describe --operation Read" } else { "--operation Describe" };
    for pattern in patterns {
        let (name, kind) = match pattern.strip_suffix('*') {
            Some("") => ("*".to_owned(), ""),
            Some(prefix) if !prefix.contains('*') => (prefix.to_owned(), " --resource-pattern-type prefixed"),
            _ if !pattern.contains('*') => (pattern.clone(), ""),
            // Kafka knows prefixes only.
            _ => {
                lines.push(format!("# {pattern}: name its topics one by one, Kafka has no pattern for it"));
                continue;
            }
        };
        lines.push(format!("kafka-acls --bootstrap-server $BROKER --add --allow-principal {principal} \\"));
        lines.push(format!("  {operations} --topic '{}'{kind}", name.replace('\'', "")));
    }
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::commands;

    #[test]
    fn patterns_become_what_kafka_knows() {
        let text = commands("User:weir", &["order.*".into(), "payment.failed".into(), "*.dlt".into()], true);
        assert!(
            text.contains("--operation Describe --operation Read --topic 'order.' --resource-pattern-type prefixed"),
            "{text}"
        );
        assert!(text.contains("--topic 'payment.failed'\n"), "{text}");
        assert!(text.contains("# *.dlt: name its topics one by one"), "{text}");
        assert!(!text.contains("Write") && !text.contains("Alter"), "{text}");
        assert!(commands("User:weir", &["*".into()], false).contains("--operation Describe --topic '*'"));
    }
}
