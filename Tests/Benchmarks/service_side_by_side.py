#!/usr/bin/env python3
"""The service beside Redis, pgbench and a FastAPI service, in interleaved rounds over one catalogue; medians count.

`./dev bench service-peers` makes the cluster and runs this. redis-server, redis-benchmark and wrk are looked for in
PATH; VENV names a Python virtual environment with `fastapi uvicorn[standard] asyncpg`. What is missing is left out."""
import contextlib
import json
import os
import pathlib
import re
import shutil
import socket
import subprocess
import time

from measuring import SideBySide, parser_of, quietness, ratios, run_rounds, speeds, table

CATALOGUE = "amenity_bench_peers"
RADIUS = 10_000
ITEMS = 20
HOT, COLD, REDIS, FASTAPI = 17871, 17873, 17875, 17876

# The nearest of a category with all that is shown of them, as a program asks that keeps nothing in memory. The service's own
# statement reads less: ids and hashes, by which it knows whether what it keeps of them is still true.
SEARCH = """select amenity, facts, named, category, region, latitude, longitude, verified, schedule,
    spot <-> point($1::float8, $2::float8) as sort_key
from catalog.shown
where category_number = hashtext($3::text) and spot is not null
order by spot <-> point($1::float8, $2::float8)
limit $4::int"""


class Bench(SideBySide):
    def __init__(self, options, programs):
        super().__init__(options)
        self.programs = programs
        self.prepare_catalogue()
        (self.category, self.id, self.latitude, self.longitude, self.x, self.y) = self.sql(
            """with most as (
                select category from catalog.shown where spot is not null group by 1 order by count(*) desc limit 1
            )
            select shown.category, amenity, latitude, longitude, spot[0], spot[1]
            from most join catalog.shown using (category) where spot is not null order by amenity limit 1""").split("|")

    def prepare_catalogue(self):
        done = subprocess.run(
            [self.options.amenity, "bench", "catalogue", "--amenities", str(self.options.amenities), "--keep",
             CATALOGUE.removeprefix("amenity_bench_"), "--rounds", "1", "--seconds", "1", "--database",
             self.cluster.conninfo("amenity", "amenity")],
            text=True, capture_output=True, cwd=self.options.root)
        if done.returncode:
            raise RuntimeError(done.stderr.strip())

    def sql(self, text):
        return self.cluster.sql(text, CATALOGUE)

    # What is measured: calls a second.

    def ours(self, port, method, params, connections, in_flight):
        done = subprocess.run(
            [self.options.amenity, "bench", "service", "--server", f"127.0.0.1:{port}", "--method", method, "--params",
             json.dumps(params), "--connections", str(connections), "--pipeline", str(in_flight), "--seconds",
             str(self.options.seconds), "--json"],
            text=True, capture_output=True, env={k: v for k, v in os.environ.items() if not k.startswith("AMENITY_")})
        if done.returncode:
            raise RuntimeError(done.stderr.strip())
        report = json.loads(done.stdout)
        if report["errors"]:
            raise RuntimeError(f"{method} was refused: {report}")
        return report["requests_per_second"]

    def redis(self, count, connections, in_flight, *command):
        done = subprocess.run(
            ["redis-benchmark", "-p", str(REDIS), "-c", str(connections), "-P", str(in_flight), "-n", str(count),
             "--csv", *command], text=True, capture_output=True, check=True)
        return float(done.stdout.strip().splitlines()[-1].split('","')[1].strip('"'))

    def pgbench(self, script, clients):
        count, seconds = self.cluster.pgbench(CATALOGUE, script, clients, self.options.seconds * 10_000 // clients)
        return count / seconds

    def fastapi(self):
        done = subprocess.run(
            ["wrk", "-t1", "-c8", f"-d{self.options.seconds}s",
             f"http://127.0.0.1:{FASTAPI}/search?x={self.x}&y={self.y}&category={self.category}&limit={ITEMS}"],
            text=True, capture_output=True, check=True)
        if "Non-2xx" in done.stdout:
            raise RuntimeError(done.stdout)
        return float(re.search(r"Requests/sec:\s+([\d.]+)", done.stdout)[1])

    def contenders(self):
        search = dict(near=dict(lat=float(self.latitude), lon=float(self.longitude)), radius_m=RADIUS,
                      categories=[self.category], limit=ITEMS)
        get = dict(id=self.id)
        for port, megabytes in ((HOT, 32), (COLD, 0)):
            self.start([pathlib.Path(self.options.amenity).with_name("amenityd"), "--database",
                        self.cluster.conninfo(CATALOGUE, "amenity"), "--listen", f"127.0.0.1:{port}", "--admin-listen",
                        f"127.0.0.1:{port + 1}", "--limits-exempt", "127.0.0.0/8", "--log-level", "warning",
                        "--hot-answers", str(megabytes)], port)
        all = {}
        has_redis = self.start_redis()
        for connections, in_flight in ((8, 1), (64, 1), (8, 16)):
            where = f"{connections} x {in_flight}"
            if has_redis:
                all[f"Redis: PING, {where}"] = lambda c=connections, f=in_flight: self.redis(
                    self.options.seconds * 80_000 * min(f, 8), c, f, "-t", "ping_mbulk")
            all[f"ours: ping, {where}"] = lambda c=connections, f=in_flight: self.ours(HOT, "system.ping", {}, c, f)
            all[f"ours: search from memory, {where}"] = lambda c=connections, f=in_flight: self.ours(
                HOT, "amenities.search", search, c, f)
            all[f"ours: get from memory, {where}"] = lambda c=connections, f=in_flight: self.ours(
                HOT, "amenities.get", get, c, f)
        if has_redis:
            all["Redis: GEOSEARCH, 8 x 1"] = lambda: self.redis(
                self.options.seconds * 10_000, 8, 1, "GEOSEARCH", "places", "FROMLONLAT", self.longitude, self.latitude,
                "BYRADIUS", str(RADIUS), "m", "ASC", "COUNT", str(ITEMS), "WITHDIST")
        if self.start_fastapi():
            all["FastAPI: search, 8 x 1"] = self.fastapi
        for name, method, params in (("search", "amenities.search", search), ("get", "amenities.get", get)):
            for connections, in_flight in ((8, 1), (64, 1), (8, 16)):
                all[f"ours: {name} made anew, {connections} x {in_flight}"] = \
                    lambda m=method, p=params, c=connections, f=in_flight: self.ours(COLD, m, p, c, f)
            script = self.script(name)
            for clients in (4, 8, 16):
                all[f"pgbench: {name}, {clients}"] = lambda s=script, c=clients: self.pgbench(s, c)
        return {name: run for name, run in all.items() if re.search(self.options.only, name)}

    # Preparations.

    def statement(self, name):
        return (self.options.root / f"db/queries/catalog/{name}.sql").read_text()

    def script(self, name):
        """The statement that the service sends, as pgbench takes it."""
        text, values = {
            "search": (SEARCH, [self.x, self.y, f"'{self.category}'", ITEMS + 1]),
            "get": (self.statement("amenity_record"), ["null", f"'{self.id}'"]),
        }[name]
        for number, value in enumerate(values, 1):
            text = text.replace(f"${number}::", f"({value})::")
        path = pathlib.Path(self.scratch.name) / f"{name}.sql"
        path.write_text(re.sub("^--.*\n", "", text, flags=re.MULTILINE))
        return path

    def start(self, command, port, **environment):
        program = subprocess.Popen(list(map(str, command)), env=os.environ | environment, stdout=subprocess.DEVNULL,
                                   cwd=pathlib.Path(__file__).parent)
        self.programs.callback(stop, program)
        self.cluster.beside.append(program.pid)
        # None of them says when it listens.
        for _ in range(300):
            with contextlib.suppress(OSError):
                return socket.create_connection(("127.0.0.1", port), 1).close()
            time.sleep(0.1)
        raise RuntimeError(f"{command[0]} does not listen on port {port}")

    def start_redis(self):
        if not shutil.which("redis-server") or not shutil.which("redis-benchmark"):
            return self.miss("Redis: redis-server and redis-benchmark are not installed")
        self.start(["redis-server", "--port", REDIS, "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"], REDIS)
        places = self.sql(f"select 'GEOADD places ' || longitude || ' ' || latitude || ' ' || amenity "
                          f"from catalog.shown where category = '{self.category}' and spot is not null")
        subprocess.run(["redis-cli", "-p", str(REDIS), "--pipe"], input=places + "\n", text=True, capture_output=True,
                       check=True)
        return True

    def start_fastapi(self):
        if not self.has_modules("fastapi, uvicorn, asyncpg"):
            return self.miss("FastAPI: VENV must name a virtual environment, made with `python3 -m venv DIR && "
                             "DIR/bin/pip install fastapi 'uvicorn[standard]' asyncpg`")
        if not shutil.which("wrk"):
            return self.miss("FastAPI: wrk is not installed")
        self.cluster.sql("alter role postgres password 'bench'", "postgres")
        self.start([self.python, "-m", "uvicorn", "search_by_fastapi:app", "--port", FASTAPI, "--no-access-log",
                    "--log-level", "warning"], FASTAPI, SEARCH=SEARCH,
                   DSN=f"postgresql://postgres:bench@/{CATALOGUE}?host={self.options.socket}&port={self.options.port}")
        return True


def stop(program):
    program.terminate()
    with contextlib.suppress(subprocess.TimeoutExpired):
        program.wait(10)
    program.kill()


def pgbench(name):
    return [f"pgbench: {name}, {clients}" for clients in (4, 8, 16)]


# What ours is held against: ours, theirs (the fastest counts), the ratio that is the goal (none: for orientation).
GOALS = [
    *[(f"ours: ping, {where}", [f"Redis: PING, {where}"], goal)
      for where, goal in (("8 x 1", 0.7), ("64 x 1", 0.7), ("8 x 16", 0.5))],
    *[(f"ours: {name} from memory, {where}", [f"ours: ping, {where}"], 0.5)
      for where in ("8 x 1", "64 x 1", "8 x 16") for name in ("search", "get")],
    ("ours: search from memory, 8 x 1", ["Redis: GEOSEARCH, 8 x 1"], 1.0),
    ("ours: search made anew, 8 x 1", ["FastAPI: search, 8 x 1"], 4),
    *[(f"ours: {name} made anew, {where}", pgbench(name), goal)
      for name, goal in (("get", 1.0), ("search", 0.85)) for where in ("8 x 1", "64 x 1", "8 x 16")],
]


def main():
    parser = parser_of(__doc__)
    parser.add_argument("--seconds", type=int, default=2, help="how long each is measured in a round (2)")
    parser.add_argument("--amenities", type=int, default=100_000, help="how many amenities (100,000)")
    options = parser.parse_args()
    options.rounds = options.rounds or 5
    with contextlib.ExitStack() as programs:
        bench = Bench(options, programs)
        contenders = bench.contenders()
        start = time.monotonic()
        rounds = run_rounds(contenders, options.rounds, bench.cluster, "calls/s")
    if options.json:
        pathlib.Path(options.json).write_text(json.dumps(dict(rounds=rounds), indent=1))
    print(speeds(rounds, "calls/s"), end="\n\n")
    print(table(["", "ours", "theirs", "ratio", "goal", "met"], ratios(rounds, GOALS)))
    for what in bench.missing:
        print(f"left out, {what}")
    print(f"\n{options.rounds} rounds in {time.monotonic() - start:.0f} s; {quietness(rounds)}")


if __name__ == "__main__":
    main()
