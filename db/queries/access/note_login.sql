-- note_login :exec
-- Logs that a connection speaks for the token whose holder the transaction acts for.
select access.note_login()
