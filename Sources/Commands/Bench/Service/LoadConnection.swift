import Glibc

/// One connection of a load: so many requests under way, each sent anew when its answer is there.
///
/// With pointers, as ``Socket`` is, for the same reason; that one waits for each answer on a thread of its own, which would
/// measure the threads.
struct LoadConnection {
    let descriptor: Int32
    /// The request of each place, whole, with the place as its id.
    private let requests: [[UInt8]]
    /// When the request of a place was sent, in nanoseconds.
    private var sentAt: [Int64]
    private var outgoing: [UInt8] = []
    private var incoming: [UInt8] = []
    private var searched = 0

    /// What one look at the connection brought.
    struct Harvest {
        var answers = 0
        var errors = 0
        /// The first line that was an error.
        var error: String?
    }

    /// Why a load can't go on.
    enum Failure: Error {
        case closed
        case silent
        case system(Int32)
        case badReply(String)
    }

    /// Takes over a connected, non-blocking socket.
    init(descriptor: Int32, requests: [[UInt8]]) {
        self.descriptor = descriptor
        self.requests = requests
        sentAt = Array(repeating: 0, count: requests.count)
    }

    /// Whether there is something that the socket has not taken.
    var hasUnsent: Bool { !outgoing.isEmpty }

    /// Sends the request of every place.
    mutating func begin(at now: Int64) throws(Failure) {
        for place in requests.indices { send(place, at: now) }
        try flush()
    }

    /// Takes what has come, and answers each answer with the next request.
    mutating func exchange(_ histogram: inout LatencyHistogram, now: () -> Int64) throws(Failure) -> Harvest {
        var harvest = Harvest()
        var isThereMore = true
        while isThereMore {
            isThereMore = try receive()
            let moment = now()
            var start = 0
            while let end = incoming[searched...].firstIndex(of: 0x0A) {
                try take(incoming[start..<end], &harvest, &histogram, at: moment)
                start = end + 1
                searched = start
            }
            incoming.removeSubrange(..<start)
            searched = incoming.count
        }
        try flush()
        return harvest
    }

    /// Hands over what is still to be sent, as far as the socket takes it.
    mutating func flush() throws(Failure) {
        while !outgoing.isEmpty {
            let sent = unsafe outgoing.withUnsafeBytes {
                unsafe Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            if sent < 0 {
                guard errno == EAGAIN || errno == EINTR else { throw .system(errno) }
                return
            }
            outgoing.removeSubrange(..<sent)
        }
    }

    // MARK: Private

    private mutating func send(_ place: Int, at now: Int64) {
        outgoing += requests[place]
        sentAt[place] = now
    }

    /// Reads once; whether more may be there.
    private mutating func receive() throws(Failure) -> Bool {
        var failure: Int32 = 0
        let bytes = unsafe [UInt8](unsafeUninitializedCapacity: Self.chunk) { buffer, count in
            let read = unsafe recv(descriptor, buffer.baseAddress, buffer.count, 0)
            failure = read < 0 ? errno : 0
            count = max(read, 0)
        }
        switch failure {
        case 0 where bytes.isEmpty: throw .closed
        case 0:
            incoming += bytes
            return bytes.count == Self.chunk
        case EAGAIN, EINTR: return false
        default: throw .system(failure)
        }
    }

    /// The service puts the id first, and what kind of answer it is behind it: more need not be read of a reply.
    private mutating func take(
        _ line: ArraySlice<UInt8>,
        _ harvest: inout Harvest,
        _ histogram: inout LatencyHistogram,
        at now: Int64
    ) throws(Failure) {
        var place = 0
        let rest = line.dropFirst(Self.beginning.count)
        let digits = rest.prefix { (0x30...0x39).contains($0) }
        for digit in digits.prefix(9) { place = place * 10 + Int(digit - 0x30) }
        let kind = rest.dropFirst(digits.count + 2).first
        guard line.starts(with: Self.beginning), !digits.isEmpty, place < requests.count,
            kind == UInt8(ascii: "r") || kind == UInt8(ascii: "e")
        else { throw .badReply(String(decoding: line.prefix(200), as: UTF8.self)) }
        harvest.answers += 1
        if kind == UInt8(ascii: "e") {
            harvest.errors += 1
            if harvest.error == nil { harvest.error = String(decoding: line.prefix(400), as: UTF8.self) }
        }
        histogram.add(now - sentAt[place])
        send(place, at: now)
    }

    private static let chunk = 65_536
    private static let beginning = Array(#"{"jsonrpc":"2.0","id":"#.utf8)
}
