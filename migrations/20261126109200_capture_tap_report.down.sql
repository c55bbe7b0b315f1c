drop table tap_report;
