alter table source drop column taps;
