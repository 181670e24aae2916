extension PhoneNumber {
    /// Reads a number as people write it in China or abroad: any grouping, +86, 0086 or 86 before it, the trunk's 0 or
    /// none, full-width characters, an extension behind it (`转801`, `ext. 801`, `内線801`, `-801`).
    ///
    /// - Parameter areaCode: of the place, with or without its 0, for numbers given without one.
    package init(parsing text: String, areaCode: String? = nil) throws(PhoneNumberError) {
        let written = try WrittenPhoneNumber(text)
        if let digits = written.foreignDigits {
            guard (7...15).contains(digits.count), digits.first != "0" else {
                throw digits.count > 15 ? .tooLong : .notANumber
            }
            self.init(foreign: digits, extension: written.extension)
            return
        }
        let area = areaCode.map { $0.hasPrefix("0") ? String($0.dropFirst()) : $0 }
        guard let (kind, groups) = Self.chinese(written.digits, area: area) else {
            if (7...8).contains(written.digits.count) { throw .areaCodeMissing }
            throw written.digits.count > 15 ? .tooLong : .notANumber
        }
        self.init(kind: kind, groups: groups, extension: written.extension)
    }

    /// Reads a number kept in E.164 form.
    package init?(e164: String) {
        guard e164.hasPrefix("+"), let number = try? PhoneNumber(parsing: e164) else { return nil }
        self = number
    }

    /// The kind of a number in China and its digits in the groups in which they are written.
    private static func chinese(_ digits: String, area: String?) -> (Kind, [String])? {
        let hasTrunk = digits.hasPrefix("0")
        let number = hasTrunk ? String(digits.dropFirst()) : digits
        if number.count == 11, let second = number.dropFirst().first, number.hasPrefix("1"), second >= "3" {
            return (.mobile, split(number, 3, 4))
        }
        if !hasTrunk, number.count == 10, number.hasPrefix("400") { return (.sharedCost, split(number, 3, 3)) }
        if !hasTrunk, number.count == 10, number.hasPrefix("800") { return (.tollFree, split(number, 3, 3)) }
        if let groups = landline(number) { return (.landline, groups) }
        if !hasTrunk, isShort(number) { return (.short, [number]) }
        if !hasTrunk, (7...8).contains(number.count), let area, let groups = landline(area + number) {
            return (.landline, groups)
        }
        return nil
    }

    /// Area code and subscriber's number. Two-digit area codes are those of Beijing (10) and nine great cities (2x); all
    /// others have three digits. Subscribers have seven or eight, none begins with 0 or 1.
    private static func landline(_ number: String) -> [String]? {
        let isGreatCity = number.hasPrefix("10") || number.hasPrefix("2") && !number.hasPrefix("26")
        let area = number.prefix(isGreatCity ? 2 : 3)
        let subscriber = number.dropFirst(area.count)
        guard isGreatCity || ("3"..."9").contains(number.prefix(1)), !["400", "800"].contains(area),
            isGreatCity ? subscriber.count == 8 : (7...8).contains(subscriber.count),
            let first = subscriber.first, first >= "2"
        else { return nil }
        return [String(area)] + split(String(subscriber), subscriber.count - 4)
    }

    /// Emergency and service numbers (1xx, 1xxxx), and those of banks, carriers and cities (95xxx, 96xxx, 95xxxx, 96xxxx).
    private static func isShort(_ number: String) -> Bool {
        switch number.count {
        case 3: number.hasPrefix("1")
        case 5: number.hasPrefix("1") || number.hasPrefix("95") || number.hasPrefix("96")
        case 6: number.hasPrefix("95") || number.hasPrefix("96")
        default: false
        }
    }

    private static func split(_ digits: String, _ lengths: Int...) -> [String] {
        var rest = digits[...]
        var groups: [String] = []
        for length in lengths {
            groups.append(String(rest.prefix(length)))
            rest = rest.dropFirst(length)
        }
        return groups + (rest.isEmpty ? [] : [String(rest)])
    }
}
