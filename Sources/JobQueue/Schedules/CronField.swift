/// One of the five fields of a cron line, in the line's order.
enum CronField: CaseIterable, Sendable {
    case minute
    case hour
    case dayOfMonth
    case month
    case dayOfWeek

    var name: String {
        switch self {
        case .minute: "minute"
        case .hour: "hour"
        case .dayOfMonth: "day of month"
        case .month: "month"
        case .dayOfWeek: "day of week"
        }
    }

    /// The numbers that may stand in the field; both 0 and 7 are Sunday.
    var bounds: ClosedRange<Int> {
        switch self {
        case .minute: 0...59
        case .hour: 0...23
        case .dayOfMonth: 1...31
        case .month: 1...12
        case .dayOfWeek: 0...7
        }
    }

    /// What `*` stands for.
    var everything: ClosedRange<Int> { self == .dayOfWeek ? 0...6 : bounds }

    /// The names of the first numbers of the field, in capitals.
    private var names: [String] {
        switch self {
        case .minute, .hour, .dayOfMonth: []
        case .month: ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"]
        case .dayOfWeek: ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"]
        }
    }

    /// Reads a field: a list of numbers, names, ranges and `*`, the latter two with a step at will.
    ///
    /// - Throws: ``CronError`` with the reason.
    func parse(_ text: Substring) throws(CronError) -> CronSet {
        var set = CronSet(isStar: text.first == "*")
        for item in text.split(separator: ",", omittingEmptySubsequences: false) {
            guard !item.isEmpty else { throw fault("\(text.quoted) has a comma with nothing on one side of it") }
            let (range, step) = try stepped(item)
            for number in stride(from: range.lowerBound, through: range.upperBound, by: step) {
                set.insert(self == .dayOfWeek && number == 7 ? 0 : number)
            }
        }
        return set
    }

    // MARK: Private

    private func stepped(_ item: Substring) throws(CronError) -> (range: ClosedRange<Int>, step: Int) {
        let halves = item.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        let range = try range(halves[0])
        guard halves.count == 2 else { return (range, 1) }
        // Programs disagree about 5/15: from 5 to the end, or just 5.
        guard halves[0].contains("-") || halves[0] == "*" else {
            let last = everything.upperBound
            throw fault(
                "a step goes with a range or *: write \(range.lowerBound)-\(last)/… where \(item.quoted) means up to the end"
            )
        }
        guard let step = number(halves[1]), step > 0 else {
            throw fault("the step of \(item.quoted) is no number from 1")
        }
        let widest = everything.upperBound - everything.lowerBound
        guard step <= widest else {
            throw fault("the step of \(item.quoted) is above \(widest), so it would never come to a second \(name)")
        }
        return (range, step)
    }

    private func range(_ text: Substring) throws(CronError) -> ClosedRange<Int> {
        if text == "*" { return everything }
        let ends = text.split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
        let lower = try value(ends[0])
        guard ends.count == 2 else { return lower...lower }
        var upper = try value(ends[1])
        // The week may end on Sunday: SAT-SUN.
        if self == .dayOfWeek, upper == 0, lower > 0 { upper = 7 }
        guard lower <= upper else {
            let (first, last) = (everything.lowerBound, everything.upperBound)
            throw fault("the range \(text.quoted) runs backwards; write \(lower)-\(last),\(first)-\(upper)")
        }
        return lower...upper
    }

    private func value(_ text: Substring) throws(CronError) -> Int {
        if text.utf8.count == 3, let index = names.firstIndex(of: text.uppercased()) {
            return everything.lowerBound + index
        }
        guard let number = number(text) else { throw fault("\(text.quoted) is \(expectation)") }
        guard number <= bounds.upperBound else { throw fault("\(text.quoted) is above \(bounds.upperBound)") }
        guard number >= bounds.lowerBound else { throw fault("\(text.quoted) is below \(bounds.lowerBound)") }
        return number
    }

    /// Plain digits only: `Int` would also take a sign.
    private func number(_ text: Substring) -> Int? {
        guard !text.isEmpty, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
        // So many digits are above every bound.
        return text.utf8.count > 9 ? .max : Int(text)
    }

    private var expectation: String {
        let numbers = "number from \(bounds.lowerBound) to \(bounds.upperBound)"
        guard let first = names.first, let last = names.last else { return "no \(numbers)" }
        return "neither a \(numbers) nor a name from \(first) to \(last)"
    }

    private func fault(_ reason: String) -> CronError { CronError(self, reason) }
}

/// The numbers that a field admits.
struct CronSet: Hashable, Sendable {
    private var bits: UInt64 = 0
    /// Whether the field began with `*`, and so restricts nothing by itself.
    let isStar: Bool

    init(isStar: Bool) { self.isStar = isStar }

    init(allOf field: CronField) {
        self.init(isStar: true)
        for number in field.everything { insert(number) }
    }

    init(only number: Int, of field: CronField) {
        precondition(field.bounds.contains(number), "a number of the field")
        self.init(isStar: false)
        insert(number)
    }

    mutating func insert(_ number: Int) { bits |= 1 << UInt64(number) }

    func contains(_ number: Int) -> Bool { bits & (1 << UInt64(number)) != 0 }

    var count: Int { bits.nonzeroBitCount }

    /// The smallest number; there is always one.
    var first: Int { bits.trailingZeroBitCount }

    /// The smallest number that is not below this one.
    func first(from number: Int) -> Int? {
        guard number < 64 else { return nil }
        let rest = bits & (~0 << UInt64(number))
        return rest == 0 ? nil : rest.trailingZeroBitCount
    }

    /// The greatest number that is not above this one.
    func last(through number: Int) -> Int? {
        guard number >= 0 else { return nil }
        let rest = bits & (~0 >> UInt64(63 - number))
        return rest == 0 ? nil : 63 - rest.leadingZeroBitCount
    }
}
