/// Tells whether an answer is the one that a caller has already.
///
/// Of the answer's bytes, so that it changes if and only if the answer does, in each language apart. It need not withstand
/// an attacker, who could only spare himself an answer: so XXH64 (Collet, <https://xxhash.com>), which costs a fifth of a
/// nanosecond a byte where SHA-256 would cost as much as building the answer.
enum ETag {
    /// 13 characters of base 32.
    static func text(of answer: [UInt8]) -> String {
        let hash = hash(answer)
        return String(
            decoding: stride(from: 60, through: 0, by: -5).map { alphabet[Int(hash >> $0 & 31)] },
            as: UTF8.self
        )
    }

    /// XXH64 with seed 0.
    static func hash(_ bytes: [UInt8]) -> UInt64 {
        let span = bytes.span
        var index = 0
        var hash: UInt64
        if bytes.count >= 32 {
            var lanes = (prime1 &+ prime2, prime2, UInt64(0), 0 &- prime1)
            while index + 32 <= span.count {
                lanes.0 = round(lanes.0, span.word(at: index))
                lanes.1 = round(lanes.1, span.word(at: index + 8))
                lanes.2 = round(lanes.2, span.word(at: index + 16))
                lanes.3 = round(lanes.3, span.word(at: index + 24))
                index += 32
            }
            hash = turned(lanes.0, 1) &+ turned(lanes.1, 7) &+ turned(lanes.2, 12) &+ turned(lanes.3, 18)
            for lane in [lanes.0, lanes.1, lanes.2, lanes.3] {
                hash = (hash ^ round(0, lane)) &* prime1 &+ prime4
            }
        } else {
            hash = prime5
        }
        return avalanche(rest(span, from: index, hash &+ UInt64(bytes.count)))
    }

    /// What is less than a stripe.
    private static func rest(_ span: Span<UInt8>, from start: Int, _ hash: UInt64) -> UInt64 {
        var (index, hash) = (start, hash)
        while index + 8 <= span.count {
            hash = turned(hash ^ round(0, span.word(at: index)), 27) &* prime1 &+ prime4
            index += 8
        }
        if index + 4 <= span.count {
            let half = (0..<4).reduce(UInt64(0)) { $0 | UInt64(span[index + $1]) << UInt64(8 * $1) }
            hash = turned(hash ^ half &* prime1, 23) &* prime2 &+ prime3
            index += 4
        }
        while index < span.count {
            hash = turned(hash ^ UInt64(span[index]) &* prime5, 11) &* prime1
            index += 1
        }
        return hash
    }

    private static func avalanche(_ value: UInt64) -> UInt64 {
        var hash = value
        hash = (hash ^ hash >> 33) &* prime2
        hash = (hash ^ hash >> 29) &* prime3
        return hash ^ hash >> 32
    }

    private static func round(_ lane: UInt64, _ word: UInt64) -> UInt64 { turned(lane &+ word &* prime2, 31) &* prime1 }

    private static func turned(_ word: UInt64, _ bits: UInt64) -> UInt64 { word << bits | word >> (64 - bits) }

    private static let alphabet = Array("abcdefghijklmnopqrstuvwxyz234567".utf8)
    private static let prime1: UInt64 = 0x9e37_79b1_85eb_ca87
    private static let prime2: UInt64 = 0xc2b2_ae3d_27d4_eb4f
    private static let prime3: UInt64 = 0x1656_67b1_9e37_79f9
    private static let prime4: UInt64 = 0x85eb_ca77_c2b2_ae63
    private static let prime5: UInt64 = 0x27d4_eb2f_1656_67c5
}

extension Span<UInt8> {
    /// Eight bytes, little-endian; spelt out, which the compiler makes one load of.
    @inline(__always)
    func word(at index: Int) -> UInt64 {
        let low =
            UInt64(self[index]) | UInt64(self[index + 1]) << 8 | UInt64(self[index + 2]) << 16
            | UInt64(self[index + 3]) << 24
        let high =
            UInt64(self[index + 4]) | UInt64(self[index + 5]) << 8 | UInt64(self[index + 6]) << 16
            | UInt64(self[index + 7]) << 24
        return low | high << 32
    }
}
