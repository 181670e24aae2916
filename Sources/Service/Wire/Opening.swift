import NIOCore

/// What the first bytes of a connection say about who is there.
enum Opening: Equatable {
    /// More bytes are needed to tell.
    case undecided
    /// JSON, or what is to be answered as such.
    case text
    case headers
    case records
    case foreign(Framer.Foreign)

    init(_ bytes: ByteBufferView) {
        self = .text
        for (beginning, meaning) in Self.beginnings {
            guard zip(bytes, beginning).allSatisfy({ Self.fold($0, meaning) == $1 }) else { continue }
            self = bytes.count < beginning.count ? .undecided : meaning
            return
        }
    }

    private static let beginnings: [([UInt8], Opening)] =
        ["GET ", "POST ", "PUT ", "HEAD ", "OPTIONS ", "PRI ", "DELETE ", "PATCH ", "CONNECT ", "TRACE "].map {
            (Array($0.utf8), .foreign(.http))
        } + [
            (Array("content-".utf8), .headers),
            ([.recordSeparator], .records),
            // A handshake record of TLS 1.x: its type and the major version.
            ([0x16, 0x03], .foreign(.tls)),
        ]

    /// The names of headers are without case, HTTP's verbs are not.
    private static func fold(_ byte: UInt8, _ meaning: Opening) -> UInt8 {
        meaning == .headers && (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) ? byte | 0x20 : byte
    }
}
