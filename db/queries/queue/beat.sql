-- beat :optional
-- Says that the process is alive, and at what pace it works; tells the jobs it runs that are to stop. No row means that it
-- was taken for dead and must register anew. $1 worker, $2 jobs ended a second, $3 jobs done and $4 attempts failed so far.
update queue.worker set seen_at = queue.now(), pace = $2::float4, done = $3::bigint, failed = $4::bigint
where id = $1::bigint
returning array(
    select live.id from queue.live where live.worker = worker.id and live.cancelling
) as cancelling
