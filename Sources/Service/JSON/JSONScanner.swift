/// A strict scanner of RFC 8259 that builds a tape: iterative, so that no input can exhaust the stack, and reused, so that
/// a line costs no allocation once its connection is warm.
///
/// Foundation's parsers accept trailing commas, sniff encodings and change numbers; they also take 50 to 75 µs a call.
struct JSONScanner {
    private(set) var nodes: [JSONNode] = []
    /// Indices of the objects that name a member twice. Not a fault of the text: RFC 8259 leaves it open, and the caller
    /// answers it with an id.
    private(set) var duplicates: [Int] = []
    private var open: [Int] = []
    var index = 0

    /// Scans one whole text.
    mutating func scan(_ bytes: Span<UInt8>) throws(JSONFault) {
        nodes.removeAll(keepingCapacity: true)
        duplicates.removeAll(keepingCapacity: true)
        open.removeAll(keepingCapacity: true)
        index = 0
        var expectation = Expectation.value
        while true {
            skipWhitespace(bytes)
            guard let byte = peek(bytes) else {
                if expectation == .end { return }
                throw fault(nodes.isEmpty ? .empty : .unfinished)
            }
            switch expectation {
            case .end: throw fault(.trailing)
            case .value: expectation = try value(byte, bytes)
            case .valueOrClose: expectation = byte == .closeBracket ? close(bytes) : try value(byte, bytes)
            case .name: expectation = try name(byte, bytes)
            case .nameOrClose: expectation = byte == .closeBrace ? close(bytes) : try name(byte, bytes)
            case .commaOrClose: expectation = try commaOrClose(byte, bytes)
            }
        }
    }

    private enum Expectation {
        case value
        case valueOrClose
        case name
        case nameOrClose
        case commaOrClose
        case end
    }

    private mutating func value(_ byte: UInt8, _ bytes: Span<UInt8>) throws(JSONFault) -> Expectation {
        if let parent = open.last, nodes[parent].kind == .array { try count(in: parent) }
        var node = JSONNode(kind: .null, start: UInt32(truncatingIfNeeded: index))
        switch byte {
        case .openBrace, .openBracket:
            guard open.count < Self.maximumDepth else { throw fault(.tooDeep) }
            index += 1
            node.kind = byte == .openBrace ? .object : .array
            open.append(nodes.count)
            nodes.append(node)
            return byte == .openBrace ? .nameOrClose : .valueOrClose
        case .quote:
            node.kind = .string
            node.flags = try string(bytes)
        case UInt8(ascii: "-"), .zero ... .nine:
            node.kind = .number
            try number(bytes)
        case UInt8(ascii: "t"):
            node.kind = .true
            try literal("true", bytes)
        case UInt8(ascii: "f"):
            node.kind = .false
            try literal("false", bytes)
        case UInt8(ascii: "n"):
            node.kind = .null
            try literal("null", bytes)
        default: throw fault(.unexpectedByte)
        }
        append(node)
        return afterValue
    }

    private mutating func name(_ byte: UInt8, _ bytes: Span<UInt8>) throws(JSONFault) -> Expectation {
        guard byte == .quote else { throw fault(.unexpectedByte) }
        if let parent = open.last { try count(in: parent) }
        var node = JSONNode(kind: .string, start: UInt32(truncatingIfNeeded: index))
        node.flags = try string(bytes)
        append(node)
        skipWhitespace(bytes)
        guard peek(bytes) == UInt8(ascii: ":") else {
            throw fault(peek(bytes) == nil ? .unfinished : .unexpectedByte)
        }
        index += 1
        return .value
    }

    private mutating func commaOrClose(_ byte: UInt8, _ bytes: Span<UInt8>) throws(JSONFault) -> Expectation {
        guard let parent = open.last else { preconditionFailure("a comma is expected only inside a container") }
        let isObject = nodes[parent].kind == .object
        switch byte {
        case UInt8(ascii: ","):
            index += 1
            return isObject ? .name : .value
        case isObject ? .closeBrace : .closeBracket: return close(bytes)
        default: throw fault(.unexpectedByte)
        }
    }

    private mutating func close(_ bytes: Span<UInt8>) -> Expectation {
        index += 1
        let container = open.removeLast()
        nodes[container].end = UInt32(truncatingIfNeeded: index)
        nodes[container].next = UInt32(truncatingIfNeeded: nodes.count)
        if nodes[container].kind == .object, nodes[container].count > 1, namesRepeat(in: container, bytes) {
            nodes[container].flags.insert(.duplicate)
            duplicates.append(container)
        }
        return afterValue
    }

    private var afterValue: Expectation { open.isEmpty ? .end : .commaOrClose }

    private mutating func append(_ node: JSONNode) {
        var node = node
        node.end = UInt32(truncatingIfNeeded: index)
        node.next = UInt32(truncatingIfNeeded: nodes.count + 1)
        nodes.append(node)
    }

    private mutating func count(in parent: Int) throws(JSONFault) {
        if nodes[parent].count < .max { nodes[parent].count += 1 }
        guard nodes[parent].kind == .array || Int(nodes[parent].count) <= Self.maximumMembers else {
            throw fault(.tooManyMembers)
        }
    }

    // MARK: Repeated names

    private func namesRepeat(in object: Int, _ bytes: Span<UInt8>) -> Bool {
        var names: [Int] = []
        names.reserveCapacity(Int(nodes[object].count))
        var name = object + 1
        while name < Int(nodes[object].next) {
            names.append(name)
            name = Int(nodes[name + 1].next)
        }
        // Most objects have few members: comparing pairs costs less than hashing them.
        if names.count <= 12 {
            for later in 1..<names.count {
                for earlier in 0..<later where sameName(names[earlier], names[later], bytes) { return true }
            }
            return false
        }
        // Swift's hash is seeded per process, so names cannot be chosen to collide.
        var seen = Set<[UInt8]>(minimumCapacity: names.count)
        for name in names where !seen.insert(JSONString.decode(nodes[name], bytes)).inserted { return true }
        return false
    }

    private func sameName(_ left: Int, _ right: Int, _ bytes: Span<UInt8>) -> Bool {
        let (left, right) = (nodes[left], nodes[right])
        if left.flags.contains(.escaped) || right.flags.contains(.escaped) {
            return JSONString.decode(left, bytes) == JSONString.decode(right, bytes)
        }
        guard left.end - left.start == right.end - right.start else { return false }
        for offset in 0..<Int(left.end - left.start)
        where bytes[Int(left.start) + offset] != bytes[Int(right.start) + offset] { return false }
        return true
    }

    static let maximumDepth = 64
    static let maximumMembers = 1024
}
