-- A mail with a link that signs someone in, as it will be sent: sealed, and gone once it was. What `text_body` and
-- `html_body` keep of it has no link, so that no one reads one who reads the mails.
alter table mail_message add column sealed bytea;
