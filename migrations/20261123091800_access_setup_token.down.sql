drop table setup_token;
