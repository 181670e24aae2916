import Catalog

/// What a call asks, whatever its id, its framing, its deadline and the order of its parameters.
///
/// Values stand in it as they were written: a call that spells a string with needless escapes only misses what it could have
/// hit.
struct HotKey: Hashable, Sendable {
    private let bytes: [UInt8]

    init(_ entry: MethodEntry, _ language: Language, _ arguments: Arguments) {
        var bytes = entry.nameBytes
        bytes.append(0)
        bytes.append(contentsOf: language.code.utf8)
        arguments.appendSource(to: &bytes)
        self.bytes = bytes
    }

    var size: Int { bytes.count }
}
