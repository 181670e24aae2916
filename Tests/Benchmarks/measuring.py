"""What the side-by-side benches share: a cluster, pgbench, a look at who else uses the processors, a table."""
import argparse
import os
import pathlib
import re
import resource
import statistics
import subprocess
import sys
import tempfile
import time

TICK = os.sysconf("SC_CLK_TCK")


def median(values):
    return statistics.median(values)


def parser_of(description):
    """The options that every side-by-side bench has; ./dev gives those without help."""
    parser = argparse.ArgumentParser(description=description.splitlines()[0])
    parser.add_argument("--rounds", type=int, help="how many rounds")
    parser.add_argument("--only", default="", metavar="REGEX", help="contenders whose name matches")
    parser.add_argument("--json", metavar="FILE", help="also write every round's figures there")
    for name in ("amenity", "socket", "port", "data"):
        parser.add_argument("--" + name, required=True, help=argparse.SUPPRESS)
    parser.add_argument("--root", type=pathlib.Path, default=pathlib.Path(__file__).parents[2], help=argparse.SUPPRESS)
    return parser


class Cluster:
    """A PostgreSQL server that nobody else uses, reached over its socket without a password."""

    def __init__(self, socket, port, data):
        self.socket, self.port, self.data = socket, port, data
        # Other servers that are measured, by process id: they are not others either.
        self.beside = []

    def conninfo(self, database, user="postgres"):
        return f"host={self.socket} port={self.port} dbname={database} user={user}"

    def sql(self, text, database):
        done = subprocess.run(
            ["psql", "-XqAt", "-v", "ON_ERROR_STOP=1", "-d", self.conninfo(database), "-f", "-"],
            input=text, text=True, capture_output=True)
        if done.returncode:
            raise RuntimeError(done.stderr.strip()[-2000:])
        return done.stdout.strip()

    def wal(self, database):
        return int(self.sql("select pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0')::bigint", database))

    def pgbench(self, database, script, clients, transactions, defines=()):
        """Runs a script over prepared statements; returns (transactions, seconds) without the time to connect."""
        command = ["pgbench", "-n", "-M", "prepared", "-c", str(clients), "-j", str(min(clients, 2)),
                   "-t", str(transactions), "-f", str(script)]
        for define in defines:
            command += ["-D", define]
        done = subprocess.run(command + [self.conninfo(database)], text=True, capture_output=True)
        if done.returncode:
            raise RuntimeError((done.stderr + done.stdout).strip()[-2000:])
        count = int(re.search(r"transactions actually processed: (\d+)", done.stdout)[1])
        rate = float(re.search(r"tps = ([\d.]+) \(without", done.stdout)[1])
        return count, count / rate

    def seconds(self):
        """Processor time of the cluster, of backends that have ended too, and of what is measured beside it."""
        with open(f"{self.data}/postmaster.pid") as file:
            postmaster = int(file.readline())
        total = 0
        for name in filter(str.isdigit, os.listdir("/proc")):
            stat = read_stat(name)
            if stat and int(name) == postmaster:
                total += sum(map(int, stat[11:15]))
            elif stat and (int(stat[1]) == postmaster or int(name) in self.beside):
                total += sum(map(int, stat[11:13]))
        return total / TICK


class SideBySide:
    """What a bench of ours beside others has to hand; VENV names the Python environment of the others' clients."""

    def __init__(self, options):
        self.options = options
        self.cluster = Cluster(options.socket, options.port, options.data)
        self.python = pathlib.Path(os.environ.get("VENV", "/nowhere")) / "bin/python"
        self.scratch = tempfile.TemporaryDirectory()
        self.missing = []

    def has_modules(self, names):
        return self.python.exists() and not subprocess.run(
            [self.python, "-c", f"import {names}"], capture_output=True).returncode

    def miss(self, what):
        """Says what is left out; false, for whoever asks whether it is there."""
        self.missing.append(what)
        print(f"left out, {what}", file=sys.stderr, flush=True)
        return False


def read_stat(process):
    """The fields of /proc/PID/stat after the name."""
    try:
        with open(f"/proc/{process}/stat") as file:
            text = file.read()
    except OSError:
        return None
    return text[text.rindex(")") + 2:].split()


class Others:
    """How many cores everybody but the cluster and this script's children kept busy: above 0.25 a figure is not one
    of a quiet machine."""

    def __init__(self, cluster):
        self.cluster = cluster

    def __enter__(self):
        self.start, self.before = time.monotonic(), self.used()
        return self

    def __exit__(self, *_):
        self.seconds = time.monotonic() - self.start
        busy, ours = (after - before for after, before in zip(self.used(), self.before))
        self.cores = max(0.0, busy - ours) / max(self.seconds, 0.01)

    def used(self):
        with open("/proc/stat") as file:
            user, nice, system = map(int, file.readline().split()[1:4])
        usages = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
        ours = sum(usage.ru_utime + usage.ru_stime for usage in usages) + self.cluster.seconds()
        return (user + nice + system) / TICK, ours


def run_rounds(contenders, rounds, cluster, unit):
    """Measures all contenders in each round, forwards and backwards in turn, so that what drifts hits all alike. A
    contender is a name and a function that returns a speed, or a speed and bytes of WAL each."""
    figures = {name: [] for name in contenders}
    for number in range(rounds):
        for name in list(contenders)[:: -1 if number % 2 else 1]:
            os.sync()  # what the last one left to be written is not this one's
            with Others(cluster) as others:
                figure = contenders[name]()
            speed, wal = figure if isinstance(figure, tuple) else (figure, None)
            figures[name].append(dict(speed=speed, wal=wal, others=round(others.cores, 2)))
            print(f"  {number + 1}/{rounds} {name}: {speed:,.0f} {unit}"
                  f" ({others.seconds:.1f} s, others {others.cores:.2f} cores)", file=sys.stderr, flush=True)
    return figures


def verdict(is_met):
    return "yes" if is_met else "NO"


def ratios(rounds, goals):
    """Rows of the table of goals: what, ours, theirs, ratio, goal, whether it is met. A goal names ours, theirs (the
    fastest of those that were measured counts) and the ratio, or None where it is for orientation only."""
    medians = {name: median([figure["speed"] for figure in figures]) for name, figures in rounds.items()}
    rows = []
    for ours, theirs, goal in goals:
        known = [name for name in theirs if name in medians]
        if ours not in medians or not known:
            continue
        best = max(known, key=medians.get)
        # A ratio a round, since a round's figures were taken close to each other; its median is less at the mercy of
        # one noisy minute than the ratio of two medians.
        ratio = median([mine["speed"] / other["speed"] for mine, other in zip(rounds[ours], rounds[best])])
        rows.append([f"{ours} / {best}", f"{medians[ours]:,.0f}", f"{medians[best]:,.0f}", f"{ratio:.2f}",
                     f">= {goal}" if goal else "", verdict(ratio >= goal) if goal else ""])
    return rows


def speeds(rounds, unit):
    """A table of what was measured."""
    rows = []
    for name, figures in rounds.items():
        speeds = [figure["speed"] for figure in figures]
        wal = [figure["wal"] for figure in figures if figure["wal"] is not None]
        rows.append([name, f"{median(speeds):,.0f}", f"{min(speeds):,.0f}", f"{max(speeds):,.0f}",
                     f"{median(wal):.0f}" if wal else "", f"{median([figure['others'] for figure in figures]):.2f}"])
    return table(["", unit, "least", "most", "WAL each", "others"], rows)


def quietness(rounds):
    """What to make of the figures, in words."""
    others = median([figure["others"] for figures in rounds.values() for figure in figures] or [0])
    return (f"others kept {others:.2f} cores busy"
            f" ({'a quiet machine' if others < 0.25 else 'NOT a quiet machine: quote ratios only'})")


def table(headings, rows):
    """Columns as wide as their widest cell; the first is text, the others figures."""
    rows = [headings] + [[str(cell) for cell in row] for row in rows]
    widths = [max(len(row[column]) for row in rows) for column in range(len(headings))]
    lines = []
    for row in rows:
        cells = [row[0].ljust(widths[0])] + [cell.rjust(width) for cell, width in zip(row[1:], widths[1:])]
        lines.append("  ".join(cells).rstrip())
    return "\n".join(lines)
