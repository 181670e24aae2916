import NIOCore

/// Messages that are lines, and values that nothing ends but their brackets.
extension Framer {
    /// One line. A line that has come whole is one message, whatever stands in it.
    mutating func nextLine() -> Step {
        let view = pending.readableBytesView
        guard let lineFeed = view.dropFirst(searched).firstIndex(of: .lineFeed) else { return partOfLine(view) }
        let length = lineFeed - view.startIndex
        if !isSkipping, !isSettled, framing == .auto, Self.isLoneBracket(view.prefix(length)) {
            // Whoever writes the first bracket on a line of its own writes the rest on lines of their own too.
            mode = .concatenated
            return .again
        }
        return endOfLine(length)
    }

    /// A line's end has come: its message, unless it is too long or blank.
    private mutating func endOfLine(_ length: Int) -> Step {
        guard !isSkipping, !isTooLong(length) else {
            let wasSkipping = isSkipping
            isSkipping = false
            drop(length + 1)
            return wasSkipping ? .again : .frame(.tooLong)
        }
        let line = cut(length, dropping: 1)
        return frame(of: line, .lineFeed).map { .frame($0) } ?? .again
    }

    /// No LF is in sight. A value that is complete is not kept waiting for one.
    private mutating func partOfLine(_ view: ByteBufferView) -> Step {
        if framing == .auto, !isSkipping, case .closed(let end) = brackets.advance(over: view) {
            let next = view.dropFirst(end).first { $0 != 0x20 && $0 != 0x09 }
            if next.map(\.opensContainer) ?? true, end <= limit {
                // Who has sent lines reads lines.
                guard !isSettled else { return .frame(.message(cut(end), .lineFeed)) }
                mode = .value
                return .frame(.message(cut(end), .emptyLine))
            }
        }
        return keepPart()
    }

    /// A message without its end: it is remembered how far that was looked for, and what is too long already is given up.
    private mutating func keepPart() -> Step {
        searched = pending.readableBytes
        guard !isSkipping else {
            drop(searched)
            return .starved
        }
        guard searched > 0, isTooLong(searched) else { return .starved }
        isSkipping = true
        drop(searched)
        return .frame(.tooLong)
    }

    /// A value as far as its bracket, or else a line.
    mutating func nextValueOrLine() -> Step {
        let view = pending.readableBytesView
        let lineFeed = view.dropFirst(searched).firstIndex(of: .lineFeed)
        let lineEnd = lineFeed ?? view.endIndex
        if !isSkipping, case .closed(let end) = brackets.advance(over: view[..<lineEnd]) {
            return endOfValue(end)
        }
        guard let lineFeed else { return keepPart() }
        return endOfLine(lineFeed - view.startIndex)
    }

    /// The value's bracket has closed.
    private mutating func endOfValue(_ end: Int) -> Step {
        let blank = pending.readableBytesView.dropFirst(end).prefix(while: \.isBlank)
        let isLine = pending.readableBytesView[at: end + blank.count] == .lineFeed
        guard end <= limit else { return giveUp() }
        guard isLine else { return .frame(.message(cut(end), .emptyLine)) }
        let style: FrameStyle = blank.last == .carriageReturn ? .carriageReturnLineFeed : .lineFeed
        return .frame(.message(cut(end, dropping: blank.count + 1), style))
    }

    /// A value that may have many lines.
    mutating func nextValue() -> Step {
        guard !isSkipping else { return skipToBracket() }
        let view = pending.readableBytesView
        switch brackets.advance(over: view) {
        case .blank:
            drop(view.count)
            return .starved
        case .open: return view.count > limit ? giveUp() : .starved
        case .closed(let end): return endOfValue(end)
        case .broken(let place): return place < limit ? endOfBroken(at: place) : giveUp()
        }
    }

    /// A value is too long, whether or not the rest of it has come: from here on the next is looked for.
    private mutating func giveUp() -> Step {
        isSkipping = true
        drop(limit + 1)
        return .frame(.tooLong)
    }

    /// What was no JSON is handed out for its refusal, and the next message is looked for at the start of a line: there
    /// whoever writes on many lines has the outermost brackets alone.
    private mutating func endOfBroken(at place: Int) -> Step {
        let view = pending.readableBytesView
        let isNewMessage = place > 0 && view[at: place - 1] == .lineFeed && view[at: place]?.opensContainer == true
        // If the very first message was none, its sender may mean lines after all.
        if !isSettled, framing == .auto { mode = .line }
        isSkipping = !isNewMessage && view[at: place] != .lineFeed
        return .frame(.message(cut(isNewMessage ? place : place + 1), .lineFeed))
    }

    private mutating func skipToBracket() -> Step {
        let view = pending.readableBytesView
        guard let lineFeed = view.firstIndex(of: .lineFeed) else {
            drop(view.count)
            return .starved
        }
        let length = lineFeed - view.startIndex
        guard let next = view[at: length + 1] else {
            // What follows this LF decides: it is kept.
            drop(length)
            return .starved
        }
        drop(length + 1)
        isSkipping = !next.opensContainer
        return .again
    }

    /// Whether all that has come is a bracket on a first line of its own: the beginning of many lines, or a line that is
    /// broken. Whoever writes many lines writes them in one go.
    var isHesitating: Bool {
        guard mode == .concatenated, framing == .auto, !isSettled, let last = pending.readableBytesView.last else {
            return false
        }
        return last == .lineFeed && Self.isLoneBracket(pending.readableBytesView.dropLast())
    }

    /// Takes the bracket on a line of its own for a broken line, since nothing has followed it.
    mutating func takeBracketForLine() {
        mode = .line
        isSettled = true
        searched = 0
        brackets = BracketScanner()
    }

    private static func isLoneBracket(_ line: ByteBufferView) -> Bool {
        guard line.count <= 8, let first = line.first(where: { !$0.isBlank }), first.opensContainer else {
            return false
        }
        return line.count { !$0.isBlank } == 1
    }
}
