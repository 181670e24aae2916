/// How far a long command is, on stderr and only where somebody watches.
struct ProgressBar {
    private let label: String
    private let isShown = Terminal.showsProgress
    private let start = ContinuousClock.now
    private var isDrawn = false

    /// A bar that flashes up and is gone again only unsettles.
    private static let delay = Duration.milliseconds(400)
    private static let width = 30

    init(_ label: String) { self.label = label }

    /// Draws the part that is done, from 0 to 1.
    mutating func show(_ part: Double) {
        guard isShown, start.duration(to: .now) > Self.delay else { return }
        let filled = Int((min(max(part, 0), 1) * Double(Self.width)).rounded())
        let bar = String(repeating: "█", count: filled) + String(repeating: "░", count: Self.width - filled)
        Terminal.draw("\r\u{1B}[K\(label)  \(bar)  \(Int(part * 100)) %")
        isDrawn = true
    }

    /// Takes the bar away, for what comes next on the terminal.
    mutating func clear() {
        guard isDrawn else { return }
        Terminal.draw("\r\u{1B}[K")
        isDrawn = false
    }
}
