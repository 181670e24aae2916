/// A one-dimensional array, sent to `= any($1)` and `unnest($1)` and read from array columns without NULLs.
package struct PostgresArray<Element: PostgresArrayElement>: PostgresCodable {
    package let elements: [Element]

    package init(_ elements: [Element]) { self.elements = elements }

    package static var postgresType: UInt32 { Element.postgresArrayType }

    package func encode(into bytes: inout [UInt8]) {
        encodeArray(elements.lazy.map(Optional.some), hasNulls: false, into: &bytes)
    }

    package init?(postgres bytes: UnsafeRawBufferPointer) {
        var rest = bytes
        guard let dimensions = rest.takeInt32(), rest.takeInt32() != nil, let type = rest.takeInt32(),
            Element.accepts(type: UInt32(bitPattern: type))
        else { return nil }
        guard dimensions != 0 else {
            guard rest.isEmpty else { return nil }
            self.init([])
            return
        }
        guard dimensions == 1, let count = rest.takeInt32(), count >= 0, rest.takeInt32() != nil else { return nil }
        var elements: [Element] = []
        for _ in 0..<count {
            guard let length = rest.takeInt32(), length >= 0, Int(length) <= rest.count,
                let element = Element(postgres: UnsafeRawBufferPointer(rebasing: rest.prefix(Int(length))))
            else { return nil }
            elements.append(element)
            rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(Int(length)))
        }
        guard rest.isEmpty else { return nil }
        self.init(elements)
    }
}

/// A one-dimensional array in which some elements are NULL, for parameters.
package struct PostgresSparseArray<Element: PostgresArrayElement>: PostgresEncodable {
    package let elements: [Element?]

    package init(_ elements: [Element?]) { self.elements = elements }

    package static var postgresType: UInt32 { Element.postgresArrayType }

    package func encode(into bytes: inout [UInt8]) {
        encodeArray(elements, hasNulls: elements.contains { $0 == nil }, into: &bytes)
    }
}

private func encodeArray<Element: PostgresArrayElement>(
    _ elements: some Collection<Element?>,
    hasNulls: Bool,
    into bytes: inout [UInt8]
) {
    Int32(elements.isEmpty ? 0 : 1).appendBigEndian(to: &bytes)
    Int32(hasNulls ? 1 : 0).appendBigEndian(to: &bytes)
    Element.postgresType.appendBigEndian(to: &bytes)
    guard !elements.isEmpty else { return }
    Int32(elements.count).appendBigEndian(to: &bytes)
    Int32(1).appendBigEndian(to: &bytes)
    for element in elements {
        guard let element else {
            Int32(-1).appendBigEndian(to: &bytes)
            continue
        }
        let start = bytes.count
        Int32(0).appendBigEndian(to: &bytes)
        element.encode(into: &bytes)
        // Byte by byte: replacing a range costs more than the rest of a small element.
        let length = UInt32(truncatingIfNeeded: bytes.count - start - 4)
        for place in 0..<4 { bytes[start + place] = UInt8(truncatingIfNeeded: length >> (24 - 8 * UInt32(place))) }
    }
}

extension UnsafeRawBufferPointer {
    fileprivate mutating func takeInt32() -> Int32? {
        guard count >= 4 else { return nil }
        defer { self = UnsafeRawBufferPointer(rebasing: dropFirst(4)) }
        return Int32(bigEndian: loadUnaligned(as: Int32.self))
    }
}
