-- request_to_answer :optional
-- What a worker needs to know of a request; $1 request.
select text, park, lang, categories, attributes from intake.request where id = $1::uuid
