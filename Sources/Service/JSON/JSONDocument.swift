import NIOCore

/// A scanned text together with its bytes.
struct JSONDocument {
    private(set) var source = ByteBuffer()
    private var scanner = JSONScanner()

    /// The document of a text, for whoever has no scanner to reuse.
    init(_ source: ByteBuffer) throws(JSONFault) { try scan(source) }

    init() {}

    /// Replaces the text; the tape's memory is kept.
    mutating func scan(_ source: ByteBuffer) throws(JSONFault) {
        self.source = source
        try scanner.scan(source.readableBytesUInt8Span)
    }

    /// Lets go of the bytes; the tape's memory is kept.
    mutating func forget() { source = ByteBuffer() }

    var nodes: [JSONNode] { scanner.nodes }

    /// The value the text is.
    static let root = 0

    func kind(_ value: Int) -> JSONNode.Kind { scanner.nodes[value].kind }

    /// The index after the value and all that is in it.
    func after(_ value: Int) -> Int { Int(scanner.nodes[value].next) }

    /// The number of elements or members.
    func count(_ value: Int) -> Int { Int(scanner.nodes[value].count) }

    /// The value of an object's member; `nil` where there is none of this name, and for what is no object.
    func member(_ name: [UInt8], of value: Int) -> Int? {
        guard kind(value) == .object else { return nil }
        var member = value + 1
        while member < after(value) {
            if string(member, is: name) { return member + 1 }
            member = after(member + 1)
        }
        return nil
    }

    /// The first object inside the value, itself included, that names a member twice.
    func duplicate(in value: Int) -> Int? {
        // Almost every text has none, so this is a look at an empty array.
        scanner.duplicates.filter { $0 >= value && $0 < after(value) }.min()
    }

    /// The source bytes of a value, exactly as they came.
    func sourceBytes(_ value: Int) -> ByteBufferView {
        let node = scanner.nodes[value]
        let start = source.readerIndex + Int(node.start)
        return source.viewBytes(at: start, length: Int(node.end - node.start)) ?? ByteBufferView()
    }

    // MARK: Strings

    func isEscaped(_ value: Int) -> Bool { scanner.nodes[value].flags.contains(.escaped) }

    func holdsZero(_ value: Int) -> Bool { scanner.nodes[value].flags.contains(.zero) }

    /// The decoded length where it is the source's, an upper bound where there are escapes.
    func stringLength(_ value: Int) -> Int { Int(scanner.nodes[value].end - scanner.nodes[value].start) - 2 }

    func stringBytes(_ value: Int) -> [UInt8] {
        JSONString.decode(scanner.nodes[value], source.readableBytesUInt8Span)
    }

    func string(_ value: Int) -> String {
        let node = scanner.nodes[value]
        guard !node.flags.contains(.escaped) else { return String(decoding: stringBytes(value), as: UTF8.self) }
        return source.getString(at: source.readerIndex + Int(node.start) + 1, length: stringLength(value)) ?? ""
    }

    /// Whether a string has exactly these bytes. Never Swift's `==`, for which different bytes can be equal text.
    func string(_ value: Int, is bytes: [UInt8]) -> Bool {
        let node = scanner.nodes[value]
        guard !node.flags.contains(.escaped) else { return stringBytes(value) == bytes }
        guard stringLength(value) == bytes.count else { return false }
        let span = source.readableBytesUInt8Span
        let first = Int(node.start) + 1
        for offset in bytes.indices where span[first + offset] != bytes[offset] { return false }
        return true
    }

    // MARK: Numbers

    /// A number as an integer: also `20.0` and `2e1`, as JSON Schema has it.
    func integer(_ value: Int) -> Int? {
        let text = String(decoding: sourceBytes(value), as: UTF8.self)
        if let integer = Int(text) { return integer }
        guard let number = Double(text), let integer = Int(exactly: number), integer.magnitude <= 1 << 53 else {
            return nil
        }
        return integer
    }

    /// A number as a double; `nil` when it is too large for one.
    func double(_ value: Int) -> Double? {
        guard let number = Double(String(decoding: sourceBytes(value), as: UTF8.self)), number.isFinite else {
            return nil
        }
        return number
    }
}
