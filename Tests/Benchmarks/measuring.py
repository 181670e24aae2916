"""What the side-by-side benches share: a cluster, pgbench, a look at who else uses the processors, a table."""
import os
import re
import resource
import statistics
import subprocess
import time

TICK = os.sysconf("SC_CLK_TCK")


def median(values):
    return statistics.median(values)


class Cluster:
    """A PostgreSQL server that nobody else uses, reached over its socket without a password."""

    def __init__(self, socket, port, data):
        self.socket, self.port, self.data = socket, port, data

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
        """Processor time of the cluster, of backends that have ended too."""
        with open(f"{self.data}/postmaster.pid") as file:
            postmaster = int(file.readline())
        total = 0
        for name in filter(str.isdigit, os.listdir("/proc")):
            stat = read_stat(name)
            if stat and int(name) == postmaster:
                total += sum(map(int, stat[11:15]))
            elif stat and int(stat[1]) == postmaster:
                total += sum(map(int, stat[11:13]))
        return total / TICK


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


def table(headings, rows):
    """Columns as wide as their widest cell; the first is text, the others figures."""
    rows = [headings] + [[str(cell) for cell in row] for row in rows]
    widths = [max(len(row[column]) for row in rows) for column in range(len(headings))]
    lines = []
    for row in rows:
        cells = [row[0].ljust(widths[0])] + [cell.rjust(width) for cell, width in zip(row[1:], widths[1:])]
        lines.append("  ".join(cells).rstrip())
    return "\n".join(lines)
