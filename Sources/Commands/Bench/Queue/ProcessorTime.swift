import FoundationEssentials
import Glibc

/// Seconds of processor time that processes of this machine have used.
enum ProcessorTime {
    /// Of a process that is alive, with all its threads, to the nanosecond; `nil` where there is none.
    static func seconds(of process: pid_t) -> Double? {
        var clock = clockid_t()
        var time = timespec()
        // Both are written to only while the calls run.
        guard unsafe clock_getcpuclockid(process, &clock) == 0, unsafe clock_gettime(clock, &time) == 0 else {
            return nil
        }
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }

    /// Of a PostgreSQL server: its first process, the backends that are alive, and those that have ended.
    static func seconds(ofServer postmaster: pid_t) -> Double? {
        guard let own = seconds(of: postmaster), let ended = Stat(postmaster)?.secondsOfEndedChildren
        else { return nil }
        let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        let backends = names.compactMap { pid_t($0) }.filter { Stat($0)?.parent == postmaster }
        return backends.reduce(own + ended) { $0 + (seconds(of: $1) ?? 0) }
    }

    /// The first process of the server that a backend belongs to; `nil` where that runs on another machine.
    static func postmaster(ofBackend backend: pid_t) -> pid_t? {
        guard let stat = Stat(backend), stat.name == "postgres", Stat(stat.parent)?.name == "postgres"
        else { return nil }
        return stat.parent
    }

    /// `/proc/PID/stat`, as in proc(5).
    private struct Stat {
        let name: String
        let parent: pid_t
        let secondsOfEndedChildren: Double

        init?(_ process: pid_t) {
            guard let text = try? String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8),
                let start = text.firstIndex(of: "("), let end = text.lastIndex(of: ")")
            else { return nil }
            // The name may hold anything; the first field after it is the third.
            let fields = text[text.index(after: end)...].split(separator: " ")
            guard fields.count > 14, let parent = pid_t(fields[1]), let user = Int(fields[13]),
                let system = Int(fields[14])
            else { return nil }
            self.name = String(text[text.index(after: start)..<end])
            self.parent = parent
            self.secondsOfEndedChildren = Double(user + system) / Double(sysconf(Int32(_SC_CLK_TCK)))
        }
    }
}
