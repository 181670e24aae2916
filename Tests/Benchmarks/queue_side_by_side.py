#!/usr/bin/env python3
"""The queue beside hand-written SQL and beside other queues, in interleaved rounds on one cluster; medians count.

`./dev bench queue-peers` makes the cluster and runs this. The hand-written SQL and the drivers of the other queues are
not kept here: BENCH names their folder (../shared/bench). VENV names a Python virtual environment with
`pgqueuer procrastinate asyncpg psycopg[binary]`, PGMQ_SQL the file pgmq.sql of PGMQ. What is missing is left out."""
import json
import os
import pathlib
import re
import subprocess
import time

from measuring import SideBySide, median, parser_of, quietness, ratios, run_rounds, speeds, table, verdict

PAYLOAD = '{"id": 12345, "url": "https://example.org/a/12345"}'
# As many jobs in the hands of our workers as in those of the limit: 4 clients with a batch of 100 each.
AT_ONCE = 400


class Bench(SideBySide):
    def __init__(self, options):
        super().__init__(options)
        self.scale = 0.25 if options.quick else 1
        self.folder = pathlib.Path(os.environ.get("BENCH") or options.root / "../shared/bench").resolve()
        self.pgmq = pathlib.Path(os.environ.get("PGMQ_SQL") or "/nowhere")

    # What is measured. Each returns jobs a second, or (jobs a second, WAL bytes a job), or another figure.

    def ours(self, *arguments, jobs, figure=lambda report: (report["jobs_per_second"], report["wal_bytes_per_job"])):
        command = [self.options.amenity, "bench", "queue", "--json", "--database",
                   self.cluster.conninfo("amenity", "amenity"), "--jobs", str(self.scaled(jobs)), *map(str, arguments)]
        done = subprocess.run(command, text=True, capture_output=True)
        if done.returncode:
            raise RuntimeError(done.stderr.strip())
        report = json.loads(done.stdout)
        if report["lost"] or report["doubled"] or report["done"] != report["jobs"]:
            raise RuntimeError(f"not every job was done once: {report}")
        return figure(report)

    def limit(self, script, relation, jobs, batch, clients):
        """Drains a hand-written queue."""
        jobs = self.scaled(jobs)
        self.sql(f"truncate lim.q, lim.qd, lim.effect; insert into lim.{relation}(payload) select '{PAYLOAD}' "
                 f"from generate_series(1, {jobs})")
        self.sql(f"vacuum analyze lim.{relation}")
        start = self.cluster.wal("limits")
        _, seconds = self.cluster.pgbench(
            "limits", self.folder / "sql" / script, clients, jobs // batch // clients, [f"n={batch}"])
        done = jobs - int(self.sql(f"select count(*) from lim.{relation}"))
        return done / seconds, (self.cluster.wal("limits") - start) / done

    def limit_enqueue(self, text, batch, clients, jobs):
        jobs = self.scaled(jobs)
        self.sql("truncate lim.q, lim.qd, lim.effect")
        script = self.script(text)
        start = self.cluster.wal("limits")
        count, seconds = self.cluster.pgbench("limits", script, clients, jobs // batch // clients)
        return count * batch / seconds, (self.cluster.wal("limits") - start) / (count * batch)

    def pgmq_by_pgbench(self, jobs):
        """PGMQ's functions without a client language in the way, four at a time."""
        jobs = self.scaled(jobs)
        cluster = self.cluster
        cluster.sql("truncate pgmq.q_q; insert into pgmq.q_q(vt, message) "
                    f"select clock_timestamp(), '{PAYLOAD}' from generate_series(1, {jobs})", "pgmq")
        cluster.sql("vacuum analyze pgmq.q_q", "pgmq")
        start = cluster.wal("pgmq")
        _, seconds = cluster.pgbench("pgmq", self.folder / "sql/pgmq_read_delete_n.sql", 4, jobs // 400, ["n=100"])
        done = jobs - int(cluster.sql("select count(*) from pgmq.q_q", "pgmq"))
        return done / seconds, (cluster.wal("pgmq") - start) / done

    def peer(self, system, what, jobs, **options):
        command = [self.python, self.folder / "queue_one.py", system, what, self.scaled(jobs), json.dumps(options),
                   "durable"]
        scratch = self.scratch.name
        # Its drivers reach the server over TCP, as a role with a password.
        environment = os.environ | dict(
            BENCH_DIR=scratch, BENCH_PGHOST=self.options.socket, BENCH_PGPORT=str(self.options.port),
            BENCH_DB="limits", BENCH_RESULTS=scratch, BENCH_QUIET_WAIT="0", PGPASSWORD="bench", PGMQ_SQL=str(self.pgmq))
        os.makedirs("/tmp/bench-pg", exist_ok=True)  # where they write their errors
        done = subprocess.run(list(map(str, command)), text=True, capture_output=True, env=environment)
        if done.returncode:
            raise RuntimeError(done.stderr.strip()[-500:])
        report = json.loads(done.stdout.strip().splitlines()[-1])
        return report["jobs_s"], report["wal_job"]

    # Preparations.

    def scaled(self, jobs):
        return max(1, int(jobs * self.scale))

    def sql(self, text):
        return self.cluster.sql(text, "limits")

    def script(self, text):
        path = pathlib.Path(self.scratch.name) / f"{abs(hash(text))}.sql"
        path.write_text(text)
        return path

    def contenders(self):
        """Name, and what measures it, in the order of a round: what is compared stands close together, since other
        people's use of a machine comes in minutes."""
        has_limits, has_pgmq, has_peers = self.prepare_limits(), self.prepare_pgmq(), self.prepare_peers()
        with_payload = ["--payload", PAYLOAD, "--concurrency"]
        drain = ["--mode", "drain", *with_payload, AT_ONCE]
        insert = f"insert into lim.qd(payload) values ('{PAYLOAD}');\n"
        all = {
            "ours: drain, 4 processes": lambda: self.ours(*drain, "--processes", 4, jobs=200_000),
            "ours: drain, 2 processes": lambda: self.ours(*drain, "--processes", 2, jobs=200_000),
            "ours: drain": lambda: self.ours(*drain, jobs=200_000),
            "limit: lease-fenced batch of 100": lambda: self.limit("iii_lease_fenced.sql", "q", 200_000, 100, 4),
            "PGMQ: read 100, four clients in pgbench": lambda: self.pgmq_by_pgbench(100_000),
            "PGMQ: read 100, two clients in Python": lambda: self.peer("pgmq", "drain2", 40_000, batch=100),
            "PGMQ: read 100, one client in Python": lambda: self.peer("pgmq", "drain1", 40_000, batch=100),
            "PgQueuer: one process": lambda: self.peer("pgqueuer", "drain1", 20_000, batch=100),
            "PgQueuer: two processes": lambda: self.peer("pgqueuer", "drain2", 20_000, batch=100),
            "Procrastinate: one process": lambda: self.peer("procrastinate", "drain1", 2_000, batch=10),
            "ours: drain, payload {}": lambda: self.ours(
                "--mode", "drain", "--concurrency", AT_ONCE, jobs=200_000),
            "ours: effect, grouped": lambda: self.ours("--mode", "effect", *with_payload, AT_ONCE, jobs=100_000),
            "ours: effect, own transaction": lambda: self.ours(
                "--mode", "effect", "--ungrouped", *with_payload, 32, jobs=20_000),
            "limit: effect, one transaction": lambda: self.limit("iii_tx.sql", "qd", 20_000, 1, 16),
            "limit: effect, lease and transaction": lambda: self.limit("iii_lease_fenced.sql", "q", 20_000, 1, 16),
            "ours: bulk enqueue of 1000": lambda: self.ours("--mode", "bulk", *with_payload, 1, jobs=400_000),
            "limit: bulk insert of 1000": lambda: self.limit_enqueue(
                f"insert into lim.qd(payload) select '{PAYLOAD}'::jsonb from generate_series(1, 1000);\n",
                1000, 1, 400_000),
            "ours: single enqueue": lambda: self.ours("--mode", "enqueue", *with_payload, 16, jobs=40_000),
            "limit: single insert": lambda: self.limit_enqueue(insert, 1, 16, 40_000),
            "ours: enqueue in a transaction": lambda: self.ours(
                "--mode", "enqueue", "--transaction", *with_payload, 16, jobs=30_000),
            "limit: insert in a transaction": lambda: self.limit_enqueue(
                "begin;\n" + insert + "commit;\n", 1, 16, 30_000),
        }

        def is_there(name):
            if name.startswith("PGMQ"):
                return has_pgmq and ("Python" not in name or has_peers)
            if name.startswith("limit"):
                return has_limits
            return has_peers or name.startswith("ours")

        return {name: run for name, run in all.items() if is_there(name) and re.search(self.options.only, name)}

    def prepare_limits(self):
        schema = self.folder / "sql/q_schema.sql"
        if not schema.exists():
            return self.miss(f"the limits: no {schema}; BENCH names the folder of the hand-written SQL")
        self.cluster.sql("create database limits", "postgres")
        self.sql(schema.read_text())
        return True

    def prepare_pgmq(self):
        if not self.pgmq.exists():
            return self.miss("PGMQ: PGMQ_SQL must name its pgmq-extension/sql/pgmq.sql (github.com/pgmq/pgmq)")
        if not (self.folder / "sql/pgmq_read_delete_n.sql").exists():
            return self.miss(f"PGMQ by pgbench: its script is not in {self.folder}/sql")
        self.cluster.sql("create database pgmq", "postgres")
        self.cluster.sql(self.pgmq.read_text() + "; select pgmq.create('q')", "pgmq")
        return True

    def prepare_peers(self):
        if not (self.folder / "queue_one.py").exists():
            return self.miss(f"other queues: no {self.folder}/queue_one.py; BENCH names the folder")
        if not self.has_modules("pgqueuer, procrastinate, asyncpg, psycopg"):
            return self.miss("other queues: VENV must name a virtual environment, made with `python3 -m venv DIR && "
                             "DIR/bin/pip install pgqueuer procrastinate asyncpg 'psycopg[binary]'`")
        self.cluster.sql("alter role postgres password 'bench'", "postgres")
        return True

    def idle(self):
        """Hundredths of a core that four workers and what they ask of the server cost when there is nothing to do."""
        return self.ours("--mode", "idle", "--processes", 4, "--concurrency", 16, "--seconds",
                         10 if self.options.quick else 20, jobs=1,
                         figure=lambda report: report["idle_percent_of_core"]["total"])


# What ours is held against: ours, theirs, the ratio that is the goal (none: for orientation). Where there are two, the
# faster counts.
GOALS = [
    ("ours: drain", ["limit: lease-fenced batch of 100"], 0.7),
    ("ours: drain", ["PGMQ: read 100, one client in Python"], 1.0),
    ("ours: drain", ["PGMQ: read 100, two clients in Python"], 1.0),
    ("ours: drain", ["PGMQ: read 100, four clients in pgbench"], None),
    ("ours: drain", ["PgQueuer: one process"], 4),
    ("ours: drain, 2 processes", ["PgQueuer: two processes"], None),
    ("ours: drain", ["Procrastinate: one process"], 50),
    ("ours: drain, 2 processes", ["ours: drain"], 0.9),
    ("ours: drain, 4 processes", ["ours: drain"], 0.9),
    ("ours: effect, own transaction", ["limit: effect, one transaction", "limit: effect, lease and transaction"], 0.8),
    ("ours: effect, grouped", ["ours: effect, own transaction"], 8),
    ("ours: bulk enqueue of 1000", ["limit: bulk insert of 1000"], 0.5),
    ("ours: single enqueue", ["limit: single insert"], 0.9),
    ("ours: enqueue in a transaction", ["limit: insert in a transaction"], None),
]
WAL_GOAL = 700
IDLE_GOAL = 1


def judgements(rounds, idle):
    """Rows of the table of goals: what, ours, theirs, ratio, goal, whether it is met."""
    rows = ratios(rounds, GOALS)
    for name in ("ours: drain", "ours: drain, payload {}"):
        if name in rounds:
            wal = median([figure["wal"] for figure in rounds[name]])
            rows.append([f"WAL bytes a job, {name}", f"{wal:.0f}", "", "", f"<= {WAL_GOAL}",
                         verdict(wal <= WAL_GOAL)])
    if idle is not None:
        rows.append(["4 idle workers and what they ask, % of a core", f"{idle:.2f}", "", "", f"< {IDLE_GOAL}",
                     verdict(idle < IDLE_GOAL)])
    return rows


def main():
    parser = parser_of(__doc__)
    parser.add_argument("--quick", action="store_true", help="three rounds of a quarter of the jobs")
    options = parser.parse_args()
    options.rounds = options.rounds or (3 if options.quick else 5)
    start = time.monotonic()
    bench = Bench(options)
    rounds = run_rounds(bench.contenders(), options.rounds, bench.cluster, "jobs/s")
    idle = bench.idle() if re.search(options.only, "ours: idle") else None
    if options.json:
        pathlib.Path(options.json).write_text(json.dumps(dict(rounds=rounds, idle_percent=idle), indent=1))
    print(speeds(rounds, "jobs/s"), end="\n\n")
    print(table(["", "ours", "theirs", "ratio", "goal", "met"], judgements(rounds, idle)))
    for what in bench.missing:
        print(f"left out, {what}")
    print(f"\n{options.rounds} rounds in {time.monotonic() - start:.0f} s; {quietness(rounds)}")


if __name__ == "__main__":
    main()
