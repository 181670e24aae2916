/// The parameters of one execution, encoded in binary into one buffer.
package struct Parameters: Sendable {
    /// Never empty: libpq takes a null pointer for NULL, so a zero-length value needs an address too.
    private var bytes: [UInt8] = [0]
    private var entries: [Entry] = []

    private struct Entry {
        let offset: Int32
        /// -1 for NULL.
        let length: Int32
        let type: UInt32
    }

    package init() {}

    /// Appends the next parameter; `nil` is sent as NULL of the value's type.
    package mutating func append<Value: PostgresEncodable>(_ value: Value?) {
        let offset = bytes.count
        guard let value else {
            entries.append(Entry(offset: Int32(offset), length: -1, type: Value.postgresType))
            return
        }
        value.encode(into: &bytes)
        entries.append(
            Entry(offset: Int32(offset), length: Int32(bytes.count - offset), type: Value.postgresType)
        )
    }

    var types: [UInt32] { entries.map(\.type) }
    var count: Int { entries.count }

    /// The C arrays of a `PQsend*` call; libpq copies them, so they need to live only during the call.
    func withPointers<R>(
        _ body: (
            Int32, UnsafePointer<UInt32>?, UnsafePointer<UnsafePointer<CChar>?>?, UnsafePointer<Int32>?,
            UnsafePointer<Int32>?
        ) -> R
    ) -> R {
        let count = entries.count
        return bytes.withUnsafeBytes { buffer in
            withUnsafeTemporaryAllocation(of: UnsafePointer<CChar>?.self, capacity: count) { values in
                withUnsafeTemporaryAllocation(of: Int32.self, capacity: count * 3) { numbers in
                    for (index, entry) in entries.enumerated() {
                        let start = buffer.baseAddress?.advanced(by: Int(entry.offset))
                            .assumingMemoryBound(to: CChar.self)
                        values.initializeElement(at: index, to: entry.length < 0 ? nil : start)
                        numbers.initializeElement(at: index, to: max(entry.length, 0))
                        numbers.initializeElement(at: count + index, to: 1)
                        numbers.initializeElement(at: 2 * count + index, to: Int32(bitPattern: entry.type))
                    }
                    guard let lengths = numbers.baseAddress, count > 0 else { return body(0, nil, nil, nil, nil) }
                    return (lengths + 2 * count).withMemoryRebound(to: UInt32.self, capacity: count) { types in
                        body(Int32(count), types, values.baseAddress, lengths, lengths + count)
                    }
                }
            }
        }
    }
}
