import Dispatch
import FoundationEssentials
import Glibc

/// The terminal as a whole, taken over for a live view and given back as it was.
///
/// Keys come at once and are not shown, and Ctrl-C is a key; what was on the terminal comes back when the view is closed.
final class Screen {
    /// What ends the view.
    enum Wish: Sendable {
        case quit
        /// Ctrl-C, or a signal that asks for an end.
        case interrupt
    }

    /// A line of the view.
    struct Line: Equatable {
        var text: String
        var isStrong = false
    }

    /// Whether stdout is a terminal that can be drawn on.
    static var isAvailable: Bool {
        isatty(STDOUT_FILENO) == 1 && ProcessInfo.processInfo.environment["TERM"] != "dumb"
    }

    /// How the terminal was; `nil` where the keys come from elsewhere.
    private let before: termios?
    private let sources: [any DispatchSourceProtocol]

    private static let enter = "\u{1B}[?1049h\u{1B}[?25l"
    private static let leave = "\u{1B}[?25h\u{1B}[?1049l"

    /// Takes the terminal over. Call ``close()`` whatever happens.
    ///
    /// - Parameter wish: called from any thread.
    init(_ wish: @escaping @Sendable (Wish) -> Void) {
        before = Self.makeKeysImmediate()
        var sources: [any DispatchSourceProtocol] = [SIGINT, SIGTERM, SIGHUP].map { signal in
            let source = DispatchSource.makeSignalSource(signal: signal, queue: .global())
            source.setEventHandler { wish(.interrupt) }
            return source
        }
        if before != nil {
            let keys = DispatchSource.makeReadSource(fileDescriptor: STDIN_FILENO, queue: .global())
            keys.setEventHandler {
                if let wanted = Self.wish(in: Self.readKeys()) { wish(wanted) }
            }
            sources.append(keys)
        }
        self.sources = sources
        for source in sources { source.resume() }
        Terminal.command(Self.enter)
    }

    /// Gives the terminal back.
    func close() {
        for source in sources { source.cancel() }
        Terminal.command(Self.leave)
        guard var before else { return }
        // The structure is ours and is only read.
        _ = unsafe tcsetattr(STDIN_FILENO, TCSADRAIN, &before)
    }

    /// Draws the lines over those before; what does not fit is left out, and said to be.
    func draw(_ lines: [Line]) {
        let (columns, rows) = Self.size
        let text = Self.fitted(lines, columns: columns, rows: rows).map { line in
            line.isStrong ? Terminal.bold(line.text) : line.text
        }
        Terminal.command("\u{1B}[H" + text.map { $0 + "\u{1B}[K" }.joined(separator: "\r\n") + "\u{1B}[J")
    }

    /// The lines that fit, cut to the width and made harmless.
    static func fitted(_ lines: [Line], columns: Int, rows: Int) -> [Line] {
        var shown = lines
        if lines.count > rows {
            shown = lines.prefix(max(0, rows - 1)) + [Line(text: "… \(lines.count - rows + 1) more lines")]
        }
        return shown.map { line in
            let text = Terminal.harmless(line.text).replacing("\n", with: " ")
            return Line(text: text.truncated(to: columns), isStrong: line.isStrong)
        }
    }

    /// What the keys ask for; `nil` for nothing. No keys at all means that whoever typed is gone.
    static func wish(in keys: [UInt8]) -> Wish? {
        if keys.contains(0x03) { return .interrupt }
        return keys.isEmpty || keys.contains(UInt8(ascii: "q")) || keys.contains(UInt8(ascii: "Q")) ? .quit : nil
    }

    // MARK: The terminal

    private static var size: (columns: Int, rows: Int) {
        var size = winsize()
        // The structure is ours, and the call fills it.
        guard unsafe ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0, size.ws_row > 0 else {
            return (80, 24)
        }
        return (Int(size.ws_col), Int(size.ws_row))
    }

    /// Has keys come one by one, unseen, and without those that make signals.
    ///
    /// - Returns: how the terminal was; `nil` where stdin is none.
    private static func makeKeysImmediate() -> termios? {
        var before = termios()
        // The structure is ours, and the call fills it.
        guard unsafe tcgetattr(STDIN_FILENO, &before) == 0 else { return nil }
        var raw = before
        raw.c_lflag &= ~tcflag_t(ICANON | ECHO | ISIG)
        _ = unsafe tcsetattr(STDIN_FILENO, TCSADRAIN, &raw)
        return before
    }

    private static func readKeys() -> [UInt8] {
        unsafe [UInt8](unsafeUninitializedCapacity: 256) { buffer, count in
            // The call writes no more bytes than the buffer has.
            count = max(0, unsafe read(STDIN_FILENO, buffer.baseAddress, buffer.count))
        }
    }
}
