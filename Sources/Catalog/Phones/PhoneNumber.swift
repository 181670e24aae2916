/// A telephone number as an amenity in China gives it.
package struct PhoneNumber: Sendable, Hashable {
    package enum Kind: String, Sendable {
        /// Area code and subscriber's number, such as 0573 8200 0000.
        case landline
        case mobile
        /// 400: one number for all of China, whose cost caller and owner share.
        case sharedCost = "shared_cost"
        /// 800: free, and only from landlines.
        case tollFree = "toll_free"
        /// Dialled as it is and only in China: 120, 110, 12345, 95588.
        case short
        /// Of another country.
        case foreign
    }

    package let kind: Kind
    /// With country code and plus; `nil` for short numbers, which have no such form.
    package let e164: String?
    /// Digits to dial once the number answers. Text, since zeros at its beginning count.
    package let `extension`: String?
    private let groups: [String]

    /// Of a number in China, without the trunk's 0.
    init(kind: Kind, groups: [String], extension: String?) {
        self.kind = kind
        self.groups = groups
        self.extension = `extension`
        e164 = kind == .short ? nil : "+86" + groups.joined()
    }

    /// Of another country: its digits with the country code.
    init(foreign digits: String, extension: String?) {
        kind = .foreign
        groups = []
        self.extension = `extension`
        e164 = "+" + digits
    }

    /// As it is dialled and written in China.
    package var national: String {
        let number =
            switch kind {
            case .landline: "0" + groups.joined(separator: " ")
            case .mobile, .sharedCost, .tollFree, .short: groups.joined(separator: " ")
            case .foreign: e164 ?? ""
            }
        return number + suffix
    }

    /// As it is written for callers from abroad; `nil` for short numbers, which can't be called from there.
    package var international: String? {
        switch kind {
        case .landline, .mobile, .sharedCost, .tollFree: "+86 " + groups.joined(separator: " ") + suffix
        case .foreign: (e164 ?? "") + suffix
        case .short: nil
        }
    }

    /// Whether a call from abroad can be expected to get through. 400 and 800 numbers have an E.164 form all the same.
    package var isDialableFromAbroad: Bool {
        switch kind {
        case .landline, .mobile, .foreign: true
        case .sharedCost, .tollFree, .short: false
        }
    }

    private var suffix: String { `extension`.map { " ext. \($0)" } ?? "" }
}

/// Why a text is no telephone number.
package enum PhoneNumberError: Error, Sendable, Equatable, CustomStringConvertible {
    case noDigits
    case strangeCharacter(Character)
    /// The number of a subscriber without the area it belongs to.
    case areaCodeMissing
    /// Several numbers, or a slip: more digits than any number has.
    case tooLong
    case notANumber
    case badExtension

    package var description: String {
        switch self {
        case .noDigits: "there is no digit in it"
        case .strangeCharacter(let character): "“\(character)” has no place in a telephone number"
        case .areaCodeMissing: "the area code is missing, such as 0573 for Jiaxing"
        case .tooLong: "it has more digits than a telephone number; give one number at a time"
        case .notANumber: "no telephone number in China has this form; numbers of other countries begin with +"
        case .badExtension: "an extension has 1 to 6 digits"
        }
    }
}
