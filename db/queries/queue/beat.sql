-- beat :optional
-- Says that the process is alive and looks round for it; parameters as queue.beat, whose answer it is. No row means that it
-- was taken for dead and must register anew.
select cancelling, others_lost, suspects_wait, is_due
from queue.beat(
    $1::bigint, $2::float4, $3::bigint, $4::bigint, $5::interval, $6::interval, $7::text[], $8::text[]
)
