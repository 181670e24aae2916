import Dispatch
import Glibc

/// A closed-loop load on the service: connections that each keep so many requests under way, driven by one thread, as
/// redis-benchmark and pgbench do it.
struct ServiceLoad {
    let address: ServerAddress
    let connections: Int
    let pipeline: Int
    let method: String
    let params: JSONValue
    let token: String?
    let warmUp: Duration
    let time: Duration

    /// Runs the load on a thread that may wait. A service too slow to answer within ``time`` is measured by the first
    /// answer that it gives after it.
    ///
    /// - Throws: ``CommandFailure`` when the service can't be reached, is lost, says what no service of ours says, or
    ///   nothing for a minute.
    func run() async throws -> ServiceLoadReport {
        try await Socket.blocking(on: DispatchQueue(label: "amenity.load")) { Result { try measure() } }
    }

    private func measure() throws -> ServiceLoadReport {
        var loads = try connect()
        defer { for load in loads { _ = Glibc.close(load.descriptor) } }
        do {
            return try drive(&loads)
        } catch let failure as LoadConnection.Failure {
            switch failure {
            case .closed: throw CommandFailure(.busy, "the service closed a connection: has it too many already?")
            case .system(let code):
                throw CommandFailure(.busy, "a connection was lost: \(unsafe String(cString: strerror(code))).")
            case .silent: throw CommandFailure(.busy, "the service answered nothing for a minute.")
            case .badReply(let line): throw CommandFailure(.failed, "a reply is not of this service: \(line)")
            }
        }
    }

    private func connect() throws -> [LoadConnection] {
        let requests = (0..<pipeline).map { place -> [UInt8] in
            guard case .object(let members) = Client.request(method, params, token: token) else { return [] }
            let numbered = members.map {
                $0.name == "id" ? JSONValue.Member(name: "id", value: .integer(place)) : $0
            }
            return Array(JSONValue.object(numbered).text.utf8) + [0x0A]
        }
        do {
            return try (0..<connections).map { _ in
                let descriptor = try Socket.open(address.host, address.port, until: .now + .seconds(5))
                // Else the kernel waits for more before it sends a small request.
                var isOn: Int32 = 1
                _ = unsafe setsockopt(
                    descriptor,
                    Int32(IPPROTO_TCP),
                    TCP_NODELAY,
                    &isOn,
                    socklen_t(MemoryLayout<Int32>.size)
                )
                return LoadConnection(descriptor: descriptor, requests: requests)
            }
        } catch let failure as Socket.Failure {
            throw CommandFailure(.busy, "the service at \(address) can't be reached: \(failure.reason).")
        }
    }

    private func drive(_ loads: inout [LoadConnection]) throws -> ServiceLoadReport {
        var histogram = LatencyHistogram()
        var report = ServiceLoadReport(load: self)
        for index in loads.indices { try loads[index].begin(at: Self.now()) }
        let start = Self.now() + warmUp.nanoseconds
        let end = start + time.nanoseconds
        var isWarm = false
        var entries = loads.map { pollfd(fd: $0.descriptor, events: Int16(POLLIN), revents: 0) }
        var moment = Self.now()
        while moment < end || report.answers == 0 {
            guard moment < end + Duration.seconds(60).nanoseconds else { throw LoadConnection.Failure.silent }
            let ready = unsafe poll(&entries, nfds_t(entries.count), 100)
            guard ready >= 0 || errno == EINTR else { throw LoadConnection.Failure.system(errno) }
            moment = Self.now()
            if !isWarm, moment >= start {
                isWarm = true
                histogram = LatencyHistogram()
                report = ServiceLoadReport(load: self)
            }
            for index in entries.indices where entries[index].revents != 0 {
                let harvest = try loads[index].exchange(&histogram, now: Self.now)
                report.count(harvest)
                entries[index].events = Int16(loads[index].hasUnsent ? POLLIN | POLLOUT : POLLIN)
            }
        }
        report.seconds = Double(Self.now() - start) / 1e9
        report.waits = histogram
        return report
    }

    /// Nanoseconds of a monotonic clock. The kernel's own, since it is asked for each batch of replies.
    private static func now() -> Int64 {
        var time = timespec()
        _ = unsafe clock_gettime(CLOCK_MONOTONIC, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }
}

extension Duration {
    fileprivate var nanoseconds: Int64 { components.seconds * 1_000_000_000 + components.attoseconds / 1_000_000_000 }
}
