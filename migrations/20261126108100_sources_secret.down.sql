drop table source_secret;
