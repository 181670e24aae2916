import Catalog
import Testing

@Suite("A telephone number")
struct PhoneNumberTests {
    @Test(
        "is read however it is written, and shown in its national and international form",
        arguments: [
            ("0573-82000000", "+8657382000000", "0573 8200 0000", "+86 573 8200 0000"),
            ("0573-8200-0000", "+8657382000000", "0573 8200 0000", "+86 573 8200 0000"),
            ("+86 573 8200 0000", "+8657382000000", "0573 8200 0000", "+86 573 8200 0000"),
            ("+86 (0)573 8200 0000", "+8657382000000", "0573 8200 0000", "+86 573 8200 0000"),
            ("+8657382000000", "+8657382000000", "0573 8200 0000", "+86 573 8200 0000"),
            ("0086-573-82000000", "+8657382000000", "0573 8200 0000", "+86 573 8200 0000"),
            ("86 573 82000000", "+8657382000000", "0573 8200 0000", "+86 573 8200 0000"),
            ("（０５７３）８２００－００００", "+8657382000000", "0573 8200 0000", "+86 573 8200 0000"),
            ("0573/80003690", "+8657380003690", "0573 8000 3690", "+86 573 8000 3690"),
            ("tel:+86-573-8200-0000", "+8657382000000", "0573 8200 0000", "+86 573 8200 0000"),
            ("021-64068027", "+862164068027", "021 6406 8027", "+86 21 6406 8027"),
            ("010 6406 8027", "+861064068027", "010 6406 8027", "+86 10 6406 8027"),
            ("0578-2030736", "+865782030736", "0578 203 0736", "+86 578 203 0736"),
            ("138 0013 8000", "+8613800138000", "138 0013 8000", "+86 138 0013 8000"),
            ("013800138000", "+8613800138000", "138 0013 8000", "+86 138 0013 8000"),
            ("8613800138000", "+8613800138000", "138 0013 8000", "+86 138 0013 8000"),
            ("400-820-0000", "+864008200000", "400 820 0000", "+86 400 820 0000"),
            ("4008200000", "+864008200000", "400 820 0000", "+86 400 820 0000"),
            ("800 820 1234", "+868008201234", "800 820 1234", "+86 800 820 1234"),
            ("+49 30 1234567", "+49301234567", "+49301234567", "+49301234567"),
            ("00 1 415 555 2671", "+14155552671", "+14155552671", "+14155552671"),
        ]
    )
    func forms(text: String, e164: String, national: String, international: String) throws {
        let number = try PhoneNumber(parsing: text)
        #expect(number.e164 == e164)
        #expect(number.national == national)
        #expect(number.international == international)
        #expect(PhoneNumber(e164: e164) == number)
    }

    @Test(
        "keeps its extension as it is, zeros and all",
        arguments: [
            ("0573-82000000转801", "801"), ("0573-82000000 ext. 0801", "0801"), ("0573-82000000-801", "801"),
            ("+86 573 8200 0000 x12", "12"), ("0573-82000000#5", "5"), ("0573-82000000（分机：801）", "801"),
            ("0573-82000000 内線801", "801"), ("tel:+86-573-82000000;ext=12", "12"), ("028 85553888 轉 0", "0"),
        ]
    )
    func extensions(text: String, expected: String) throws {
        let number = try PhoneNumber(parsing: text)
        #expect(number.extension == expected)
        #expect(number.national.hasSuffix(" ext. \(expected)"))
        #expect(number.international?.hasSuffix(" ext. \(expected)") == true)
        #expect(number.e164?.count == (text.contains("028") ? 13 : 14))
    }

    @Test(
        "short ones have no form for callers from abroad",
        arguments: ["120", "110", "119", "122", "12345", "12320", "95588", "96871", "955880"]
    )
    func short(text: String) throws {
        let number = try PhoneNumber(parsing: text)
        #expect(number.kind == .short && number.national == text)
        #expect(number.e164 == nil && number.international == nil && !number.isDialableFromAbroad)
    }

    @Test(
        "tells whether a call from abroad can get through",
        arguments: [
            ("0573-82000000", PhoneNumber.Kind.landline, true), ("13800138000", .mobile, true),
            ("400-820-0000", .sharedCost, false), ("800-820-0000", .tollFree, false),
            ("+44 20 7946 0000", .foreign, true),
        ]
    )
    func kinds(text: String, kind: PhoneNumber.Kind, isDialable: Bool) throws {
        let number = try PhoneNumber(parsing: text)
        #expect(number.kind == kind && number.isDialableFromAbroad == isDialable)
    }

    @Test("without an area code needs to know where it belongs")
    func area() throws {
        #expect(throws: PhoneNumberError.areaCodeMissing) { try PhoneNumber(parsing: "8000-5678") }
        #expect(try PhoneNumber(parsing: "8000-5678", areaCode: "0573").e164 == "+8657380005678")
        #expect(try PhoneNumber(parsing: "8000-5678", areaCode: "573").e164 == "+8657380005678")
        // A short number stays one, wherever it is dialled.
        #expect(try PhoneNumber(parsing: "120", areaCode: "0573").kind == .short)
    }

    @Test(
        "is refused with a reason where it is none",
        arguments: [
            ("", PhoneNumberError.noDigits), ("+", .noDigits), ("call us", .strangeCharacter("c")),
            ("0573-82000000/82000001", .tooLong), ("+86", .notANumber), ("0573-12", .notANumber),
            ("021-6406802", .notANumber), ("12800138000", .notANumber), ("+1234567890123456", .tooLong),
            ("0573-82000000 ext.", .badExtension), ("0573-82000000转1234567", .badExtension),
            ("+0 123 456 789", .notANumber),
            ("0573-0200 0000", .notANumber), ("''; drop table", .strangeCharacter("'")),
        ] as [(String, PhoneNumberError)]
    )
    func refused(text: String, error: PhoneNumberError) {
        #expect(throws: error) { try PhoneNumber(parsing: text) }
    }
}
