drop table monitor_rule;
