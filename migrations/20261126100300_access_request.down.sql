drop table access_request;
