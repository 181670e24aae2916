/// Makes request ids: a random head for each connection and a number after it, so that they are unique among processes
/// and cost neither a lock nor a call into the kernel.
struct RequestIDs {
    private let head: String
    private var last = 0

    init(random: UInt64) {
        let digits = String(random & 0xFF_FFFF_FFFF, radix: 32)
        self.head = String(repeating: "0", count: max(0, 8 - digits.count)) + digits + "-"
    }

    mutating func next() -> String {
        last += 1
        return head + String(last, radix: 32)
    }
}
