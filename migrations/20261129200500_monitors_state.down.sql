drop table monitor_state;
