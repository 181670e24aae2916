extension Int {
    /// With a comma between thousands.
    var grouped: String {
        let digits = String(magnitude)
        var text = ""
        for (index, digit) in digits.enumerated() {
            if index > 0, (digits.count - index).isMultiple(of: 3) { text.append(",") }
            text.append(digit)
        }
        return self < 0 ? "-" + text : text
    }

    /// A size in the unit that suits it.
    var bytesText: String {
        var (size, unit) = (Double(self), 0)
        while size >= 1024, unit < Self.byteUnits.count - 1 { (size, unit) = (size / 1024, unit + 1) }
        return "\(unit == 0 ? grouped : size.shortText) \(Self.byteUnits[unit])"
    }

    private static let byteUnits = ["B", "KiB", "MiB", "GiB", "TiB"]
}

extension Double {
    /// As a reader takes it in: whole from 100 on, else with as many decimals as tell something.
    var shortText: String {
        guard abs(self) < 1e15 else { return "\(self)" }
        if abs(self) >= 100 { return Int(rounded()).grouped }
        let step = abs(self) >= 1 ? 10.0 : 1000.0
        let value = (self * step).rounded() / step
        // What is not nothing does not look like nothing.
        guard value != 0 || self == 0 else { return "\(self)" }
        return value == value.rounded() ? "\(Int(value))" : "\(value)"
    }

    /// A number of seconds in the unit that suits it.
    var ageText: String {
        switch self {
        case ..<10: "\(max(0, (self * 10).rounded() / 10)) s"
        case ..<120: "\(Int(rounded())) s"
        case ..<7200: "\(Int((self / 60).rounded())) min"
        case ..<172_800: "\(Int((self / 3600).rounded())) h"
        default: "\(Int(min(self / 86_400, 1e9).rounded())) d"
        }
    }
}
